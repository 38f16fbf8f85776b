"""facedesk people look-alikes, bars: who may be taken for whom, and whose name needs more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from desktop.commands.session import Session, counted, json_option, note, print_json, the_one

if TYPE_CHECKING:
    from gallery.gallery import Gallery
    from gallery.likeness.raised_bars import RaisedBar, RaisedBars
    from gallery.look_alikes import LookAlikes


@click.command("look-alikes")
@json_option
@click.pass_obj
def list_look_alikes(session: Session, as_json: bool) -> None:
    """List pairs who are so alike that one may be named for the other, the most alike first.

    Of such a pair a picture of one passes the threshold for the other. More and better pictures of
    both help; so does a code for each, for which the station asks them besides their face. Who is
    enrolled twice is listed, too: merge them. So are two whom no higher bar can part, of whom it
    was said that one is not the other (facedesk people bars).
    """
    with session.gallery() as gallery:
        pairs = _listed(session, gallery) if len(gallery) > 1 else []
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


@click.command("bars")
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
    from desktop.commands.evaluation.calibrate import threshold_in_use

    with session.gallery() as gallery:
        if remove is not None:
            _remove(session, gallery, remove, as_json)
            return
        bars = []
        if len(gallery):
            bars = _raised(session, gallery).all(threshold_in_use(session, gallery))
        for bar in bars:
            _tell(bar, as_json)
        if not bars and not as_json:
            click.echo("Nobody's bar is raised.")


def _remove(session: Session, gallery: Gallery, who: str, as_json: bool) -> None:
    identity = the_one(gallery, who)
    count = _raised(session, gallery).remove(identity.id)
    if count:
        session.audit.note("bar taken away", identity)
    if as_json:
        print_json({"identity": identity.id, "erased": count})
    else:
        click.echo(f"{identity.name}: {counted(count, 'example')} erased.")


def _tell(bar: RaisedBar, as_json: bool) -> None:
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
        return
    limit = ", at its limit" if bar.capped else ""
    examples = counted(len(bar.examples), "example")
    click.echo(
        f"{bar.at:.3f}  {examples}, the nearest at {nearest:.3f}{limit}  {who.id[:8]} {who.name}"
    )


def _listed(session: Session, gallery: Gallery) -> list[LookAlikes]:
    """Return all pairs of a gallery of two or more; first compare who is not compared yet."""
    from desktop.commands.evaluation.calibrate import threshold_in_use
    from gallery.likeness.look_alike_list import LookAlikeList, joined

    threshold = threshold_in_use(session, gallery)
    listed = LookAlikeList(session.home.impostors, gallery)
    listed.complete(threshold, lambda left: note(f"{counted(left, 'person', 'people')} to compare"))
    return joined(listed.pairs(threshold), _raised(session, gallery), threshold)


def _raised(session: Session, gallery: Gallery) -> RaisedBars:
    from gallery.likeness.raised_bars import RaisedBars
    from models.embedders.adopted import adopted_figures
    from models.embedders.loading import figures_of

    adopted = adopted_figures(gallery.model_id, session.home.figures)
    figures = adopted or figures_of(gallery.model_id)
    return RaisedBars(session.home.impostors, gallery, figures.raised_at_most)
