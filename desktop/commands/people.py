"""facedesk people: lists who is enrolled, and changes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from common.errors import SettingsError, StationError
from desktop.commands.pin import ask
from desktop.commands.session import (
    Session,
    counted,
    json_option,
    note,
    print_json,
    tell_namesakes,
    the_one,
)

if TYPE_CHECKING:
    from gallery.gallery import Gallery
    from gallery.identity import Identity
    from gallery.likeness.raised_bars import RaisedBars
    from gallery.look_alikes import LookAlikes
    from station.people.erasure import Remains


@click.group()
def people() -> None:
    """List, rename, merge and remove people, and give them codes."""


@people.command("list")
@json_option
@click.pass_obj
def list_people(session: Session, as_json: bool) -> None:
    """List everyone enrolled, by name."""
    from desktop.shared.answers import person_answer

    with session.gallery() as gallery:
        session.note_other_model(gallery.model_id)
        for identity in gallery.identities:
            templates = gallery.template_count(identity.id)
            if as_json:
                print_json(asdict(person_answer(identity, templates)))
            else:
                when = identity.enrolled_at.astimezone().strftime("%Y-%m-%d %H:%M")
                size = counted(templates, "template")
                click.echo(f"{identity.id[:8]}  {when}  {size:>13}  {identity.name}")
        if not len(gallery) and not as_json:
            click.echo("Nobody is enrolled yet.")


@people.command("look-alikes")
@json_option
@click.pass_obj
def list_look_alikes(session: Session, as_json: bool) -> None:
    """List pairs who are so alike that one may be named for the other, the most alike first.

    Of such a pair a picture of one passes the threshold for the other. More and better pictures of
    help; so does a code for each, for which the station asks them besides their face. Who is
    enrolled twice is listed, too: merge them. So are two whom no higher bar can part, of whom it
    was said that one is not the other (facedesk people bars).
    """
    with session.gallery() as gallery:
        pairs = listed_look_alikes(session, gallery) if len(gallery) > 1 else []
        for pair in pairs:
            one, other = pair.one, pair.other
            if as_json:
                print_json({"one": one.id, "other": other.id, "similarity": pair.similarity})
            else:
                click.echo(
                    f"{pair.similarity:.3f}  {one.id[:8]} {one.name}  {other.id[:8]} {other.name}"
                )
        if not pairs and not as_json:
            click.echo("Nobody is so like somebody else.")


def listed_look_alikes(session: Session, gallery: Gallery) -> list[LookAlikes]:
    """Return all pairs of a gallery of two or more; compare first who is not compared yet."""
    from desktop.commands.calibrate import threshold_in_use
    from gallery.likeness.look_alike_list import LookAlikeList
    from gallery.look_alikes import LookAlikes

    threshold = threshold_in_use(session, gallery)
    listed = LookAlikeList(session.home.impostors, gallery)
    listed.complete(threshold, lambda left: note(f"{counted(left, 'person', 'people')} to compare"))
    pairs = {frozenset((pair.one.id, pair.other.id)): pair for pair in listed.pairs(threshold)}
    for bar, other, similarity in raised_bars(session, gallery).confused(threshold):
        both = frozenset((bar.identity.id, other.id))
        pairs.setdefault(both, LookAlikes(bar.identity, other, similarity))
    return sorted(pairs.values(), key=lambda pair: -pair.similarity)


def raised_bars(session: Session, gallery: Gallery) -> RaisedBars:
    from gallery.likeness.raised_bars import RaisedBars
    from models.embedders.adopted import adopted_figures
    from models.embedders.loading import figures_of

    adopted = adopted_figures(gallery.model_id, session.home.figures)
    figures = adopted or figures_of(gallery.model_id)
    return RaisedBars(session.home.impostors, gallery, figures.raised_at_most)


@people.command("bars")
@click.option("--remove", metavar="WHO", help="Take the bar of this person away, by name or id.")
@json_option
@click.pass_obj
def list_bars(session: Session, remove: str | None, as_json: bool) -> None:
    """List whose name needs more than others', since somebody else was taken for them.

    "Not me" at the station, and "This is not ..." on a face in the window, raise the bar of the
    person whose name it was: whoever is as like them needs more from then on, in both. It is raised
    at most so far that they are still recognized in their own pictures. Where that is not enough,
    it says "at its limit": more and better pictures of them help.
    """
    from desktop.commands.calibrate import threshold_in_use

    with session.gallery() as gallery:
        if remove is not None:
            identity = the_one(gallery, remove)
            count = raised_bars(session, gallery).remove(identity.id)
            if count:
                session.audit.note("bar taken away", identity)
            click.echo(f"{identity.name}: {counted(count, 'example')} erased.")
            return
        bars = []
        if len(gallery):
            bars = raised_bars(session, gallery).all(threshold_in_use(session, gallery))
        for bar in bars:
            nearest, who = bar.examples[0].similarity, bar.identity
            if as_json:
                print_json(
                    {
                        "identity": who.id,
                        "name": who.name,
                        "needed": bar.at,
                        "examples": len(bar.examples),
                        "nearest": nearest,
                        "at_limit": bar.capped,
                    }
                )
            else:
                limit = ", at its limit" if bar.capped else ""
                examples = counted(len(bar.examples), "example")
                click.echo(
                    f"{bar.at:.3f}  {examples}, the nearest at {nearest:.3f}{limit}"
                    f"  {who.id[:8]} {who.name}"
                )
        if not bars and not as_json:
            click.echo("Nobody's bar is raised.")


@people.command()
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


@people.command()
@click.argument("into")
@click.argument("duplicate")
@click.option("--anyway", is_flag=True, help="Merge people who do not look alike, too.")
@click.pass_obj
def merge(session: Session, into: str, duplicate: str, anyway: bool) -> None:
    """Make one person of INTO and DUPLICATE, under the first's name. It cannot be undone.

    DUPLICATE's templates and note move to INTO; DUPLICATE's name, code and pictures in the check-in
    ledger are erased. Merging in the window can be undone there until it closes.
    """
    from models.embedders.adopted import adopted_figures
    from models.embedders.loading import figures_of
    from recognition import merging

    with session.gallery() as gallery:
        kept, gone = the_one(gallery, into), the_one(gallery, duplicate)
        if kept.id == gone.id:
            raise click.UsageError("INTO and DUPLICATE are the same person.")
        adopted = adopted_figures(gallery.model_id, session.home.figures)
        one_person = (adopted or figures_of(gallery.model_id)).one_person
        merging.merge(gallery, kept.id, gone.id, one_person, anyway=anyway)
        session.audit.note(f"merged with {gone.name}", kept)
        click.echo(
            f"{gone.name} was merged into {kept.name}: "
            f"{counted(gallery.template_count(kept.id), 'template')}."
        )
        _erase(gallery, gone, session)


@people.command()
@click.argument("who")
@click.pass_obj
def remove(session: Session, who: str) -> None:
    """Erase the person WHO (name or id): name, templates, pictures and code.

    It cannot be undone. Pictures in the check-in ledger are erased, too, and with them those of
    whoever said "not me" there, since nobody knows whose they are; its rows stay, with the
    name. It says what else stays, and for how long.
    """
    from station.people.erasure import remains

    with session.gallery() as gallery:
        identity = the_one(gallery, who)
        gallery.remove(identity.id)
        session.audit.note("removed", identity)
        _erase(gallery, identity, session)
        click.echo(f"{identity.name} ({identity.id[:8]}) was erased from {session.home.gallery}.")
        _tell_remains(remains(session.home, identity.id), session)


def _erase(gallery: Gallery, gone: Identity, session: Session) -> None:
    """Finish erasing a removed person. Raises StationError where something of them is left.

    What is left of somebody who was removed before is only printed.
    """
    from station.people.erasure import finish_erasures

    try:
        finish_erasures(gallery, session.home, own=True)
    except StationError as error:
        if gone.id in {item.identity_id for item in gallery.pending_erasures()}:
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


@people.command()
@click.argument("who")
@click.option("--code", help="The code; without it, it is asked for and not shown.")
@click.option("--remove", "erase", is_flag=True, help="Erase the person's code.")
@click.pass_obj
def code(session: Session, who: str, code: str | None, erase: bool) -> None:
    """Give the person WHO (name or id) a PIN or a badge's code for the check-in station.

    It is typed there, or read from a badge, instead of showing the face.
    """
    from station.secrets.codes import FEWEST, Codes

    if erase and code is not None:
        raise click.UsageError("Either --code or --remove.")
    with session.gallery() as gallery:
        identity = the_one(gallery, who)
        codes = Codes(session.home.codes)
        if erase:
            had_one = codes.remove(identity.id)
            if had_one:
                session.audit.note("code taken", identity)
            click.echo(f"{identity.name} has no code{' any more' if had_one else ''}.")
            return
        if code is None:
            code = ask(f"Code for {identity.name}, {FEWEST} characters or more")
        with gallery.changing():  # so that who is erased meanwhile leaves no code behind
            gallery.identity(identity.id)
            codes.set(identity.id, code)
        session.audit.note("code given", identity)
        click.echo(f"{identity.name} has a code now.")
