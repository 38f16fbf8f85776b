"""The ledger and the hours as tables, for spreadsheets. Times are the computer's local ones.

The headers, and what an entry is, are Sentences: a sheet for people may say them in their language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from common.sentence import Sentence
from station.ledger.chain import text_of
from station.ledger.entry import Entry, Kind, Liveness, Means
from station.ledger.export_formats import Cell
from station.ledger.stays import PersonDay

_WORDS: Mapping[str, Sentence] = MappingProxyType(
    {
        Kind.CHECK_IN: Sentence("check-in"),
        Kind.CHECK_OUT: Sentence("check-out"),
        Kind.UNDONE: Sentence("undone"),
        Kind.CORRECTION: Sentence("correction"),
        Kind.ADMINISTRATION: Sentence("administration"),
        Means.FACE: Sentence("face"),
        Means.CODE: Sentence("code"),
        Means.OPERATOR: Sentence("operator"),
        Liveness.NOT_ASKED: Sentence("not asked"),
        Liveness.NOTHING_SUSPICIOUS: Sentence("nothing suspicious"),
        Liveness.PASSED: Sentence("passed"),
    }
)


def entry_table(entries: Iterable[Entry], amended: Mapping[int, int]) -> Iterator[Sequence[Cell]]:
    """Gives a header row, then a row for each entry. amended: see
    `station.ledger.stays.amended_by`."""
    yield (
        Sentence("number"),
        Sentence("time"),
        Sentence("kind"),
        Sentence("name"),
        Sentence("identity"),
        Sentence("station"),
        Sentence("means"),
        Sentence("similarity"),
        Sentence("threshold"),
        Sentence("liveness"),
        Sentence("refers to"),
        Sentence("undone or corrected by"),
        Sentence("corrected to"),
        Sentence("corrected time"),
        Sentence("note"),
        Sentence("time (UTC)"),
        Sentence("picture SHA-256"),
        Sentence("hash"),
    )
    for entry in entries:
        event = entry.event
        yield (
            entry.number,
            local(entry.at),
            _WORDS[event.kind],
            event.name,
            event.identity_id,
            event.station,
            _WORDS[event.means],
            event.similarity,
            event.threshold,
            _WORDS[event.liveness],
            event.refers_to,
            amended.get(entry.number),
            _WORDS[event.counts_as] if event.counts_as else None,
            local(event.happened_at) if event.happened_at else None,
            event.note,
            text_of(entry.at),
            entry.picture_sha256,
            entry.hash,
        )


def hours_table(days: Iterable[PersonDay]) -> Iterator[Sequence[Cell]]:
    """Gives a header row, then a row for each person and day. Hours are decimal numbers, such as
    7.75."""
    yield (
        Sentence("day"),
        Sentence("name"),
        Sentence("identity"),
        Sentence("hours"),
        Sentence("check-ins"),
        Sentence("open stays"),
    )
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
