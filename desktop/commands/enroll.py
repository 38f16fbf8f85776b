"""facedesk enroll: enrolls a person from photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import EnrollmentError
from desktop.commands.enrolled import summary, tell_look_alikes, tell_skipped
from desktop.commands.session import (
    Session,
    consent_language_option,
    consent_option,
    counted,
    json_option,
    note,
    print_json,
    tell_namesakes,
    the_one,
)

if TYPE_CHECKING:
    from gallery.identity import Candidate
    from recognition.enrollment.live import Review
    from recognition.enrollment.photos import Skipped


@click.command("enroll")
@click.argument("name")
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--into", metavar="WHO", help="Add the photos to this person, by name or id.")
@click.option("--as-new", is_flag=True, help="Enroll a new person, whoever looks the same.")
@consent_option
@consent_language_option
@json_option
@click.pass_obj
def enroll(
    session: Session,
    name: str,
    photos: tuple[Path, ...],
    into: str | None,
    as_new: bool,
    has_agreed: bool,
    consent_language: str,
    as_json: bool,
) -> None:
    """Enroll a person from photos that show one face each.

    A person who is enrolled under the same NAME already gets the photos added.
    """
    if into is not None and as_new:
        raise click.UsageError("--into and --as-new exclude each other.")
    from gallery.names import normalized_name
    from recognition.enrollment.photos import enrolled_already, read_photos, save_photos

    def target(review: Review, _: Sequence[Skipped]) -> str | None:
        return chosen if chosen is not None or as_new else enrolled_already(review)

    name = normalized_name(name)
    told = session.told_consent(has_agreed, consent_language)
    consent = told if has_agreed else None
    with session.recognizer() as recognizer:
        chosen = the_one(recognizer.gallery, into).id if into is not None else None
        read, skipped = read_photos(recognizer, photos)
        saved = save_photos(recognizer, name, read, target, consent)
        skipped += saved.skipped
        tell_skipped(skipped)
        if saved.identity is None or saved.review is None:
            raise EnrollmentError(
                "at least one photo to enroll",
                "none was left" if len(photos) > 1 else "this one was skipped",
                "Each must be new, and show one face, large and sharp",
            )
        identity, review = saved.identity, saved.review
        session.audit.note("enrolled" if saved.is_new else "photos added", identity)
        _tell_alike(name, (*review.same, *review.alike), None if saved.is_new else identity.id)
        if into is not None and identity.id not in {c.identity.id for c in review.same}:
            note(f"The photos do not look like {into}: check that they show this person.")
        tell_look_alikes(recognizer, [identity])
        tell_namesakes(recognizer.gallery, identity)
        if as_json:
            print_json(summary([identity], saved.added, skipped))
        else:
            total = recognizer.gallery.template_count(identity.id)
            added = counted(saved.added, "template")
            click.echo(f"{identity.name}: {added} added, {total} in all.")


def _tell_alike(name: str, near: tuple[Candidate, ...], target: str | None) -> None:
    """Warn of every person who looks alike, except the one who gets the templates.

    target: the id of that person's identity.
    """
    for candidate in near:
        if candidate.identity.id != target:
            note(
                f"{name} looks like {candidate.identity.name} ({candidate.identity.id[:8]}, "
                f"similarity {candidate.similarity:.2f}): check that these are two people."
            )
