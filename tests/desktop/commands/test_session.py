from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop.commands.session import Session, last_word
from desktop.home import Home
from models.conversion.preparation import PreparationProgress, PreparationStep


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


STEPS = [
    *(PreparationProgress(PreparationStep.FETCHING, number, 2) for number in (1, 2)),
    *(PreparationProgress(PreparationStep.CONVERTING, number, 3) for number in (1, 2, 3)),
    PreparationProgress(PreparationStep.COMPILING, 3, 3),
]


def test_each_step_of_a_first_start_is_told_in_one_line(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    for step in STEPS:
        session.preparation._tell(step)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "Fetching the models, once: 2 packages.\nPreparing the models, once: 3 models.\n"
    )


def test_on_a_terminal_it_counts(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    for step in STEPS[:2] + STEPS[-2:]:
        session.preparation._tell(step)
    assert terminal.text == (
        "\rFetching the models, once: 1 of 2\rFetching the models, once: 2 of 2\n"
        "\rPreparing the models, once: 3 of 3\n"
    )


def test_the_last_word_stands_out(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    last_word("Install something.")
    assert terminal.text == "\n\x1b[1mInstall something.\x1b[0m\n"
