"""Reads from the ledger what the check-ins view shows. Imports no Qt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from common.collation import sort_key
from station.ledger.entry import Entry, Kind
from station.ledger.ledger import Ledger
from station.ledger.stays import PersonDay, Stay, amended_by, here_now, person_days, stays

_SHOWN = (Kind.CHECK_IN, Kind.CHECK_OUT)


@dataclass(frozen=True)
class CheckIn:
    """A check-in, check-out or correction.

    amended_by: the number of the entry that undoes or corrects it; None while it counts.
    is_undone: whether that entry is an undo.
    """

    entry: Entry
    amended_by: int | None = None
    is_undone: bool = False

    @property
    def day(self) -> date:
        """The local day, in the computer's own time zone."""
        return self.entry.happened_at.astimezone().date()


@dataclass(frozen=True)
class PersonTotal:
    """One person's sums over the days on show."""

    name: str
    days: int
    present: timedelta
    arrivals: int
    open: int


@dataclass(frozen=True)
class Records:
    """The records of the days from `first` to `last`.

    check_ins: the newest first. days: see person_days. here: the stays of who came and has not
    left, whichever days are on show.
    """

    first: date
    last: date
    check_ins: tuple[CheckIn, ...] = ()
    days: tuple[PersonDay, ...] = ()
    here: tuple[Stay, ...] = ()

    def named(self, fits: Callable[[str], bool]) -> Records:
        """Return only the records of people whose name fits."""
        return Records(
            self.first,
            self.last,
            tuple(c for c in self.check_ins if fits(c.entry.event.name)),
            tuple(day for day in self.days if fits(day.name)),
            tuple(stay for stay in self.here if fits(stay.name)),
        )


def read_records(path: Path, first: date, last: date) -> Records:
    """Read the ledger for the days `first` to `last`, both included.

    The whole ledger is read, since what happened in those days may be undone or corrected at any
    later time. Where there is no ledger yet, the records are empty and none is made. Raises
    LedgerError.
    """
    if not path.exists():
        return Records(first, last)
    ledger = Ledger(path)
    try:
        entries = list(ledger.entries())
    finally:
        ledger.close()
    amended = amended_by(entries)
    undos = {entry.number for entry in entries if entry.event.kind is Kind.UNDONE}
    check_ins = (
        CheckIn(entry, by := amended.get(entry.number), by in undos)
        for entry in entries
        if entry.counts_as in _SHOWN
    )
    shown = [c for c in check_ins if first <= c.day <= last]
    shown.sort(key=lambda c: (c.entry.happened_at, c.entry.number), reverse=True)
    all_stays = stays(entries)
    days = person_days(all_stays, first, last)
    return Records(first, last, tuple(shown), tuple(days), tuple(here_now(all_stays)))


def person_totals(days: Iterable[PersonDay]) -> list[PersonTotal]:
    """Return each person's sums, sorted by name; people of the same name have a row each."""
    by_person: dict[str, list[PersonDay]] = defaultdict(list)
    for day in days:
        by_person[day.identity_id].append(day)
    totals = (
        PersonTotal(
            own[-1].name,
            len(own),
            sum((day.present for day in own), timedelta()),
            sum(day.arrivals for day in own),
            sum(day.open for day in own),
        )
        for own in by_person.values()
    )
    return sorted(totals, key=lambda total: sort_key(total.name))
