from __future__ import annotations

import stat
from pathlib import Path

import pytest

from common.errors import StationError
from station.people.refusals import Refusals, RefusedBefore
from tests.station.conftest import WallClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "refusals.db"


def test_they_are_there_after_a_restart(path: Path, clock: WallClock) -> None:
    refusals = Refusals(path, clock)
    assert refusals.since(900) == {}
    assert not path.exists()
    refusals.note("ann", 1)
    clock.now += 30
    refusals.note("ann", 2)
    refusals.note("bob", 1)
    clock.now += 5
    again = Refusals(path, clock)
    assert again.since(900) == {"ann": RefusedBefore(2, 5), "bob": RefusedBefore(1, 5)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_old_ones_and_forgiven_ones_are_forgotten(path: Path, clock: WallClock) -> None:
    refusals = Refusals(path, clock)
    refusals.note("ann", 3)
    clock.now += 900
    refusals.note("bob", 1)
    refusals.note("cam", 2)
    refusals.note("cam", 0)
    assert refusals.since(900) == {"bob": RefusedBefore(1, 0)}
    clock.now -= 100
    assert "ann" not in refusals.since(1e9)  # erased, not only passed over


def test_a_clock_that_was_set_back_ends_no_refusal(path: Path, clock: WallClock) -> None:
    refusals = Refusals(path, clock)
    refusals.note("ann", 3)
    clock.now -= 86_400
    assert refusals.since(900) == {"ann": RefusedBefore(3, 0)}
    clock.now += 600
    assert refusals.since(900) == {"ann": RefusedBefore(3, 600)}


def test_a_damaged_file_is_told(path: Path) -> None:
    path.write_bytes(b"no database " * 100)
    with pytest.raises(StationError):
        Refusals(path).since(900)
