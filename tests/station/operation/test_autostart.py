from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from common.errors import StationError
from station.operation.autostart import (
    ENTRY,
    UNIT,
    AutostartFile,
    autostart_files,
    desktop_quoted,
    install,
    kiosk_command,
    systemd_quoted,
)

WAIT_S = 30  # for what comes at once; only a failing test waits so long

AWKWARD = 'a "b" 100% $HOME \\n `id` – 家'

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd and XDG are Linux's")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program in an awkward place."""
    program = tmp_path / AWKWARD / "facedesk"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def checked(tool: str, *arguments: str) -> str:
    """What the tool has to say."""
    if shutil.which(tool) is None:
        pytest.skip(f"no {tool} here")
    done = subprocess.run(
        [tool, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr


def test_the_command_is_what_is_installed_here(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(program.with_name("python3")))
    assert kiosk_command(None, None) == [str(program), "kiosk"]
    program.unlink()
    python = str(program.with_name("python3"))
    assert kiosk_command(None, None) == [python, "-P", "-m", "desktop.main", "kiosk"]


def test_home_and_source_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "video.mp4").touch()
    command = kiosk_command(Path("nhà"), "video.mp4")
    tail = ["--home", str(tmp_path / "nhà"), "kiosk", "--source", str(tmp_path / "video.mp4")]
    assert command[-5:] == tail
    for source in ("0", "rtsp://camera/1", "demo"):
        assert kiosk_command(None, source)[-3:] == ["kiosk", "--source", source]


def test_quoting_for_systemd() -> None:
    assert systemd_quoted(["/a b", AWKWARD]) == (r'"/a b" "a \"b\" 100%% $HOME \\n `id` – 家"')


def test_quoting_for_the_desktop() -> None:
    assert desktop_quoted(["/a b", AWKWARD]) == (
        r'"/a b" "a \\"b\\" 100%% \\$HOME \\\\n \\`id\\` – 家"'
    )


def test_systemd_reads_the_unit_as_it_is_meant(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    verify = ("systemd-analyze", "--user", "verify", "--man=no")
    command = [str(program), "--home", AWKWARD, "kiosk"]
    unit = tmp_path / "facedesk-kiosk.service"
    unit.write_text(UNIT.format(command=systemd_quoted(command), restart_s=5), "utf-8")
    assert checked(*verify, str(unit)) == ""
    # When it debugs, it says what it has read, quoted for a shell.
    monkeypatch.setenv("SYSTEMD_LOG_LEVEL", "debug")
    (read,) = re.findall(r"Command Line: (.*)", checked(*verify, str(unit)))
    assert checked("sh", "-c", f"printf '%s|' {read}") == "|".join(["/usr/bin/env", *command, ""])


def test_the_desktop_accepts_the_entry(program: Path, tmp_path: Path) -> None:
    entry = tmp_path / "facedesk-kiosk.desktop"
    entry.write_text(ENTRY.format(command=desktop_quoted([str(program), AWKWARD])), "utf-8")
    assert checked("desktop-file-validate", str(entry)) == ""
    entry.write_text(ENTRY.format(command="program %Z"), "utf-8")
    assert "error" in checked("desktop-file-validate", str(entry))


def test_the_desktop_starts_what_is_meant(program: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    os.mkfifo(out)
    program.write_text(f"#!/bin/sh\nprintf '%s|' \"$0\" \"$@\" > '{out}'\n")
    command = [str(program), "--home", AWKWARD, "kiosk"]
    entry = tmp_path / "facedesk-kiosk.desktop"
    entry.write_text(ENTRY.format(command=desktop_quoted(command)), "utf-8")
    reader = os.open(out, os.O_RDWR)  # so that nothing waits for a program that does not start
    try:
        assert checked("gio", "launch", str(entry)) == ""
        assert select.select([reader], [], [], WAIT_S)[0]
        assert os.read(reader, 4096).decode() == "|".join([*command, ""])
    finally:
        os.close(reader)


@pytest.mark.parametrize(
    ("by", "place", "hint"),
    [
        ("systemd", "systemd/user/facedesk-kiosk.service", "enable --now facedesk-kiosk.service"),
        ("xdg", "autostart/facedesk-kiosk.desktop", "next login"),
    ],
)
def test_what_is_shown_is_what_is_written(by, place: str, hint: str, tmp_path: Path) -> None:
    config = tmp_path / AWKWARD
    (file,) = files = autostart_files(by, Path("/nhà của tôi"), "demo", config)
    assert file.path == config / place
    assert hint in file.hint
    assert '"--home" "/nhà của tôi" "kiosk" "--source" "demo"' in file.text
    assert not config.exists()
    for _ in range(2):
        install(files)
        assert file.path.read_text("utf-8") == file.text
        assert [*file.path.parent.iterdir()] == [file.path]


def test_it_goes_to_the_users_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert autostart_files("xdg", None, None)[0].path.is_relative_to(tmp_path / "config")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert autostart_files("xdg", None, None)[0].path.is_relative_to(tmp_path / ".config")


def test_another_system_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(StationError, match="this is darwin"):
        autostart_files("systemd", None, None)


def test_a_folder_that_cannot_be_written_is_told(read_only_folder: Path) -> None:
    with pytest.raises(StationError, match="permissions"):
        install([AutostartFile(read_only_folder / "autostart" / "a.desktop", "text", "")])


def test_a_disk_without_room_leaves_what_was_there(tmp_path: Path, no_room) -> None:
    there = AutostartFile(tmp_path / "a.desktop", "text", "")
    install([there])
    with no_room(), pytest.raises(StationError, match="to write"):
        install([AutostartFile(there.path, "another", "")])
    assert there.path.read_text() == "text"
    assert [*tmp_path.iterdir()] == [there.path]
