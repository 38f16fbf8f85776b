"""facedesk gallery: looks through it, returns to earlier versions, changes its embedder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from common.errors import GalleryError
from common.sentence import Sentence
from desktop.commands.history.returning import rollback
from desktop.commands.history.showing import diff, history
from desktop.commands.session import Session, counted, json_option, note, print_json

if TYPE_CHECKING:
    from gallery.store import Store
    from recognition.reembedding import Reembedded, Shortfall

anyway_option = click.option(
    "--anyway", is_flag=True, help="Go on also where some people are not recognized then."
)


@click.group()
def gallery() -> None:
    """Check the gallery, undo its changes, or change its embedder."""


for _command in (history, diff, rollback):
    gallery.add_command(_command)


@gallery.command()
@anyway_option
@json_option
@click.pass_obj
def reembed(session: Session, anyway: bool, as_json: bool) -> None:
    """Embed everybody again, from their stored pictures, for the embedder of the settings.

    Until all are done the gallery is as it was, for every program; then it is of the new model in
    one step. What is done when this is stopped is not done again. The embeddings before are kept:
    facedesk gallery return goes back to them.

    People of whose pictures the new embedder can make nothing are listed, and nothing is changed:
    enroll them again afterwards, and go on with --anyway.
    """
    with _store(session) as store:
        before = store.model()
        outcome = _embedded(session, store, session.settings.embedder, anyway)
        after = store.model()
    _tell(outcome, before, after, as_json)


@gallery.command("return")
@anyway_option
@json_option
@click.pass_obj
def return_(session: Session, anyway: bool, as_json: bool) -> None:
    """Return to the embedder that the gallery was of before, and let the settings name it.

    Names, removals and merges since then hold; whoever was enrolled since then is embedded for it
    first. It can be returned from in the same way.
    """
    from models.embedders.loading import embedder_name
    from recognition.reembedding import Reembedded

    with _store(session) as store:
        before, former = store.model(), store.sets.former
        if former is None:
            raise GalleryError(
                "a gallery that was embedded again for another embedder",
                Sentence("{} never was", session.home.gallery),
                "facedesk gallery reembed makes it one of the embedder that the settings name",
            )
        name = embedder_name(former.model_id)
        if not store.sets.count_without(former):  # then its model is not needed, and may be gone
            activation = store.sets.activate(former, anyway=anyway)
            outcome = Reembedded(activation.is_active, 0, ())
        elif name is None:
            raise GalleryError(
                Sentence("the model {}, to embed who was enrolled since then", former.model_id),
                "it was removed, or another file took its place",
                "Add it again: facedesk models add FILE",
            )
        else:
            outcome = _embedded(session, store, name, anyway)
        after = store.model()
    _tell(outcome, before, after, as_json)
    if name is not None and name != session.settings.embedder:
        session.change_settings({("embedder",): name})
        note(f"The setting embedder is {name} now.")
    if name is None:
        note(f"The model {former.model_id} is not here any more: facedesk models add FILE.")


@gallery.command()
@json_option
@click.pass_obj
def check(session: Session, as_json: bool) -> None:
    """Look at everything in the gallery's file: that every record opens, every picture can be
    decoded, every embedding is one, and nothing is missing or left over.

    At each start the program looks at less: it takes some minutes with ten thousand people.
    """
    from dataclasses import asdict

    from gallery.checking import MOST_TOLD, check_gallery

    _require_gallery(session)
    with _progress("Looking") as told:
        found = check_gallery(session.home.gallery, lambda done: told(done, done))
    if as_json:
        print_json({**asdict(found), "wrong": [str(one) for one in found.wrong]})
    else:
        for one in found.wrong[:MOST_TOLD]:
            click.echo(f"{one}.")
        if len(found.wrong) > MOST_TOLD:
            click.echo(f"{len(found.wrong) - MOST_TOLD} more.")
    if found.wrong:
        raise GalleryError(
            Sentence("an intact gallery at {}", session.home.gallery),
            Sentence("{} things in it are wrong", len(found.wrong)),
            "Put a backup copy in its place",
        )
    if not as_json:
        looked = (
            f"{counted(found.people, 'person', 'people')}, {counted(found.templates, 'template')}:"
            f" {counted(found.records, 'record')} opened, {counted(found.crops, 'crop')} and"
            f" {counted(found.views, 'view')} decoded, {counted(found.embeddings, 'embedding')}"
        )
        click.echo(f"All is well. {looked}.")


def _require_gallery(session: Session) -> None:
    if not session.home.gallery.exists():
        raise GalleryError(
            Sentence("a gallery at {}", session.home.gallery),
            "there is none yet",
            "Enroll somebody: facedesk enroll NAME PHOTO",
        )


@contextmanager
def _store(session: Session) -> Iterator[Store]:
    """Give the store of a gallery that is there."""
    from gallery.store import Store

    _require_gallery(session)
    with closing(Store(session.home.gallery)) as store:
        yield store


def _embedded(session: Session, store: Store, embedder: str, anyway: bool) -> Reembedded:
    from models.embedders.fusion import FusedEmbedder
    from recognition.assembly import load_models
    from recognition.reembedding import reembed

    choice = replace(session.recognizer_spec(20), embedder=embedder)
    detector, made_by = load_models(choice, session.home.cache, session.preparation)
    if isinstance(made_by, FusedEmbedder) and not made_by.figures.is_measured:
        note("All parts weigh the same until facedesk evaluate FOLDER --adopt measures them.")
    with _progress() as told:
        return reembed(store, made_by, detector.detect, anyway=anyway, told=told)


@contextmanager
def _progress(what: str = "Embedding") -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _tell(
    outcome: Reembedded,
    before: tuple[str, int] | None,
    after: tuple[str, int] | None,
    as_json: bool,
) -> None:
    """Print what came of it. Raises GalleryError where nothing was changed."""
    was, now = (model[0] if model else "" for model in (before, after))
    if as_json:
        shortfalls = [_shortfall_json(one) for one in outcome.shortfalls]
        print_json(
            {
                "done": outcome.is_done,
                "before": was,
                "model_id": now,
                "embedded": outcome.templates,
                "shortfalls": shortfalls,
            }
        )
    else:
        for one in outcome.shortfalls:
            left = "not recognized by this embedder" if one.is_left_out else "others serve"
            pictures = counted(one.pictures, "stored picture")
            click.echo(f"{one.name}: {pictures} cannot be used, {left}: {one.reason}.")
    if not outcome.is_done:
        raise GalleryError(
            "stored pictures of everybody that the new embedder can use",
            Sentence("those of {} are not enough", ", ".join(one.name for one in outcome.left_out)),
            "The gallery was not changed: go on with --anyway and enroll them again, or keep the"
            " embedder",
        )
    if not as_json:
        if was == now:
            click.echo(f"The gallery is of the model {now}.")
        else:
            made = counted(outcome.templates, "template")
            click.echo(f"The gallery is of the model {now} now; {made} embedded.")
            if was:
                note(f"facedesk gallery return goes back to {was}.")


def _shortfall_json(one: Shortfall) -> dict[str, Any]:
    return {
        "name": one.name,
        "pictures": one.pictures,
        "reason": one.reason,
        "left_out": one.is_left_out,
    }
