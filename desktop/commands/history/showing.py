"""facedesk gallery history and diff: what was changed in the gallery, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from common.errors import GalleryError
from common.sentence import Sentence
from desktop.commands.session import Session, json_option, note, print_json

if TYPE_CHECKING:
    from gallery.history.log import GalleryVersion, PersonChange
    from gallery.history.person_state import PersonState


@click.command()
@click.option("--last", type=click.IntRange(min=1), help="Only so many changes, the last ones.")
@json_option
@click.pass_obj
def history(session: Session, last: int | None, as_json: bool) -> None:
    """List the changes of the gallery, the oldest first, each by the number of its version.

    At least the last 20 and those of the last 30 days are kept. Of whoever was erased nothing is
    left in them: no version brings them back.
    """
    from gallery.history.words import told

    with session.gallery() as gallery:
        versions = gallery.versions()
        aside = sum(item.is_set_aside for item in gallery.pending_erasures())
    for version in versions[-last:] if last is not None else versions:
        said = list(map(str, told(version)))
        if as_json:
            print_json(_json(version, said))
        else:
            at = f"{version.made_at.astimezone():%Y-%m-%d %H:%M}"
            click.echo(f"{version.number:4}  {at}  {'; '.join(said)}.")
    if not as_json:
        if not versions:
            click.echo("Nothing was changed yet, or not since the changes are kept.")
        if aside:
            note(
                f"Set aside by returns, each to be erased 30 days after it: {aside}. Another return"
                " brings them back."
            )


@click.command()
@click.argument("former", type=click.IntRange(min=0))
@click.argument("latter", type=click.IntRange(min=0), required=False)
@json_option
@click.pass_obj
def diff(session: Session, former: int, latter: int | None, as_json: bool) -> None:
    """Show what has changed from the version FORMER to LATTER, or to now."""
    from gallery.history.words import between, told_of

    with session.gallery() as gallery:
        since = gallery.since(former)
        end = (since[-1].number if since else former) if latter is None else latter
        if end < former or (since and end > since[-1].number) or (not since and end > former):
            raise GalleryError(
                "a version from the former one on, up to the last one there is",
                Sentence("{} is none", end),
                "facedesk gallery history lists them",
            )
    people = between([one for one in since if one.number <= end])
    if as_json:
        print_json({"from": former, "to": end, "people": [_person_json(one) for one in people]})
        return
    for sentence in told_of(people):
        click.echo(f"{sentence}.")
    if not people:
        click.echo("No difference.")


def _json(version: GalleryVersion, said: list[str]) -> dict[str, Any]:
    return {
        "version": version.number,
        "made_at": version.made_at.isoformat(),
        "returned_to": version.returned_to,
        "model_id": version.model or None,
        "changes": said,
        "erased": version.erased,
        "people": [_person_json(one) for one in version.people if one.number is not None],
    }


def _person_json(one: PersonChange) -> dict[str, Any]:
    return {
        "person": one.number,
        "erased": one.number is None,
        "before": _state_json(one.before),
        "after": _state_json(one.after),
    }


def _state_json(state: PersonState | None) -> dict[str, Any] | None:
    if state is None:
        return None
    return {
        "name": state.name,
        "note": state.note,
        "state": state.state,
        "pictures": [template_id for template_id, _ in state.templates],
        "portrait": state.portrait or None,
    }
