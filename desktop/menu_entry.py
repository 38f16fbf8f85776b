"""Puts the program into the desktop's menu of programs, for this user, and takes it out again.

Format: freedesktop.org's Desktop Entry Specification 1.5 and Icon Theme Specification.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from common.errors import SettingsError
from common.output_file import make_folder, output_file
from common.sentence import Sentence

ICON = Path(__file__).parent / "shared" / "icons" / "facedesk.svg"
NAME = "facedesk"

_MARK = "X-Facedesk=true"
"""Stands in each entry that the program has written: no other file is written over or deleted."""

_CHECK_S = 10
_RESERVED = '"`$\\'


@dataclass(frozen=True)
class MenuEntry:
    """The two files of a menu entry. data: the folder that XDG_DATA_HOME names."""

    data: Path

    @property
    def file(self) -> Path:
        return self.data / "applications" / f"{NAME}.desktop"

    @property
    def icon(self) -> Path:
        return self.data / "icons" / "hicolor" / "scalable" / "apps" / f"{NAME}.svg"

    def install(self, command: list[str]) -> None:
        """Write both, in place of those of an earlier installation of this program.

        Raises SettingsError where another program's file is there, or it cannot be written, and
        where the system's desktop-file-validate finds fault with the entry.
        """
        self._refuse_another()
        for path in (self.icon, self.file):
            make_folder(path.parent, SettingsError)
        text = _entry(command)
        for path, content in ((self.icon, ICON.read_text("ascii")), (self.file, text)):
            with output_file(path, SettingsError, overwrite=True) as fresh:
                fresh.write_text(content, "utf-8")
        _validate(self.file)
        _tell_desktop(self.file.parent)

    def remove(self) -> bool:
        """Delete both; return whether there was an entry. Raises SettingsError as install does."""
        self._refuse_another()
        was_there = self.file.exists()
        if was_there:
            for path in (self.file, self.icon):
                path.unlink(missing_ok=True)
            _tell_desktop(self.file.parent)
        return was_there

    def _refuse_another(self) -> None:
        if self.file.exists() and _MARK not in self.file.read_text("utf-8", "replace"):
            raise SettingsError(
                Sentence("an entry of this program at {}", self.file),
                "another program has written the file that is there",
                "Move it away",
            )


def menu_entry() -> MenuEntry:
    """Return this user's. Raises SettingsError on a system whose menus are made otherwise."""
    if sys.platform == "win32":
        raise SettingsError(
            "a desktop whose menu is made of .desktop files",
            "this is Windows",
            Sentence("Make a shortcut to {}, and drag it to the Start menu", program()[0]),
        )
    if sys.platform == "darwin":
        raise SettingsError(
            "a desktop whose menu is made of .desktop files",
            "this is macOS",
            Sentence(
                "Make an application of {} in Automator, and keep it in the Dock", program()[0]
            ),
        )
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    if not data.is_absolute():  # as the specification says of a relative path
        data = Path("~/.local/share").expanduser()
    return MenuEntry(data)


def program() -> list[str]:
    """Return the command that starts this installation, of its own virtual environment."""
    script = Path(sysconfig.get_path("scripts")) / NAME
    if script.is_file():
        return [str(script)]
    return [sys.executable, "-P", "-m", "desktop.main"]


def _entry(command: list[str]) -> str:
    return "\n".join(
        (
            "[Desktop Entry]",
            "Type=Application",
            "Version=1.5",
            "Name=Facedesk",
            "GenericName=Face recognition",
            "GenericName[vi]=Nhận diện khuôn mặt",
            "Comment=Recognizes people at a webcam; nothing is sent anywhere",
            "Comment[vi]=Nhận ra người quen trước webcam; không gửi gì đi đâu",
            f"Exec={_value(' '.join(map(_argument, command)))}",
            f"Icon={NAME}",
            "Terminal=false",
            "Categories=Utility;",
            f"StartupWMClass={NAME}",
            _MARK,
            "",
        )
    )


def _argument(text: str) -> str:
    """Return one argument of Exec, quoted: the specification's section "The Exec key"."""
    escaped = "".join(f"\\{char}" if char in _RESERVED else char for char in text)
    return f'"{escaped}"'.replace("%", "%%")


def _value(text: str) -> str:
    """Return a value of the type string: a backslash is written twice."""
    return text.replace("\\", "\\\\")


def _validate(file: Path) -> None:
    tool = shutil.which("desktop-file-validate")
    if tool is None:
        return
    said = subprocess.run(
        [tool, str(file)], capture_output=True, text=True, timeout=_CHECK_S, check=False
    )
    if said.returncode:
        raise SettingsError(
            Sentence("a valid menu entry in {}", file),
            Sentence("desktop-file-validate says: {}", (said.stdout + said.stderr).strip()),
            "Report it as a fault of Facedesk",
        )


def _tell_desktop(folder: Path) -> None:
    """Let the desktop read its folder again, where it has a tool for that; most notice it."""
    tool = shutil.which("update-desktop-database")
    if tool is not None:
        subprocess.run([tool, str(folder)], capture_output=True, timeout=_CHECK_S, check=False)
