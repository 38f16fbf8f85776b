from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop.commands.session import Session, last_word
from desktop.home import Home


class Terminal:
    """Of stderr: what was written to it."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(Home(tmp_path, tmp_path))


def test_a_first_start_is_told_in_one_line(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (1, 2, 3):
        session.preparation._tell(number, 3)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "Preparing 3 models, once; this takes about half a minute.\n"


def test_on_a_terminal_it_counts(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    for number in (1, 2):
        session.preparation._tell(number, 2)
    assert terminal.text == (
        "\rPreparing the models, once: 1 of 2\rPreparing the models, once: 2 of 2\n"
    )


def test_the_last_word_stands_out(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    last_word("Install something.")
    assert terminal.text == "\n\x1b[1mInstall something.\x1b[0m\n"
