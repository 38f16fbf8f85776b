"""facedesk checkins add, correct, undo: an administrator's changes to the ledger by hand."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from desktop.commands.session import Session, the_one

if TYPE_CHECKING:
    from station.ledger.entry import Entry, Kind

_TIME = click.DateTime(
    ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M%z", "%Y-%m-%d %H:%M:%S%z"]
)

_AT = (
    'Its time, as "2026-11-30 17:05", local time. Where the clocks were put back and an hour came'
    ' twice, "2026-10-25 02:30+02:00" says which.'
)

_NUMBER = click.IntRange(1, 2**63 - 1)
"""The numbers that a row in SQLite can have."""

in_option = click.option("--in", "is_in", is_flag=True, help="It is a check-in.")
out_option = click.option("--out", "is_out", is_flag=True, help="It is a check-out.")
reason_option = click.option("--note", "reason", required=True, help="Why; it stays in the ledger.")


@click.command()
@click.argument("who")
@in_option
@out_option
@click.option("--at", "at", type=_TIME, required=True, help=_AT)
@reason_option
@click.pass_obj
def add(session: Session, who: str, is_in: bool, is_out: bool, at: datetime, reason: str) -> None:
    """Add a check-in or check-out that is missing, of the person WHO (name or id)."""
    from station.ledger import amending

    direction = _direction(is_in, is_out)
    if direction is None:
        raise click.UsageError("Give --in or --out.")
    with session.gallery() as gallery:
        person = the_one(gallery, who)
    with session.ledger() as ledger:
        station = session.settings.station.name
        _tell(amending.add(ledger, station, person, direction, _utc(at), reason))


@click.command()
@click.argument("number", type=_NUMBER)
@in_option
@out_option
@click.option("--at", "at", type=_TIME, help=_AT)
@click.option("--person", "who", help="Whose it is: name or id.")
@reason_option
@click.pass_obj
def correct(
    session: Session,
    number: int,
    is_in: bool,
    is_out: bool,
    at: datetime | None,
    who: str | None,
    reason: str,
) -> None:
    """Put a correction in the place of the entry NUMBER, which itself stays as it is."""
    from station.ledger import amending

    direction = _direction(is_in, is_out)
    if direction is None and at is None and who is None:
        raise click.UsageError("Say what it should be: --in, --out, --at or --person.")
    person = None
    if who is not None:
        with session.gallery() as gallery:
            person = the_one(gallery, who)
    with session.ledger() as ledger:
        _tell(
            amending.correct(
                ledger,
                session.settings.station.name,
                number,
                reason,
                direction=direction,
                at=_utc(at) if at else None,
                person=person,
            )
        )


@click.command()
@click.argument("number", type=_NUMBER)
@reason_option
@click.pass_obj
def undo(session: Session, number: int, reason: str) -> None:
    """Let the entry NUMBER count no more; it stays where it is.

    Whoever undoes a correction has the entry back that was corrected. An undo is not undone.
    """
    from station.ledger import amending

    with session.ledger() as ledger:
        _tell(amending.undo(ledger, session.settings.station.name, number, reason))


def _direction(is_in: bool, is_out: bool) -> Kind | None:
    from station.ledger.entry import Kind

    if is_in and is_out:
        raise click.UsageError("Give --in or --out, not both.")
    if is_in:
        return Kind.CHECK_IN
    return Kind.CHECK_OUT if is_out else None


def _utc(at: datetime) -> datetime:
    from station.ledger.local_time import utc_of

    return utc_of(at)


def _tell(entry: Entry) -> None:
    click.echo(f"Entry {entry.number} was added: {entry.event.kind} for {entry.event.name}.")
