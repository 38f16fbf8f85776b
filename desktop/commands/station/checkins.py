"""facedesk checkins: shows, exports and verifies the ledger of the check-in station."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from desktop.commands.session import Session, counted, json_option, note, print_json
from desktop.commands.station.corrections import add, correct, undo

if TYPE_CHECKING:
    from station.ledger.entry import Entry
    from station.ledger.export_formats import CsvForm
    from station.ledger.stays import PersonDay

Command = TypeVar("Command", bound=Callable[..., Any])

_DAY = click.DateTime(["%Y-%m-%d"])

_EARLIEST, _LATEST = date(2, 1, 1), date(9998, 12, 31)
"""Limits: each midnight between them exists in every time zone. No entry is older or newer."""


def period_options(command: Command) -> Command:
    """Add the options --from and --to to a command: local days, both included."""
    for option, name, words in (("--to", "last", "Last"), ("--from", "first", "First")):
        command = click.option(option, name, type=_DAY, help=f"{words} day, as 2026-11-30.")(
            command
        )
    return command


separator_option = click.option(
    "--separator",
    metavar="SIGN",
    callback=lambda context, option, sign: _separator(sign),
    help="Of a CSV file: a comma, a semicolon, tab or another sign. Otherwise what the language's"
    " spreadsheets expect.",
)


@click.group()
def checkins() -> None:
    """Show, export, verify and correct the check-ins of the station."""


checkins.add_command(add)
checkins.add_command(correct)
checkins.add_command(undo)


@checkins.command("list")
@period_options
@json_option
@click.pass_obj
def list_entries(
    session: Session, first: datetime | None, last: datetime | None, as_json: bool
) -> None:
    """List every entry that was written in that time, by number."""
    from station.ledger.stays import amended_by

    with session.ledger() as ledger:
        amended = amended_by(ledger.amendments())
        is_empty = True
        for entry in ledger.entries(*_period(first, last)):
            is_empty = False
            if as_json:
                print_json(_entry_json(entry) | {"amended_by": amended.get(entry.number)})
            else:
                click.echo(_line(entry, amended.get(entry.number)))
        if is_empty and not as_json:
            click.echo("Nothing was written in that time." if first or last else "Nothing yet.")


@checkins.command()
@period_options
@click.option("--csv", "kind", flag_value="csv", help="Whatever the file's name ends with.")
@click.option("--xlsx", "kind", flag_value="xlsx", help="Likewise.")
@separator_option
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def export(
    session: Session,
    first: datetime | None,
    last: datetime | None,
    kind: str | None,
    separator: str | None,
    force: bool,
    file: Path,
) -> None:
    """Write the entries to FILE, for a spreadsheet.

    Undone and corrected entries are in it, too, and say by which entry.
    """
    from station.ledger.export_formats import write_csv, write_xlsx
    from station.ledger.export_tables import entry_table
    from station.ledger.stays import amended_by

    kind = kind or file.suffix.lower().lstrip(".")
    if kind not in ("csv", "xlsx"):
        raise click.UsageError("Give --csv or --xlsx, or a FILE that ends with .csv or .xlsx.")
    if separator is not None and kind != "csv":
        raise click.UsageError("--separator is for a CSV file.")
    with session.ledger() as ledger:
        entries = ledger.entries(*_period(first, last))
        table = entry_table(entries, amended_by(ledger.amendments()))
        if kind == "csv":
            write_csv(file, table, force, session.home.files, _csv_form(session, separator))
        else:
            write_xlsx(file, table, force, session.home.files, "Check-ins")
    note(f"{file} was written.")


@checkins.command()
@click.option("--expect", "noted", metavar="HASH", help="A newest hash that was noted before.")
@click.pass_context
def verify(context: click.Context, noted: str | None) -> None:
    """Check that every entry is as it was written. Exit code 1 where one is not.

    The ledger alone cannot show that its end was cut off with care, or that all of it was made
    anew. So keep the newest hash elsewhere, and give it to --expect later: then this shows, too.
    """
    from station.ledger.verdict import noted_verdict, verdict

    session: Session = context.obj
    with session.ledger() as ledger:
        found = ledger.verify()
        number = ledger.number_of(noted.strip().lower()) if noted is not None else None
    is_sound = found.damage is None
    newest = f" The newest hash is\n{found.newest_hash}\n" if is_sound and found.intact else ""
    click.echo(
        verdict(found)
        + newest
        + (newest and "Note it elsewhere; --expect HASH looks for it later.")
    )
    if noted is not None and is_sound:
        click.echo(noted_verdict(number))
    context.exit(0 if found.damage is None and (noted is None or number is not None) else 1)


@checkins.command()
@period_options
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write this file.")
@click.option("--xlsx", "xlsx_file", type=click.Path(path_type=Path), help="Write this file.")
@separator_option
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.pass_obj
def hours(
    session: Session,
    first: datetime | None,
    last: datetime | None,
    csv_file: Path | None,
    xlsx_file: Path | None,
    separator: str | None,
    force: bool,
) -> None:
    """Show how long each person was there, from check-in to check-out.

    A stay whose check-out is missing is counted as open, without any time; so is that of a
    person who is still there. The files have a row for each person and day.
    """
    from station.ledger.export_formats import write_csv, write_xlsx
    from station.ledger.export_tables import hours_table
    from station.ledger.stays import person_days, stays

    _period(first, last)
    with session.ledger() as ledger:
        found = stays(list(ledger.entries()))
    days = person_days(
        found, first.date() if first else date.min, last.date() if last else date.max
    )
    if separator is not None and csv_file is None:
        raise click.UsageError("--separator is for a CSV file.")
    if csv_file is not None:
        form = _csv_form(session, separator)
        write_csv(csv_file, hours_table(days), force, session.home.files, form)
        note(f"{csv_file} was written.")
    if xlsx_file is not None:
        write_xlsx(xlsx_file, hours_table(days), force, session.home.files, "Hours")
        note(f"{xlsx_file} was written.")
    if csv_file is None and xlsx_file is None:
        _print_hours(days)


def _separator(sign: str | None) -> str | None:
    named = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}
    sign = named.get(sign.lower(), sign) if sign is not None else None
    if sign is not None and (len(sign) != 1 or sign.isalnum() or sign in "\"'.-+\r\n"):
        raise click.BadParameter("it is one sign, such as ; or tab.")
    return sign


def _csv_form(session: Session, separator: str | None) -> CsvForm:
    from common.number_signs import signs_of
    from desktop.i18n.catalogue import spoken
    from station.ledger.export_formats import CsvForm

    decimal, _ = signs_of(spoken(session.settings.language).code)
    return CsvForm.of_language(decimal, separator)


def _print_hours(days: list[PersonDay]) -> None:
    from common.collation import sort_key

    by_person: dict[str, list[PersonDay]] = defaultdict(list)
    for day in days:
        by_person[day.identity_id].append(day)
    for own in sorted(by_person.values(), key=lambda own: sort_key(own[0].name)):
        minutes = sum((day.present for day in own), timedelta()) // timedelta(minutes=1)
        still_open = sum(day.open for day in own)
        click.echo(
            f"{minutes // 60:4}:{minutes % 60:02} h  {counted(len(own), 'day'):>8}  "
            f"{f'{still_open} open' if still_open else '':>8}  {own[0].name}"
        )
    if not days:
        click.echo("Nobody was there.")


def _period(
    first: datetime | None, last: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """Return the times at which the first local day begins and the last one ends."""
    from station.ledger.stays import midnight

    if first is not None and last is not None and first > last:
        raise click.UsageError("--from is a later day than --to.")
    return (
        midnight(_within_calendar(first)) if first else None,
        midnight(_within_calendar(last) + timedelta(days=1)) if last else None,
    )


def _within_calendar(day: datetime) -> date:
    return min(max(day.date(), _EARLIEST), _LATEST)


def _line(entry: Entry, amended_by: int | None) -> str:
    event = entry.event
    words = [f"{entry.number:>7}  {entry.at.astimezone():%Y-%m-%d %H:%M:%S}  {event.kind:14}"]
    if event.name:
        words.append(event.name)
    if event.similarity is not None and event.threshold is not None:
        words.append(f"({event.similarity:.2f}, threshold {event.threshold:.2f})")
    if event.refers_to is not None:
        words.append(f"of entry {event.refers_to}")
    if event.counts_as is not None and event.happened_at is not None:
        words.append(f"{event.counts_as} at {event.happened_at.astimezone():%Y-%m-%d %H:%M:%S}")
    if event.note:
        words.append(f"“{' '.join(event.note.split())}”")
    if amended_by is not None:
        words.append(f"[does not count: see entry {amended_by}]")
    return "  ".join(words)


def _entry_json(entry: Entry) -> dict[str, Any]:
    event = asdict(entry.event)
    del event["picture"]
    happened_at = entry.event.happened_at
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        **event,
        "happened_at": happened_at.isoformat() if happened_at else None,
        "picture_sha256": entry.picture_sha256,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }
