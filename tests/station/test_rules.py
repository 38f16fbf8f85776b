from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from common.clock import Clock
from station.hours import OpeningHours
from station.ledger.entry import Event, Kind
from station.rules import Rules, direction_of
from station.screen import Direction, Refusal
from tests.station.conftest import ZONE, FakeLedger, FakeTime

MONDAY = 2  # of March 2026


@dataclass(frozen=True)
class Ruled:
    """What the rules of a station are."""

    by_turns: bool = True
    once_minutes: float = 5
    opening_hours: str = ""

    def rules(self, ledger: FakeLedger, clock: Clock) -> Rules:
        return Rules(
            ledger,
            clock,
            by_turns=self.by_turns,
            once=timedelta(minutes=self.once_minutes),
            hours=OpeningHours.parse(self.opening_hours),
        )


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def ledger(time: FakeTime) -> FakeLedger:
    return FakeLedger(time)


@pytest.fixture
def come(time: FakeTime, ledger: FakeLedger) -> Callable[[Ruled, int, str], str]:
    def come(ruled: Ruled, day: int, clock: str) -> str:
        """What An's coming at this time makes: "in", "out", "already" or "closed"."""
        there = datetime.fromisoformat(f"2026-03-{day:02} {clock}").replace(tzinfo=ZONE)
        time.pass_((there - time.wall).total_seconds())
        rules = ruled.rules(ledger, time.clock)
        plan = rules.plan("id-an")
        if isinstance(plan, Refusal):
            return "closed"
        if not isinstance(plan, Direction):
            return "already"
        kind = Kind.CHECK_IN if plan is Direction.IN else Kind.CHECK_OUT
        ledger.append(Event(kind, "Entrance", "id-an", "An"))
        return plan.name.lower()

    return come


Come = Callable[[Ruled, int, str], str]

BY_TURNS = Ruled()


def test_a_forgotten_check_out_does_not_make_the_next_arrival_one(come: Come) -> None:
    assert come(BY_TURNS, MONDAY, "08:00") == "in"
    assert come(BY_TURNS, MONDAY + 1, "08:00") == "in"
    assert come(BY_TURNS, MONDAY + 1, "17:00") == "out"


def test_the_day_is_the_local_one(come: Come) -> None:
    assert come(BY_TURNS, MONDAY, "06:00") == "in"  # 23:00 of Sunday in UTC
    assert come(BY_TURNS, MONDAY, "08:00") == "out"


def test_a_night_shift_is_one_day_where_the_hours_say_so(come: Come) -> None:
    nights = Ruled(opening_hours="Mon-Fri 21:30-06:30")
    assert come(nights, MONDAY, "21:50") == "in"
    assert come(nights, MONDAY + 1, "06:05") == "out"
    assert come(nights, MONDAY + 1, "21:50") == "in"
    assert come(nights, MONDAY + 2, "21:50") == "in"


def test_without_such_hours_a_shift_may_go_on_after_midnight(come: Come) -> None:
    assert come(BY_TURNS, MONDAY, "21:50") == "in"
    assert come(BY_TURNS, MONDAY + 1, "06:05") == "out"
    assert come(BY_TURNS, MONDAY + 1, "18:00") == "in"
    assert come(BY_TURNS, MONDAY + 2, "06:05") == "in"  # longer than a shift: it was forgotten


def test_who_is_in_may_go_after_the_night_shift_has_ended(come: Come) -> None:
    nights = Ruled(opening_hours="Mon-Fri 22:00-06:00")
    assert come(nights, MONDAY, "22:05") == "in"
    assert come(nights, MONDAY + 1, "06:40") == "out"
    assert come(nights, MONDAY + 1, "06:50") == "closed"
    assert come(nights, MONDAY + 1, "22:05") == "in"
    assert come(nights, MONDAY + 2, "15:00") == "out"
    shifts = Ruled(opening_hours="06:00-14:00; 14:00-22:00; 22:00-06:00")
    assert come(shifts, MONDAY + 2, "22:05") == "in"
    assert come(shifts, MONDAY + 3, "06:10") == "out"  # though the next shift has begun


def test_who_is_in_may_go_after_hours_on_another_day(come: Come) -> None:
    days = Ruled(opening_hours="Mon-Fri 07:00-19:00")
    assert come(days, MONDAY, "14:00") == "in"
    assert come(days, MONDAY + 1, "00:30") == "out"
    assert come(days, MONDAY + 4, "14:00") == "in"
    assert come(days, MONDAY + 5, "16:00") == "out"
    only_in = Ruled(by_turns=False, opening_hours="Mon-Fri 07:00-19:00")
    assert come(only_in, MONDAY + 7, "14:00") == "in"
    assert come(only_in, MONDAY + 7, "20:00") == "closed"


def test_a_clock_set_back_by_days_leaves_nobody_in(
    come: Come, time: FakeTime, ledger: FakeLedger
) -> None:
    assert come(BY_TURNS, MONDAY + 3, "08:00") == "in"
    assert come(BY_TURNS, MONDAY + 1, "16:00") == "out"
    assert come(BY_TURNS, MONDAY + 2, "08:00") == "in"


def test_nobody_comes_in_outside_the_hours_but_who_is_in_may_go(come: Come) -> None:
    days = Ruled(opening_hours="Mon-Fri 07:00-19:00")
    assert come(days, MONDAY, "06:50") == "closed"
    assert come(days, MONDAY, "18:00") == "in"
    assert come(days, MONDAY, "19:30") == "out"
    assert come(days, MONDAY, "19:40") == "closed"


def test_once_in_so_many_minutes(come: Come) -> None:
    ruled = Ruled(once_minutes=30)
    assert come(ruled, MONDAY, "08:00") == "in"
    assert come(ruled, MONDAY, "08:29") == "already"
    assert come(ruled, MONDAY, "08:31") == "out"
    assert come(ruled, MONDAY, "08:32") == "already"


def test_once_goes_on_over_midnight(come: Come) -> None:
    assert come(BY_TURNS, MONDAY, "23:58") == "in"
    assert come(BY_TURNS, MONDAY + 1, "00:01") == "already"


def test_zero_minutes_is_each_time(come: Come) -> None:
    ruled = Ruled(once_minutes=0, by_turns=False)
    assert [come(ruled, MONDAY, "08:00") for _ in range(3)] == ["in", "in", "in"]


def test_an_undone_row_does_not_count(come: Come, ledger: FakeLedger) -> None:
    assert come(BY_TURNS, MONDAY, "08:00") == "in"
    ledger.append(Event(Kind.UNDONE, "Entrance", "id-an", "An", refers_to=1))
    assert come(BY_TURNS, MONDAY, "08:01") == "in"


def test_what_was_written_here_is_as_old_as_the_seconds_say(
    time: FakeTime, ledger: FakeLedger
) -> None:
    rules = BY_TURNS.rules(ledger, time.clock)
    entry = ledger.append(Event(Kind.CHECK_IN, "Entrance", "id-an", "An"))
    rules.written(entry)
    time.pass_(60)
    time.wall += timedelta(hours=2)
    assert rules.plan("id-an") is entry
    time.wall -= timedelta(hours=2, minutes=59)
    assert rules.plan("id-an") is entry
    time.pass_(3600)  # the wall shows again what it did when the entry was written
    assert rules.plan("id-an") is Direction.OUT


def test_summer_time_changes_no_day(time: FakeTime, ledger: FakeLedger) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    time.wall = datetime(2026, 3, 28, 18, 30, tzinfo=berlin)
    clock = type(time.clock)(time.clock.seconds, time.clock.now, berlin)
    rules = Ruled(once_minutes=0).rules(ledger, clock)
    ledger.append(Event(Kind.CHECK_IN, "Entrance", "id-an", "An"))
    time.wall = datetime(2026, 3, 29, 8, 30, tzinfo=berlin)
    assert rules.plan("id-an") is Direction.IN


def test_a_correction_counts_as_what_it_says_and_then_when_it_says(
    come: Come, ledger: FakeLedger, time: FakeTime
) -> None:
    assert come(BY_TURNS, MONDAY, "08:00") == "in"
    time.pass_(9 * 3600)
    correction = Event(
        Kind.CORRECTION,
        "Entrance",
        "id-an",
        "An",
        counts_as=Kind.CHECK_OUT,
        happened_at=time.clock.now() - timedelta(hours=5),
    )
    ledger.append(correction)
    assert come(BY_TURNS, MONDAY, "17:00") == "in"


def test_the_direction_of_an_entry(ledger: FakeLedger) -> None:
    out = ledger.append(Event(Kind.CHECK_OUT, "Entrance", "id-an", "An"))
    assert direction_of(out) is Direction.OUT
