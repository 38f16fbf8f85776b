"""The ledger and the hours as tables, for spreadsheets. Times are the computer's local ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from station.ledger.chain import text_of
from station.ledger.entry import Entry
from station.ledger.export_formats import Cell
from station.ledger.stays import PersonDay


def entry_table(entries: Iterable[Entry], amended: Mapping[int, int]) -> Iterator[Sequence[Cell]]:
    """Gives a header row, then a row for each entry. amended: see
    `station.ledger.stays.amended_by`."""
    yield (
        "number",
        "time",
        "kind",
        "name",
        "identity",
        "station",
        "means",
        "similarity",
        "threshold",
        "liveness",
        "refers to",
        "undone or corrected by",
        "corrected to",
        "corrected time",
        "note",
        "time (UTC)",
        "picture SHA-256",
        "hash",
    )
    for entry in entries:
        event = entry.event
        yield (
            entry.number,
            local(entry.at),
            event.kind.value,
            event.name,
            event.identity_id,
            event.station,
            event.means.value,
            event.similarity,
            event.threshold,
            event.liveness.value,
            event.refers_to,
            amended.get(entry.number),
            event.counts_as.value if event.counts_as else None,
            local(event.happened_at) if event.happened_at else None,
            event.note,
            text_of(entry.at),
            entry.picture_sha256,
            entry.hash,
        )


def hours_table(days: Iterable[PersonDay]) -> Iterator[Sequence[Cell]]:
    """Gives a header row, then a row for each person and day. Hours are decimal numbers, such as
    7.75."""
    yield "day", "name", "identity", "hours", "check-ins", "open stays"
    for day in days:
        yield (
            day.day,
            day.name,
            day.identity_id,
            hours(day.present),
            day.arrivals,
            day.open,
        )


def hours(time: timedelta) -> float:
    """Returns a time in decimal hours, rounded to a hundredth."""
    return round(time / timedelta(hours=1), 2)


def local(at: datetime) -> datetime:
    """Returns the time that the computer's clock showed then: naive, in whole seconds."""
    return at.astimezone().replace(tzinfo=None, microsecond=0)
