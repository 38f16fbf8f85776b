"""Starts the station with the system: makes the files that do it, which are shown before they are
written.

systemd restarts a station that crashed. The desktop's own autostart (XDG) restarts nothing, but
every desktop supports it. One of the two is enough: with both, two stations would want the camera.
systemd's watchdog is not used: the station does not report to it.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from common.errors import StationError
from common.output_file import make_folder, output_file
from common.sentence import Sentence

By = Literal["systemd", "xdg"]
Escapes = dict[str, str | int | None]

RESTART_S = 5

UNIT = """\
[Unit]
Description=Facedesk check-in station
PartOf=graphical-session.target
After=graphical-session.target
# However often it fails, it is tried again.
StartLimitIntervalSec=0

[Service]
ExecStart=:/usr/bin/env {command}
# Left with the administrator's PIN it stays closed.
Restart=on-failure
RestartSec={restart_s}

[Install]
WantedBy=graphical-session.target
"""
"""The unit file, see systemd.service(5). The colon keeps a dollar sign from being read as a
variable. The command is run by `env`, which takes paths with quotes, which systemd refuses, and
with a %: GLib looks for the program before the doubled % is undone."""

ENTRY = """\
[Desktop Entry]
Type=Application
Version=1.0
Name=Facedesk check-in station
Name[vi]=Trạm điểm danh Facedesk
Exec=/usr/bin/env {command}
Terminal=false
"""
"""The autostart entry, see the Desktop Entry Specification and the Desktop Application Autostart
Specification."""


@dataclass(frozen=True)
class AutostartFile:
    """A file that starts the station. path: where it goes. text: its whole content. hint: what to
    do once it is there."""

    path: Path
    text: str
    hint: str


def autostart_files(
    by: By, home: Path | None, source: str | None, config: Path | None = None
) -> list[AutostartFile]:
    """Returns the files that start `facedesk kiosk` for this user. Writes nothing.

    home, source: the options --home and --source, kept where they are given. config: the user's
    folder of configurations, XDG_CONFIG_HOME. Raises StationError where the system is not Linux.
    """
    if sys.platform != "linux":
        raise StationError(
            "a Linux system with systemd or an XDG desktop",
            Sentence("this is {}", sys.platform),
            "Add the command facedesk kiosk to what your system starts by itself",
        )
    config = config or _user_config()
    command = kiosk_command(home, source)
    if by == "systemd":
        unit = config / "systemd" / "user" / "facedesk-kiosk.service"
        return [
            AutostartFile(
                unit,
                UNIT.format(command=systemd_quoted(command), restart_s=RESTART_S),
                "Run now: systemctl --user daemon-reload && "
                f"systemctl --user enable --now {unit.name}\n"
                f"Undo: systemctl --user disable --now {unit.name}; its words: "
                f"journalctl --user -u {unit.name}\n"
                "GNOME and KDE reach graphical-session.target; where a desktop does not, use xdg.",
            )
        ]
    entry = config / "autostart" / "facedesk-kiosk.desktop"
    return [
        AutostartFile(
            entry,
            ENTRY.format(command=desktop_quoted(command)),
            "It starts with the next login; it is not restarted after a crash.\n"
            f"Undo: delete {entry}",
        )
    ]


def _user_config() -> Path:
    given = os.environ.get("XDG_CONFIG_HOME")
    try:
        return Path(given) if given else Path.home() / ".config"
    except RuntimeError as error:
        raise StationError(
            "a home folder of this account",
            "the system names none",
            "Let HOME or XDG_CONFIG_HOME name a folder",
        ) from error


def install(files: Sequence[AutostartFile]) -> None:
    """Writes the files, each whole or not at all. Raises StationError."""
    for file in files:
        make_folder(file.path.parent, StationError)
        with output_file(file.path, StationError, overwrite=True) as fresh:
            fresh.write_text(file.text, "utf-8")


def kiosk_command(home: Path | None, source: str | None) -> list[str]:
    """Returns the command that starts the station as it is installed here, in whatever folder it is
    run."""
    beside_python = Path(sys.executable).parent
    script = shutil.which("facedesk", path=str(beside_python))
    command = [script] if script else [sys.executable, "-P", "-m", "desktop.main"]
    if home is not None:
        command += ["--home", str(home.absolute())]
    command.append("kiosk")
    if source is not None:
        is_file = not source.isdigit() and Path(source).exists()
        command += ["--source", str(Path(source).absolute()) if is_file else source]
    return command


def systemd_quoted(command: Sequence[str]) -> str:
    """Quotes a command as ExecStart= reads it after a colon: C's escapes in quotes, and no
    specifiers."""
    escapes: Escapes = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\t": r"\t", "%": "%%"}
    return " ".join(_quoted(word, escapes) for word in command)


def desktop_quoted(command: Sequence[str]) -> str:
    """Quotes a command as Exec= reads it: with the escapes of the quoting, and around them those of
    every string."""
    within: Escapes = {"\\": r"\\", '"': r"\"", "`": r"\`", "$": r"\$", "%": "%%"}
    around: Escapes = {"\\": r"\\", "\n": r"\n", "\t": r"\t"}
    quoted = " ".join(_quoted(word, within) for word in command)
    return quoted.translate(str.maketrans(around))


def _quoted(word: str, escapes: Escapes) -> str:
    return f'"{word.translate(str.maketrans(escapes))}"'
