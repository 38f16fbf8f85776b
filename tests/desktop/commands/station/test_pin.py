from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import pytest

from station.ledger.ledger import Ledger
from station.secrets.pin import PinGuard


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):
    """typed(text): what comes from the input, which is no terminal."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_set_and_remove(run, typed, home: Path) -> None:
    typed("739164\n")
    told = run("pin")
    assert (told.code, told.out, told.err) == (0, "The PIN is set.\n", "")
    guard = PinGuard(home / "pin.db")
    assert guard.check("739164").ok
    told = run("pin", "--remove")
    assert (told.code, told.out) == (0, "There is no PIN any more.\n")
    assert not guard.is_set


@pytest.mark.parametrize("text", ["1234\n", "", "no digits\n"])
def test_a_weak_pin_changes_nothing(run, typed, home: Path, text: str) -> None:
    typed("739164\n")
    run("pin")
    typed(text)
    told = run("pin")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("Expected a PIN of 4 to 12 digits")
    assert PinGuard(home / "pin.db").check("739164").ok


def test_at_a_terminal_it_is_asked_for_twice_and_unseen(
    run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers = iter(["739164", "739165", "739164", "739164"])
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda prompt: next(answers))
    told = run("pin")
    assert (told.code, told.out) == (0, "The PIN is set.\n")
    assert PinGuard(home / "pin.db").check("739164").ok
    assert not list(answers)


def test_both_are_in_the_ledger_and_the_pin_is_not(run, typed, home: Path) -> None:
    home.mkdir()
    Ledger(home / "checkins.db").close()
    typed("739164\n")
    run("pin")
    run("pin", "--remove")
    with closing(Ledger(home / "checkins.db")) as ledger:
        assert [entry.event.note for entry in ledger.entries()] == ["PIN set", "PIN removed"]
    assert not any(b"739164" in file.read_bytes() for file in home.iterdir())
