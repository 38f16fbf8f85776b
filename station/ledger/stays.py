"""Derives from the ledger's entries what counts: who was there, from when to when, and how long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from common.collation import sort_key
from station.ledger.entry import Entry, Kind

_COUNTING = (Kind.CHECK_IN, Kind.CHECK_OUT)


@dataclass(frozen=True)
class Stay:
    """A person's presence from a check-in to the check-out after it.

    arrived, left: aware datetimes, UTC. None where the check-in, or the check-out, is missing:
    nothing is guessed. For a person who is still there, `left` is None too.
    name: the person's newest name.
    """

    identity_id: str
    name: str
    arrived: datetime | None
    left: datetime | None

    @property
    def is_open(self) -> bool:
        return self.arrived is None or self.left is None


@dataclass(frozen=True)
class PersonDay:
    """A person's day: the local date, and the part of each stay that lies in it.

    arrivals: how many check-ins. open: how many stays lack a check-out or a check-in; they add no
    time.
    """

    day: date
    identity_id: str
    name: str
    present: timedelta
    arrivals: int
    open: int


@dataclass(frozen=True)
class DayTotal:
    """The sums of a local day over all people. people: how many people were there."""

    day: date
    people: int
    present: timedelta
    arrivals: int
    open: int


def amended_by(entries: Iterable[Entry]) -> dict[int, int]:
    """Maps each entry that no longer counts to the entry that undoes or corrects it, by number.

    An undo takes an entry back; a correction takes its place, until it is undone itself. The
    same rule stands in SQL in station.ledger.ledger; a random test checks that they agree.
    entries: all undos and corrections, in any order; other entries make no difference.
    """
    referring = [entry for entry in entries if entry.event.refers_to is not None]
    undone = {e.event.refers_to: e.number for e in referring if e.event.kind is Kind.UNDONE}
    corrected = {
        e.event.refers_to: e.number
        for e in referring
        if e.event.kind is Kind.CORRECTION and e.number not in undone
    }
    return {number: by for number, by in (corrected | undone).items() if number is not None}


def counting(entries: Sequence[Entry]) -> list[Entry]:
    """Returns the check-ins, check-outs and corrections that count, by the time at which they
    happened.

    entries: all of the ledger, since an undo may be written at any later time.
    """
    amended = amended_by(entries)
    found = [e for e in entries if e.counts_as in _COUNTING and e.number not in amended]
    return sorted(found, key=lambda entry: (entry.happened_at, entry.number))


def stays(entries: Sequence[Entry]) -> list[Stay]:
    """Returns the stays of all people, in the order in which they began. A stay in which the clock
    was set back to before its beginning adds no time. entries: the whole ledger."""
    by_person: dict[str, list[Entry]] = defaultdict(list)
    for entry in counting(entries):
        by_person[entry.event.identity_id].append(entry)
    found = [stay for own in by_person.values() for stay in _stays_of_one(_as_it_was(own))]
    return sorted(found, key=_beginning)


def _as_it_was(entries: Sequence[Entry]) -> list[Entry]:
    """Returns a person's entries in the order in which they happened: as they were written, even
    where the clock was set back meanwhile. Corrections stand among them by the time of which they
    speak. entries: by that time."""
    written = [entry for entry in entries if entry.event.kind is not Kind.CORRECTION]
    ordered = sorted(written, key=lambda entry: entry.number)
    for correction in entries:
        if correction.event.kind is Kind.CORRECTION:
            key = correction.happened_at, correction.number
            before = [n for n, e in enumerate(ordered, 1) if (e.happened_at, e.number) < key]
            ordered.insert(before[-1] if before else 0, correction)
    return ordered


def _stays_of_one(entries: list[Entry]) -> Iterator[Stay]:
    newest = max(entries, key=lambda entry: entry.number).event
    who = newest.identity_id, newest.name
    arrived: datetime | None = None
    for entry in entries:
        if entry.counts_as is Kind.CHECK_OUT:
            left = entry.happened_at
            yield Stay(*who, min(arrived, left) if arrived is not None else None, left)
            arrived = None
        else:
            if arrived is not None:
                yield Stay(*who, arrived, None)
            arrived = entry.happened_at
    if arrived is not None:
        yield Stay(*who, arrived, None)


def person_days(
    stays: Iterable[Stay],
    first: date = date.min,
    last: date = date.max,
    zone: tzinfo | None = None,
) -> list[PersonDay]:
    """Returns the days from `first` to `last` on which a person was there, by day and name.

    A stay over midnight is split there. Times are as a stopwatch measures them, also on days when
    the clocks are changed. zone: the time zone of the days; None is the computer's own.
    """
    days: dict[tuple[date, str], PersonDay] = {}
    for stay in stays:
        for part in _parts(stay, zone):
            if first <= part.day <= last:
                key = part.day, part.identity_id
                days[key] = _sum(days[key], part) if key in days else part
    return sorted(days.values(), key=lambda d: (d.day, sort_key(d.name), d.identity_id))


def day_totals(days: Iterable[PersonDay]) -> list[DayTotal]:
    """Returns the sums of each day on which anybody was there, by day."""
    by_day: dict[date, list[PersonDay]] = defaultdict(list)
    for day in days:
        by_day[day.day].append(day)
    return [
        DayTotal(
            day,
            len(own),
            sum((d.present for d in own), timedelta()),
            sum(d.arrivals for d in own),
            sum(d.open for d in own),
        )
        for day, own in sorted(by_day.items())
    ]


def midnight(day: date, zone: tzinfo | None = None) -> datetime:
    """Returns when a local day begins, in UTC. zone: None is the computer's own time zone."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _parts(stay: Stay, zone: tzinfo | None) -> Iterator[PersonDay]:
    who = stay.identity_id, stay.name
    if stay.arrived is None or stay.left is None:
        day = _beginning(stay).astimezone(zone).date()
        yield PersonDay(day, *who, timedelta(), int(stay.arrived is not None), open=1)
        return
    day, arrivals, since = stay.arrived.astimezone(zone).date(), 1, stay.arrived
    while (end := midnight(day + timedelta(days=1), zone)) < stay.left:
        yield PersonDay(day, *who, end - since, arrivals, open=0)
        day, arrivals, since = day + timedelta(days=1), 0, end
    yield PersonDay(day, *who, stay.left - since, arrivals, open=0)


def _sum(one: PersonDay, other: PersonDay) -> PersonDay:
    return PersonDay(
        one.day,
        one.identity_id,
        one.name,
        one.present + other.present,
        one.arrivals + other.arrivals,
        one.open + other.open,
    )


def _beginning(stay: Stay) -> datetime:
    return stay.arrived or stay.left or datetime.max.replace(tzinfo=UTC)


def here_now(stays: Iterable[Stay]) -> list[Stay]:
    """Returns the last stay of each person who came and has not left, by the time of coming.

    stays: all stays, in the order in which they began.
    """
    last: dict[str, Stay] = {stay.identity_id: stay for stay in stays}
    return [stay for stay in last.values() if stay.arrived is not None and stay.left is None]


def last_seen(entries: Sequence[Entry]) -> dict[str, datetime]:
    """Returns when each person last came or went, by id, as far as that counts.

    entries: the whole ledger. The times are aware datetimes.
    """
    return {entry.event.identity_id: entry.happened_at for entry in counting(entries)}
