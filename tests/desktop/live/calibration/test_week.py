from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from desktop.home import Home
from desktop.live.calibration.week import WeekOfVisits, read_week
from gallery.identity import Identity, Match
from gallery.likeness.impostors import Impostors
from recognition.recognizer import Recognizer
from station.ledger.entry import Event, Kind, Means
from station.ledger.ledger import Ledger
from tests.desktop.conftest import ANNA

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)

Write = Callable[..., int]


@pytest.fixture
def write(home: Home) -> Iterator[Write]:
    """Writes an entry so many days ago."""
    home.folder.mkdir(exist_ok=True)
    at = NOW
    with closing(Ledger(home.checkins, clock=lambda: at)) as ledger:

        def write(days: float, kind: Kind = Kind.CHECK_IN, **options: object) -> int:
            nonlocal at
            at = NOW - timedelta(days=days)
            return ledger.append(Event(kind, "Door", "0" * 32, "Ann", **options)).number  # type: ignore[arg-type]

        yield write


def test_nothing_is_known_where_no_station_ran(home: Home, load: Callable[[], Recognizer]) -> None:
    with closing(load().gallery) as gallery:
        week = read_week(home, gallery, NOW)
    assert week.is_empty
    assert not home.checkins.exists()
    assert not home.impostors.exists()


def test_the_visits_of_a_week(
    home: Home,
    load: Callable[[], Recognizer],
    write: Write,
    enrolled: Callable[..., list[Identity]],
) -> None:
    (anna,) = enrolled(Anna=ANNA)
    write(9, similarity=0.9, threshold=0.4)
    write(6, similarity=0.5, threshold=0.4)
    write(5, similarity=0.42, threshold=0.4)
    undone = write(4, similarity=0.41, threshold=0.4)
    write(4, Kind.UNDONE, refers_to=undone)
    write(3, means=Means.CODE)
    write(2, Kind.ADMINISTRATION, note="renamed", means=Means.OPERATOR)
    with closing(load().gallery) as gallery:
        times = iter((NOW - timedelta(days=20), NOW - timedelta(days=1)))
        with closing(Impostors(home.impostors, gallery.model_id, lambda: next(times))) as kept:
            for similarity in (0.9, 0.45):
                kept.add(Match(anna, similarity, 0.4, None))
        week = read_week(home, gallery, NOW)
    assert week == WeekOfVisits(((0.5, 0.4), (0.42, 0.4)), ((0.45, 0.4),), by_code=1, undone=1)


def test_what_another_threshold_would_have_done() -> None:
    week = WeekOfVisits(((0.5, 0.4), (0.42, 0.4)), ((0.45, 0.4),))
    outcomes = [
        (week.at(c).named, week.at(c).asked, week.at(c).mistaken, week.at(c).spared)
        for c in (-0.1, 0.0, 0.03, 0.06, 0.2)
    ]
    assert outcomes == [(2, 0, 1, 0), (2, 0, 1, 0), (1, 1, 1, 0), (1, 1, 0, 1), (0, 2, 0, 1)]
