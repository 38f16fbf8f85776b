"""facedesk people export, consent, overdue: what a person may ask for, and how long it is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.commands.people.changing import erase_removed
from desktop.commands.session import (
    Session,
    consent_language_option,
    counted,
    json_option,
    note,
    print_json,
    the_one,
)

if TYPE_CHECKING:
    from gallery.gallery import Gallery
    from station.people.retention import Overdue


@click.command("export")
@click.argument("who")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Write over OUT where it is there already.")
@json_option
@click.pass_obj
def export_own(session: Session, who: str, out: Path, force: bool, as_json: bool) -> None:
    """Write all that is kept about the person WHO (name or id) to OUT, a zip archive.

    It is for that person: JSON with explanations, pictures, check-ins, consents. Others are not
    named in it. For other programs there is facedesk export.
    """
    from station.people.personal_data import export_person

    with session.gallery() as gallery:
        identity = the_one(gallery, who)
        written = export_person(
            gallery,
            session.home,
            identity.id,
            out,
            overwrite=force,
            inputs=session.home.files,
            language=session.language,
        )
    session.audit.note("all that is kept was exported", identity)
    if as_json:
        told = {"identity": identity.id, "path": str(out)}
        print_json({**told, "pictures": written.pictures, "entries": written.entries})
    else:
        click.echo(
            f"{identity.name}: {counted(written.pictures, 'picture')}, "
            f"{counted(written.entries, 'row')} of the ledger, written to {out}."
        )


@click.command("consent")
@click.argument("who", required=False)
@click.option("--missing", is_flag=True, help="List everybody of whom no consent is kept.")
@click.option("--agreed", is_flag=True, help="Keep that WHO has agreed to the settings' text.")
@click.option("--text", "shows_text", is_flag=True, help="Show the wording, too.")
@consent_language_option
@json_option
@click.pass_obj
def consent(
    session: Session,
    who: str | None,
    missing: bool,
    agreed: bool,
    shows_text: bool,
    consent_language: str,
    as_json: bool,
) -> None:
    """Show what the person WHO (name or id) has agreed to, and when.

    Who withdraws a consent is removed: facedesk people remove.
    """
    if missing == (who is not None):
        raise click.UsageError("Either WHO or --missing.")
    with session.gallery() as gallery:
        if who is None:
            _tell_missing(gallery, as_json)
            return
        identity = the_one(gallery, who)
        if agreed:
            gallery.add_consent(identity.id, session.consent(consent_language))
            session.audit.note("consent kept", identity)
        consents = gallery.consents(identity.id)
    if as_json:
        print_json(
            {
                "identity": identity.id,
                "name": identity.name,
                "consents": [
                    {
                        "at": one.at.isoformat(),
                        "language": one.language,
                        "way": one.way.value,
                        "sha256": one.sha256,
                        "text": one.text,
                    }
                    for one in consents
                ],
            }
        )
        return
    if not consents:
        click.echo(f"No consent of {identity.name} is kept.")
    for one in consents:
        ways = {
            "screen": "on the screen",
            "page": "on the page",
            "told": "as whoever enrolled says",
        }
        language = f", in {one.language}" if one.language else ""
        when = f"{one.at.astimezone():%Y-%m-%d %H:%M}"
        click.echo(
            f"{identity.name} agreed {when} {ways[one.way.value]}{language}: {one.sha256[:16]}"
        )
        if shows_text:
            click.echo(one.text)


@click.command("overdue")
@click.option("--erase", "erases", is_flag=True, help="Erase all of them, after a question.")
@click.option(
    "--erase-due", is_flag=True, help="Erase those whose grace time is over, as the settings allow."
)
@click.option("--keep", metavar="WHO", help="Keep this person for another period.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def list_overdue(
    session: Session, erases: bool, erase_due: bool, keep: str | None, yes: bool, as_json: bool
) -> None:
    """List who has been kept for longer than the settings' retention_days.

    The days count from the newest check-in or picture, or from the enrollment, as retention_since
    says. Nobody is erased without --erase or --erase-due; the latter, such as once a day, erases
    only where retention_erases allows it, retention_grace_days after the first question.
    """
    from station.people import retention

    rule = session.retention_rule
    now = datetime.now(UTC)
    with session.gallery() as gallery:
        if keep is not None:
            identity = the_one(gallery, keep)
            retention.keep(gallery, identity.id, session.audit)
            note(f"{identity.name} is kept for another period.")
        seen = retention.seen_for_rule(gallery, rule, session.home.checkins, now)
        people = retention.overdue(gallery, rule, seen, now)
        for one in people:
            _tell_overdue(one, as_json)
        if not people and not as_json:
            if rule.days:
                click.echo(f"Nobody is kept for longer than {counted(rule.days, 'day')}.")
            else:
                click.echo("The settings name no age (retention_days): everybody stays.")
        gone: list[Overdue] = []
        if erases and people:
            if not yes:
                what = counted(len(people), "person", "people")
                click.confirm(f"Erase {what}? It cannot be undone.", abort=True, err=True)
            retention.remove_overdue(gallery, people, session.audit)
            gone = people
        elif erase_due:
            gone = retention.erase_due(gallery, people, now, session.audit)
        if gone:
            erase_removed(gallery, [one.identity.id for one in gone], session)
            note(f"{counted(len(gone), 'person', 'people')} erased.")


def _tell_missing(gallery: Gallery, as_json: bool) -> None:
    missing = gallery.without_consent()
    for identity in missing:
        if as_json:
            print_json({"identity": identity.id, "name": identity.name})
        else:
            click.echo(f"{identity.id[:8]}  {identity.name}")
    if not missing and not as_json:
        click.echo("A consent of everybody is kept.")


def _tell_overdue(one: Overdue, as_json: bool) -> None:
    who, until = one.identity, one.erased_from
    if as_json:
        print_json(
            {
                "identity": who.id,
                "name": who.name,
                "since": one.since.isoformat(),
                "asked_since": one.asked_since.isoformat(),
                "erased_from": until.isoformat() if until is not None else None,
            }
        )
        return
    erased = f", erased from {until.astimezone():%Y-%m-%d} on" if until is not None else ""
    click.echo(f"{who.id[:8]}  since {one.since.astimezone():%Y-%m-%d}  {who.name}{erased}")
