"""What counts, and how long everyone was there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from common.errors import LedgerError
from station.ledger.entry import Entry, Event, Kind
from station.ledger.ledger import Ledger
from station.ledger.stays import (
    DayTotal,
    PersonDay,
    Stay,
    amended_by,
    counting,
    day_totals,
    midnight,
    person_days,
    stays,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")  # UTC+7, the clocks never change
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def at(text: str, zone: ZoneInfo = HANOI) -> datetime:
    """ "02 08:30" is in November 2026."""
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=zone)


class Written:
    """Entries as a ledger would hold them."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, time: datetime, event: Event) -> int:
        number = len(self.entries) + 1
        self.entries.append(Entry(number, time.astimezone(UTC), event, "", "", ""))
        return number

    def check_in(self, who: str, time: str, zone: ZoneInfo = HANOI) -> int:
        return self.add(at(time, zone), Event(Kind.CHECK_IN, "Door", who.lower(), who))

    def check_out(self, who: str, time: str, zone: ZoneInfo = HANOI) -> int:
        return self.add(at(time, zone), Event(Kind.CHECK_OUT, "Door", who.lower(), who))

    def undo(self, number: int, time: str = "30 12:00") -> int:
        return self.add(at(time), Event(Kind.UNDONE, "Door", "ann", "Ann", refers_to=number))

    def correct(self, number: int | None, who: str, counts_as: Kind, happened_at: str) -> int:
        event = Event(
            Kind.CORRECTION,
            "Office",
            who.lower(),
            who,
            refers_to=number,
            counts_as=counts_as,
            happened_at=at(happened_at).astimezone(UTC),
        )
        return self.add(at("30 12:00"), event)


@pytest.fixture
def written() -> Written:
    return Written()


def stay(who: str, arrived: str | None, left: str | None) -> Stay:
    return Stay(who.lower(), who, *(at(t) if t else None for t in (arrived, left)))


# -- what counts ---------------------------------------------------------------------------


def test_an_undone_check_in_does_not_count(written: Written) -> None:
    first = written.check_in("Ann", "02 08:00")
    written.undo(first)
    again = written.check_in("Ann", "02 09:00")
    assert [entry.number for entry in counting(written.entries)] == [again]
    assert amended_by(written.entries) == {1: 2}


def test_a_correction_stands_in_the_place_of_what_it_corrects(written: Written) -> None:
    written.check_in("Ann", "02 08:00")
    written.check_in("Ann", "02 17:00")
    written.correct(2, "Ann", Kind.CHECK_OUT, "02 16:45")
    assert stays(written.entries) == [stay("Ann", "02 08:00", "02 16:45")]


def test_a_correction_may_change_the_person(written: Written) -> None:
    written.check_in("Ann", "02 08:00")
    written.check_out("Ann", "02 17:00")
    for number, kind, time in ((1, Kind.CHECK_IN, "02 08:00"), (2, Kind.CHECK_OUT, "02 17:00")):
        written.correct(number, "Bob", kind, time)
    assert stays(written.entries) == [stay("Bob", "02 08:00", "02 17:00")]


def test_a_missing_check_out_that_is_added_closes_the_stay(written: Written) -> None:
    written.check_in("Ann", "02 08:00")
    written.check_in("Ann", "03 08:00")
    written.correct(None, "Ann", Kind.CHECK_OUT, "02 17:00")
    assert stays(written.entries) == [
        stay("Ann", "02 08:00", "02 17:00"),
        stay("Ann", "03 08:00", None),
    ]


def test_who_undoes_a_correction_has_the_entry_back(written: Written) -> None:
    written.check_in("Ann", "02 08:00")
    correction = written.correct(1, "Bob", Kind.CHECK_IN, "02 08:00")
    assert [e.event.name for e in counting(written.entries)] == ["Bob"]
    written.undo(correction)
    assert [e.event.name for e in counting(written.entries)] == ["Ann"]


def test_a_correction_of_a_correction_leaves_one_entry(written: Written) -> None:
    written.check_in("Ann", "02 08:00")
    written.correct(1, "Bob", Kind.CHECK_IN, "02 08:00")
    third = written.correct(2, "Cam", Kind.CHECK_IN, "02 08:00")
    assert [e.event.name for e in counting(written.entries)] == ["Cam"]
    written.undo(third)
    assert [e.event.name for e in counting(written.entries)] == ["Bob"]


def test_administration_does_not_count(written: Written) -> None:
    written.add(at("02 08:00"), Event(Kind.ADMINISTRATION, "Door", note="settings changed"))
    assert counting(written.entries) == []
    assert stays(written.entries) == []


def test_the_ledger_counts_as_these_functions_do(tmp_path: Path) -> None:
    """Whatever is written, at random: both know the same entries that count."""
    rng = np.random.default_rng(4)
    clock: Iterator[datetime] = iter(at("02 08:00") + n * HOUR for n in range(10_000))
    kinds = [Kind.CHECK_IN, Kind.CHECK_OUT, Kind.UNDONE, Kind.CORRECTION, Kind.CORRECTION]
    refused = 0
    with closing(Ledger(tmp_path / "checkins.db", lambda: next(clock))) as ledger:
        for n in range(400):
            kind = kinds[rng.integers(len(kinds))]
            event = Event(kind, "Door", f"person {rng.integers(5)}", refers_to=None)
            if kind in (Kind.UNDONE, Kind.CORRECTION):
                is_correction = kind is Kind.CORRECTION
                event = Event(
                    kind,
                    "Door",
                    event.identity_id,
                    refers_to=int(rng.integers(1, n + 2)),
                    counts_as=kinds[rng.integers(2)] if is_correction else None,
                    happened_at=at("01 00:00") + int(rng.integers(24)) * HOUR
                    if is_correction
                    else None,
                )
            try:
                ledger.append(event)
            except LedgerError:
                refused += 1
        entries = list(ledger.entries())
        amended = amended_by(ledger.amendments())
        assert amended == amended_by(entries)
        assert 100 < refused < 300
        for person in range(5):
            own = [e for e in counting(entries) if e.event.identity_id == f"person {person}"]
            written = [e for e in own if e.event.kind is not Kind.CORRECTION]
            assert own
            if written:  # corrections are all of earlier times than what is written
                newest = max(written, key=lambda e: e.number)
            else:
                newest = max(own, key=lambda e: (e.happened_at, e.number))
            assert ledger.newest_of(f"person {person}") == newest


# -- stays ---------------------------------------------------------------------------------


def test_stays_are_pairs_of_each_person(written: Written) -> None:
    written.check_in("Ann", "02 08:00")
    written.check_in("Bob", "02 08:30")
    written.check_out("Ann", "02 12:00")
    written.check_in("Ann", "02 13:00")
    written.check_out("Bob", "02 16:00")
    written.check_out("Ann", "02 17:00")
    assert stays(written.entries) == [
        stay("Ann", "02 08:00", "02 12:00"),
        stay("Bob", "02 08:30", "02 16:00"),
        stay("Ann", "02 13:00", "02 17:00"),
    ]


def test_what_is_missing_is_not_guessed(written: Written) -> None:
    written.check_out("Ann", "01 17:00")
    written.check_in("Ann", "02 08:00")
    written.check_in("Ann", "03 08:00")
    found = stays(written.entries)
    assert found == [
        stay("Ann", None, "01 17:00"),
        stay("Ann", "02 08:00", None),
        stay("Ann", "03 08:00", None),
    ]
    assert all(s.is_open for s in found)
    days = person_days(found, zone=HANOI)
    assert [(d.day.day, d.present, d.arrivals, d.open) for d in days] == [
        (1, timedelta(), 0, 1),
        (2, timedelta(), 1, 1),
        (3, timedelta(), 1, 1),
    ]


def test_namesakes_are_two_people_and_a_new_name_is_one(written: Written) -> None:
    written.add(at("02 08:00"), Event(Kind.CHECK_IN, "Door", "1", "Ann"))
    written.add(at("02 09:00"), Event(Kind.CHECK_IN, "Door", "2", "Ann"))
    written.add(at("02 10:00"), Event(Kind.CHECK_OUT, "Door", "1", "Ann Lê"))
    assert [(s.identity_id, s.name) for s in stays(written.entries)] == [
        ("1", "Ann Lê"),
        ("2", "Ann"),
    ]


def test_a_clock_set_back_leaves_no_open_stay_and_no_negative_one(written: Written) -> None:
    written.check_in("Ann", "02 08:00")
    written.check_in("Bob", "02 09:00")
    written.check_out("Ann", "02 12:00")
    # The clock is set back by four hours.
    written.check_out("Bob", "02 08:30")
    written.check_in("Ann", "02 08:45")
    written.check_out("Ann", "02 13:00")
    assert stays(written.entries) == [
        stay("Ann", "02 08:00", "02 12:00"),
        stay("Bob", "02 08:30", "02 08:30"),
        stay("Ann", "02 08:45", "02 13:00"),
    ]
    days = person_days(stays(written.entries), zone=HANOI)
    assert [(d.name, d.present / HOUR, d.open) for d in days] == [("Ann", 8.25, 0), ("Bob", 0, 0)]


def test_a_clock_that_was_years_ahead_disturbs_one_stay_only(written: Written) -> None:
    written.check_in("Ann", "20 08:00")
    written.check_out("Ann", "02 12:00")
    written.check_in("Ann", "02 13:00")
    written.correct(None, "Ann", Kind.CHECK_OUT, "02 17:00")
    written.check_in("Ann", "03 08:00")
    assert stays(written.entries) == [
        stay("Ann", "02 12:00", "02 12:00"),
        stay("Ann", "02 13:00", "02 17:00"),
        stay("Ann", "03 08:00", None),
    ]


# -- days ----------------------------------------------------------------------------------


def test_a_day_sums_its_stays(written: Written) -> None:
    written.check_in("Ann", "02 08:00")
    written.check_out("Ann", "02 12:00")
    written.check_in("Ann", "02 13:00")
    written.check_out("Ann", "02 17:30")
    written.check_in("Ann", "02 20:00")
    assert person_days(stays(written.entries), zone=HANOI) == [
        PersonDay(date(2026, 11, 2), "ann", "Ann", 8.5 * HOUR, 3, 1)
    ]


def test_a_stay_over_midnight_is_split_there(written: Written) -> None:
    written.check_in("Ann", "02 22:00")
    written.check_out("Ann", "04 06:30")
    days = person_days(stays(written.entries), zone=HANOI)
    assert [(d.day.day, d.present / HOUR, d.arrivals, d.open) for d in days] == [
        (2, 2, 1, 0),
        (3, 24, 0, 0),
        (4, 6.5, 0, 0),
    ]


def test_a_stay_that_ends_at_midnight_does_not_reach_the_next_day(written: Written) -> None:
    written.check_in("Ann", "02 22:00")
    written.check_out("Ann", "03 00:00")
    (day,) = person_days(stays(written.entries), zone=HANOI)
    assert (day.day.day, day.present) == (2, 2 * HOUR)


def test_days_are_those_of_the_zone(written: Written) -> None:
    written.check_in("Ann", "02 01:00")  # it is still the 1st in Berlin, 19:00
    written.check_out("Ann", "02 07:00")
    (in_hanoi,) = person_days(stays(written.entries), zone=HANOI)
    in_berlin = person_days(stays(written.entries), zone=BERLIN)
    assert (in_hanoi.day.day, in_hanoi.present) == (2, 6 * HOUR)
    assert [(d.day.day, d.present) for d in in_berlin] == [(1, 5 * HOUR), (2, HOUR)]


@pytest.mark.parametrize(("day", "hours"), [("2026-10-25", 25), ("2026-03-29", 23)])
def test_the_clocks_are_changed(day: str, hours: int) -> None:
    midday = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=BERLIN)
    long = Stay("ann", "Ann", midday - timedelta(days=1), midday + timedelta(days=1))
    assert [d.present / HOUR for d in person_days([long], zone=BERLIN)] == [12, hours, 12]


def test_the_computers_own_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Ho_Chi_Minh")
    time.tzset()
    try:
        assert midnight(date(2026, 11, 2)) == at("02 00:00")
        (day,) = person_days([stay("Ann", "02 01:00", "02 23:00")])
        assert (day.day.day, day.present) == (2, 22 * HOUR)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_only_the_days_that_are_asked_for() -> None:
    long = stay("Ann", "02 12:00", "05 12:00")
    days = person_days([long], date(2026, 11, 3), date(2026, 11, 4), HANOI)
    assert [(d.day.day, d.present / HOUR) for d in days] == [(3, 24), (4, 24)]


def test_day_totals(written: Written) -> None:
    for who, out in (("Ann", "02 17:00"), ("Bob", "02 16:00")):
        written.check_in(who, "02 08:00")
        written.check_out(who, out)
    written.check_in("Ann", "03 08:00")
    days = person_days(stays(written.entries), zone=HANOI)
    assert [d.name for d in days] == ["Ann", "Bob", "Ann"]
    assert day_totals(days) == [
        DayTotal(date(2026, 11, 2), 2, 17 * HOUR, 2, 0),
        DayTotal(date(2026, 11, 3), 1, timedelta(), 1, 1),
    ]
    assert day_totals([]) == []
