"""facedesk people rename, merge, remove, code: changes who is enrolled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import SettingsError, StationError
from desktop.commands.session import (
    Session,
    counted,
    note,
    tell_namesakes,
    the_one,
)
from desktop.commands.station.pin import ask

if TYPE_CHECKING:
    from gallery.gallery import Gallery
    from gallery.identity import Identity
    from station.people.erasure import Remains
    from station.people.proof.needles import Needles


@click.command()
@click.argument("who")
@click.argument("name")
@click.pass_obj
def rename(session: Session, who: str, name: str) -> None:
    """Give the person WHO (name or id) another NAME."""
    with session.gallery() as gallery:
        before = the_one(gallery, who)
        after = gallery.rename(before.id, name)
        tell_namesakes(gallery, after)
        session.audit.note(f"renamed from {before.name}", after)
        click.echo(f"{before.name} is now {after.name}.")


@click.command()
@click.argument("into")
@click.argument("duplicate")
@click.option("--anyway", is_flag=True, help="Merge people who do not look alike, too.")
@click.pass_obj
def merge(session: Session, into: str, duplicate: str, anyway: bool) -> None:
    """Make one person of INTO and DUPLICATE, under the first's name. It cannot be undone.

    DUPLICATE's templates and note move to INTO; DUPLICATE's name, code and pictures in the check-in
    ledger are erased. Merging in the window can be undone there until it closes.
    """
    from recognition import merging

    with session.gallery() as gallery:
        kept, gone = the_one(gallery, into), the_one(gallery, duplicate)
        if kept.id == gone.id:
            raise click.UsageError("INTO and DUPLICATE are the same person.")
        least = one_person(session, gallery)
        merging.merge(gallery, kept.id, gone.id, least, anyway=anyway)
        session.audit.note(f"merged with {gone.name}", kept)
        click.echo(
            f"{gone.name} was merged into {kept.name}: "
            f"{counted(gallery.template_count(kept.id), 'template')}."
        )
        erase_removed(gallery, [gone.id], session)


@click.command()
@click.argument("who")
@click.option("--proof", is_flag=True, help="Look through every file for what may be left.")
@click.option(
    "--also",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="With --proof, look through this file or folder, too; may be repeated.",
)
@click.pass_context
def remove(context: click.Context, who: str, proof: bool, also: tuple[Path, ...]) -> None:
    """Erase the person WHO (name or id): name, templates, pictures and code.

    It cannot be undone. Pictures in the check-in ledger are erased, too, and with them those of
    whoever said "not me" there, since nobody knows whose they are; its rows stay, with the
    name. It says what else stays, and for how long.

    --proof looks through every file here for templates, pictures, id and name, free pages and logs
    too, and says what it has looked at. Exit code 1 where something is left.
    """
    from station.people.erasure import remains

    if also and not proof:
        raise click.UsageError("--also is for --proof.")
    session: Session = context.obj
    with session.gallery() as gallery:
        identity = the_one(gallery, who)
        needles = _needles(session, gallery, identity) if proof else None
        gallery.remove(identity.id)
        session.audit.note("removed", identity)
        erase_removed(gallery, [identity.id], session)
        click.echo(f"{identity.name} ({identity.id[:8]}) was erased from {session.home.gallery}.")
        _tell_remains(remains(session.home, identity.id), session)
    if needles is not None:
        from desktop.commands.people.proving import prove

        context.exit(0 if prove(session, needles, also) else 1)


def _needles(session: Session, gallery: Gallery, identity: Identity) -> Needles:
    """Return by what a person is found who is about to be removed."""
    from gallery.traces import traces_of
    from station.people.proof.needles import Needles

    name = identity.name.casefold()
    namesakes = [
        one for one in gallery.identities if name in one.name.casefold() and one.id != identity.id
    ]
    return Needles(traces_of(session.home.gallery, identity.id), bool(namesakes))


def one_person(session: Session, gallery: Gallery) -> float:
    """Return the mean cosine from which two groups of pictures look like one person."""
    from models.embedders.adopted import adopted_figures
    from models.embedders.loading import figures_of

    adopted = adopted_figures(gallery.model_id, session.home.figures)
    return (adopted or figures_of(gallery.model_id)).one_person


def erase_removed(gallery: Gallery, gone: Sequence[str], session: Session) -> None:
    """Finish erasing removed people or pictures. Raises StationError where something of them is
    left.

    gone: the ids of their removals. What is left of somebody who was removed before is only
    printed.
    """
    from station.people.erasure import finish_erasures

    try:
        finish_erasures(gallery, session.home, own=True)
    except StationError as error:
        if not {item.identity_id for item in gallery.pending_erasures()}.isdisjoint(gone):
            raise
        note(str(error))


def _tell_remains(left: Remains, session: Session) -> None:
    if left.ledger_rows:
        rows = counted(left.ledger_rows, "row")
        click.echo(f"{rows} of the check-in ledger, which is never changed, keep the name.")
    if left.messages_until is not None:
        until = f"{left.messages_until.astimezone():%Y-%m-%d %H:%M}"
        click.echo(
            f"{counted(left.messages, 'message')} for the webhook with the name: sent, or erased"
            f" by the next command after {until}."
        )
    if left.inbox_pictures:
        try:
            age = f"{session.settings.station.unknown_hours:g} hours"
        except SettingsError:
            age = "the hours that the settings say"
        click.echo(
            f"{counted(left.inbox_pictures, 'picture')} of unknown people, who may be anybody: the"
            f" station erases each after {age}, facedesk inbox clear at once."
        )
    if left.backups:
        _tell_backups(left.backups, session)


def _tell_backups(backups: Sequence[Path], session: Session) -> None:
    try:
        plan = session.backup_plan
    except SettingsError:
        plan = None
    rotated = [one for one in backups if plan is not None and one.parent == plan.folder.absolute()]
    if rotated and plan is not None:
        click.echo(
            f"{counted(len(rotated), 'scheduled backup')} in {plan.folder}, sealed, may have them:"
            f" each goes with its rotation, within {plan.longest.days or 1} days where backups go"
            " on."
        )
    for path in backups:
        if path not in rotated:
            click.echo(f"{path}, sealed, may have them: delete it once it is not needed.")


@click.command()
@click.argument("who")
@click.option("--code", help="The code; without it, it is asked for and not shown.")
@click.option("--remove", "erase", is_flag=True, help="Erase the person's code.")
@click.pass_obj
def code(session: Session, who: str, code: str | None, erase: bool) -> None:
    """Give the person WHO (name or id) a PIN or a badge's code for the check-in station.

    It is typed there, or read from a badge, instead of showing the face.
    """
    from station.people.code_giving import give_code, take_code
    from station.secrets.codes import FEWEST

    if erase and code is not None:
        raise click.UsageError("Either --code or --remove.")
    with session.gallery() as gallery:
        identity = the_one(gallery, who)
        if erase:
            had_one = take_code(gallery, session.home.codes, identity.id, session.audit)
            click.echo(f"{identity.name} has no code{' any more' if had_one else ''}.")
            return
        if code is None:
            code = ask(f"Code for {identity.name}, {FEWEST} characters or more")
        give_code(gallery, session.home.codes, identity.id, code, session.audit)
        click.echo(f"{identity.name} has a code now.")
