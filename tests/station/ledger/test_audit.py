from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gallery.identity import Identity
from station.ledger.audit import Audit
from station.ledger.entry import Entry, Kind, Means
from station.ledger.ledger import Ledger, count_rows

ANN = Identity("a" * 32, "Nguyễn Ánh", datetime(2026, 3, 1, tzinfo=UTC), "")


@pytest.fixture
def path(home: Path) -> Path:
    return home / "checkins.db"


@pytest.fixture
def told() -> list[str]:
    return []


def entries(path: Path) -> list[Entry]:
    with closing(Ledger(path)) as ledger:
        assert ledger.verify().damage is None
        return list(ledger.entries())


def test_an_act_is_a_row(path: Path, told: list[str]) -> None:
    audit = Audit(path, "Cửa chính", told.append, begins_ledger=True)
    audit.note("PIN set")
    audit.note("renamed from Ann", ANN)
    pin, renamed = (entry.event for entry in entries(path))
    assert (pin.kind, pin.means, pin.station) == (Kind.ADMINISTRATION, Means.OPERATOR, "Cửa chính")
    assert (pin.identity_id, pin.name, pin.note) == ("", "", "PIN set")
    assert (renamed.identity_id, renamed.name, renamed.note) == (
        *(ANN.id, ANN.name),
        "renamed from Ann",
    )
    assert told == []
    assert count_rows(path) == 2


def test_where_there_is_no_station_there_is_no_ledger(path: Path, told: list[str]) -> None:
    Audit(path, "Door", told.append).note("PIN set")
    assert not path.exists()
    assert told == []
    assert count_rows(path) == 0


def test_a_ledger_that_fails_is_told(path: Path, told: list[str], no_room) -> None:
    audit = Audit(path, "Door", told.append, begins_ledger=True)
    audit.note("PIN set")
    with no_room():
        audit.note("removed", ANN)
    assert len(entries(path)) == 1
    (message,) = told
    assert message.startswith("What was done stands, but the ledger does not have it. Expected ")
    path.write_bytes(b"something else" * 1000)
    audit.note("PIN removed")
    assert "of another kind" in told[1]
