"""What an administrator changes by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from common.errors import LedgerError
from gallery.identity import Identity
from station.ledger import amending
from station.ledger.entry import Event, Kind, Means
from station.ledger.ledger import Ledger

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ANNA, BERTA = (Identity(digit * 32, name, NOW) for digit, name in (("a", "Anna"), ("b", "Berta")))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "checkins.db", clock=lambda: NOW)
    yield opened
    opened.close()


def test_what_is_missing_is_added(ledger: Ledger) -> None:
    at = NOW - timedelta(hours=4)
    entry = amending.add(ledger, "Desk", ANNA, Kind.CHECK_IN, at, "  forgot ")
    assert entry.event == Event(
        Kind.CORRECTION,
        "Desk",
        ANNA.id,
        "Anna",
        Means.OPERATOR,
        counts_as=Kind.CHECK_IN,
        happened_at=at,
        note="forgot",
    )


def test_only_what_is_said_is_corrected(ledger: Ledger) -> None:
    number = ledger.append(Event(Kind.CHECK_IN, "Desk", ANNA.id, "Anna")).number
    entry = amending.correct(ledger, "Desk", number, "it was Berta", person=BERTA)
    assert (entry.event.name, entry.counts_as, entry.happened_at) == ("Berta", Kind.CHECK_IN, NOW)
    with pytest.raises(LedgerError, match="has undone or corrected it already"):
        amending.undo(ledger, "Desk", number, "late")
    amending.undo(ledger, "Desk", entry.number, "it was Anna")
    newest = ledger.newest_of(ANNA.id)
    assert newest is not None
    assert newest.number == number


def test_without_a_reason_nothing_is_written(ledger: Ledger) -> None:
    number = ledger.append(Event(Kind.CHECK_IN, "Desk", ANNA.id, "Anna")).number
    for change in (
        lambda: amending.add(ledger, "Desk", ANNA, Kind.CHECK_OUT, NOW, " "),
        lambda: amending.correct(ledger, "Desk", number, "", direction=Kind.CHECK_OUT),
        lambda: amending.undo(ledger, "Desk", number, "\n"),
    ):
        with pytest.raises(LedgerError, match="reason"):
            change()
    assert ledger.verify().intact == 1
