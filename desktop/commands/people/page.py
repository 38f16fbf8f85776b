"""facedesk people show, note, portrait, remove-picture: what is kept of one person."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from common.errors import GalleryError
from desktop.commands.output import force_option
from desktop.commands.people.changing import erase_removed
from desktop.commands.session import Session, counted, json_option, note, print_json, the_one

if TYPE_CHECKING:
    from gallery.identity import Identity
    from gallery.kept_pictures import KeptPicture
    from station.ledger.stays import Stay

VISITS_TOLD = 10
"""The newest visits that are told in words; --json has all."""


@click.command()
@click.argument("who")
@click.option(
    "--save", type=click.Path(path_type=Path), help="Write the pictures to this folder, to look at."
)
@force_option
@json_option
@click.pass_obj
def show(session: Session, who: str, save: Path | None, force: bool, as_json: bool) -> None:
    """Show what is kept of the person WHO (name or id): pictures, note and visits.

    Each picture has a number, which remove-picture, portrait and split take. Its quality is
    between 0 and 1. Visits are those in the check-in ledger.
    """
    from desktop.shared.answers import person_answer
    from station.secrets.codes import Codes

    with session.gallery() as gallery:
        session.note_other_model(gallery.model_id)
        identity = the_one(gallery, who)
        pictures = gallery.pictures(identity.id)
    has_code = session.home.codes.exists() and Codes(session.home.codes).has(identity.id)
    visits = _visits(session, identity.id)
    if as_json:
        told = asdict(person_answer(identity, len(pictures)))
        shown = [picture_json(one) for one in pictures]
        stays = [_visit_json(visit) for visit in visits]
        print_json({**told, "has_code": has_code, "pictures": shown, "visits": stays})
    else:
        code = ", has a code" if has_code else ""
        when = _minute(identity.enrolled_at)
        click.echo(f"{identity.name}  {identity.id[:8]}, enrolled {when}{code}")
        if identity.note:
            click.echo(identity.note)
        click.echo(f"{counted(len(pictures), 'picture')}:")
        for picture in pictures:
            click.echo(picture_line(picture))
        _tell_visits(visits)
    if save is not None:
        count = _save(identity, pictures, save, force)
        note(f"{counted(count, 'picture')} saved to {save}.")


@click.command("note")
@click.argument("who")
@click.argument("text", required=False)
@json_option
@click.pass_obj
def note_person(session: Session, who: str, text: str | None, as_json: bool) -> None:
    """Show the note of the person WHO (name or id), or change it to TEXT; '' empties it."""
    with session.gallery() as gallery:
        identity = the_one(gallery, who)
        if text is not None:
            identity = gallery.set_note(identity.id, text)
            session.audit.note("note changed", identity)
    if as_json:
        print_json({"identity": identity.id, "name": identity.name, "note": identity.note})
    elif identity.note:
        click.echo(identity.note)
    else:
        note(f"{identity.name} has no note.")


@click.command()
@click.argument("who")
@click.argument("number", type=int)
@json_option
@click.pass_obj
def portrait(session: Session, who: str, number: int, as_json: bool) -> None:
    """Let picture NUMBER be the one that is shown for the person WHO (name or id).

    facedesk people show has the numbers. Without a choice the best picture is shown.
    """
    with session.gallery() as gallery:
        identity = the_one(gallery, who)
        gallery.choose_portrait(identity.id, number)
        session.audit.note("portrait chosen", identity)
    if as_json:
        print_json({"identity": identity.id, "name": identity.name, "portrait": number})
    else:
        click.echo(f"{identity.name} is shown by picture {number} now.")


@click.command("remove-picture")
@click.argument("who")
@click.argument("numbers", metavar="NUMBER...", type=int, nargs=-1, required=True)
@json_option
@click.pass_obj
def remove_picture(session: Session, who: str, numbers: tuple[int, ...], as_json: bool) -> None:
    """Erase single pictures of the person WHO (name or id). It cannot be undone.

    facedesk people show has the numbers. The last picture stays: remove the person instead.
    """
    with session.gallery() as gallery:
        identity = the_one(gallery, who)
        with gallery.changing():  # all or none
            removals = [gallery.remove_picture(identity.id, one) for one in dict.fromkeys(numbers)]
        session.audit.note("pictures removed", identity)
        erase_removed(gallery, removals, session)
        left = gallery.template_count(identity.id)
    if as_json:
        print_json(
            {
                "identity": identity.id,
                "name": identity.name,
                "removed": list(dict.fromkeys(numbers)),
                "templates": left,
            }
        )
    else:
        erased = counted(len(removals), "picture")
        click.echo(f"{identity.name}: {erased} erased, {counted(left, 'picture')} left.")


def picture_line(picture: KeptPicture) -> str:
    """Return a picture's number, date, quality, and what is special about it, as one line."""
    words = [
        f"{picture.template_id:>7}  {_minute(picture.added_at)}  quality {picture.quality:.2f}"
    ]
    if picture.is_portrait:
        words.append("portrait")
    if not picture.picture.size:
        words.append("without a picture")
    if not picture.is_compared:
        words.append("not usable by this embedder")
    return "  ".join(words)


def picture_json(picture: KeptPicture) -> dict[str, Any]:
    """Return a picture as `show --json` and `split --json` print it."""
    return {
        "number": picture.template_id,
        "added_at": picture.added_at.isoformat(),
        "quality": round(picture.quality, 4),
        "portrait": picture.is_portrait,
        "compared": picture.is_compared,
        "has_picture": bool(picture.picture.size),
    }


def _visits(session: Session, identity_id: str) -> list[Stay]:
    from station.ledger.ledger import Ledger
    from station.ledger.stays import stays

    if not session.home.checkins.exists():
        return []
    with closing(Ledger(session.home.checkins)) as ledger:
        return stays(ledger.entries_of(identity_id))


def _tell_visits(visits: Sequence[Stay]) -> None:
    if not visits:
        click.echo("No visit.")
        return
    click.echo(f"{counted(len(visits), 'visit')}, the newest first:")
    for visit in visits[: -VISITS_TOLD - 1 : -1]:
        arrived, left = (
            _minute(at) if at is not None else "?" for at in (visit.arrived, visit.left)
        )
        click.echo(f"  {arrived} to {left}")
    if len(visits) > VISITS_TOLD:
        click.echo(f"  … and {len(visits) - VISITS_TOLD} before: --json has all")


def _visit_json(visit: Stay) -> dict[str, str | None]:
    arrived, left = (at.isoformat() if at else None for at in (visit.arrived, visit.left))
    return {"arrived": arrived, "left": left}


def _minute(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def _save(identity: Identity, pictures: Sequence[KeptPicture], folder: Path, force: bool) -> int:
    """Write the pictures as PNG; return how many. The same ones that are there stay as they are."""
    from common.output_file import make_folder, output_file
    from gallery.crops import to_png
    from recognition.formats.crop_folder import safe_name

    make_folder(folder, GalleryError, private=True)
    name = safe_name(identity.name, set())
    saved = 0
    for picture in pictures:
        png = to_png(picture.picture)
        path = folder / f"{name}-{picture.template_id}.png"
        if not png or (path.is_file() and path.read_bytes() == png):
            continue
        with output_file(path, GalleryError, overwrite=force) as fresh:
            fresh.write_bytes(png)
        saved += 1
    return saved
