"""An administrator's changes to the check-ins by hand: what is missing is added, what is wrong is
corrected or undone. Nothing that was written is changed; each is a further entry with its
reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from common.errors import LedgerError
from gallery.identity import Identity
from gallery.names import normalized_note
from station.ledger.entry import Entry, Event, Kind, Means
from station.ledger.ledger import Ledger


def add(
    ledger: Ledger, station: str, person: Identity, direction: Kind, at: datetime, reason: str
) -> Entry:
    """Adds a check-in or check-out that is missing. Returns the new entry.

    station: the name that stands in the row. direction: CHECK_IN or CHECK_OUT. at: when it was, an
    aware datetime. Raises LedgerError without a reason, and for a time that has not come yet.
    """
    event = Event(
        Kind.CORRECTION,
        station,
        identity_id=person.id,
        name=person.name,
        counts_as=direction,
        happened_at=at.astimezone(UTC),
    )
    return _append(ledger, event, reason)


def correct(
    ledger: Ledger,
    station: str,
    number: int,
    reason: str,
    *,
    direction: Kind | None = None,
    at: datetime | None = None,
    person: Identity | None = None,
) -> Entry:
    """Puts a correction in the place of the entry `number`, which itself stays as it is. Returns
    the correction.

    direction, at, person: what is to be another one; None for what was right. Raises LedgerError
    where there is no such entry, where it counts no more, and without a reason.
    """
    wrong = ledger.entry(number)
    event = Event(
        Kind.CORRECTION,
        station,
        identity_id=wrong.event.identity_id,
        name=wrong.event.name,
        refers_to=number,
        counts_as=direction or wrong.counts_as,
        happened_at=at.astimezone(UTC) if at is not None else wrong.happened_at,
    )
    if person is not None:
        event = replace(event, identity_id=person.id, name=person.name)
    return _append(ledger, event, reason)


def undo(ledger: Ledger, station: str, number: int, reason: str) -> Entry:
    """Lets the entry `number` count no more; it stays where it is. Returns the undo.

    Whoever undoes a correction has the entry back that was corrected. An undo is not undone. Raises
    LedgerError as `correct` does.
    """
    wrong = ledger.entry(number)
    event = Event(
        Kind.UNDONE,
        station,
        identity_id=wrong.event.identity_id,
        name=wrong.event.name,
        refers_to=number,
    )
    return _append(ledger, event, reason)


def _append(ledger: Ledger, event: Event, reason: str) -> Entry:
    note = normalized_note(reason)
    if not note:
        raise LedgerError(
            "the reason of the change, which stays in the ledger",
            "there is none",
            "Say in a few words why",
        )
    return ledger.append(replace(event, means=Means.OPERATOR, note=note))
