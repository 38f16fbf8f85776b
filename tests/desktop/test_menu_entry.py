from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from common.errors import SettingsError
from desktop.main import main
from desktop.menu_entry import MenuEntry, menu_entry, program


def exec_of(file: Path) -> list[str]:
    """As a desktop reads the key: first the string, then the arguments, then the field codes."""
    (line,) = (line for line in file.read_text("utf-8").splitlines() if line.startswith("Exec="))
    text = line.removeprefix("Exec=").replace("\\\\", "\\")
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', text)
    return [re.sub(r"\\(.)", r"\1", word).replace("%%", "%") for word in quoted]


@pytest.fixture
def entry(tmp_path: Path) -> MenuEntry:
    return MenuEntry(tmp_path / "dữ liệu")


@pytest.mark.parametrize(
    "command",
    [
        ["/opt/facedesk/bin/facedesk"],
        ["/home/Ánh Nguyễn/my venv/bin/facedesk", "--home", '/a "b" $c `d` 100%/e\\f'],
    ],
)
def test_what_is_started_is_this_installation(entry: MenuEntry, command: list[str]) -> None:
    entry.install(command)
    assert exec_of(entry.file) == command
    assert entry.icon.read_text("utf-8").startswith("<svg")
    if tool := shutil.which("desktop-file-validate"):
        subprocess.run([tool, str(entry.file)], check=True)


def test_it_is_installed_again_over_itself_and_removed(entry: MenuEntry) -> None:
    entry.install(["/old/facedesk"])
    entry.install(["/new/facedesk"])
    assert exec_of(entry.file) == ["/new/facedesk"]
    assert entry.remove()
    assert not entry.file.exists()
    assert not entry.icon.exists()
    assert not entry.remove()


def test_the_entry_of_another_program_stays(entry: MenuEntry) -> None:
    entry.file.parent.mkdir(parents=True)
    entry.file.write_text("[Desktop Entry]\nName=Another\n", "utf-8")
    for change in (lambda: entry.install(["x"]), entry.remove):
        with pytest.raises(SettingsError, match="another program"):
            change()
    assert "Another" in entry.file.read_text("utf-8")
    assert not entry.icon.exists()


def test_it_goes_where_the_user_keeps_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    file = tmp_path / "applications" / "facedesk.desktop"
    for arguments, code, there in (
        (["--home", str(tmp_path / "h"), "--install-menu"], 0, True),
        (["--install-menu", "--remove-menu"], 2, True),
        (["--remove-menu"], 0, False),
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == code
        assert file.exists() is there
        if there:
            assert exec_of(file) == [*program(), "--home", str(tmp_path / "h")]
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert menu_entry().data == tmp_path / ".local" / "share"
    assert "out of the menu" in capsys.readouterr().out


@pytest.mark.parametrize(("platform", "told"), [("win32", "shortcut"), ("darwin", "Automator")])
def test_other_systems_are_told_what_to_do(
    platform: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(SettingsError, match=told):
        menu_entry()
