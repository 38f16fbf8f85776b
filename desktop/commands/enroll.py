"""facedesk enroll, facedesk import: enroll people from photos."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import EnrollmentError, GalleryError, PictureError
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
    from gallery.identity import Candidate, Identity
    from recognition.enrollment.live import Review
    from recognition.enrollment.photos import Skipped
    from recognition.recognizer import Recognizer
    from station.ledger.audit import Audit


@click.command("enroll")
@click.argument("name")
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--into", metavar="WHO", help="Add the photos to this person, by name or id.")
@click.option("--as-new", is_flag=True, help="Enroll a new person, whoever looks the same.")
@json_option
@click.pass_obj
def enroll(
    session: Session,
    name: str,
    photos: tuple[Path, ...],
    into: str | None,
    as_new: bool,
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
    with session.recognizer() as recognizer:
        chosen = the_one(recognizer.gallery, into).id if into is not None else None
        read, skipped = read_photos(recognizer, photos)
        saved = save_photos(recognizer, name, read, target)
        skipped += saved.skipped
        _tell_skipped(skipped)
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
        tell_namesakes(recognizer.gallery, identity)
        if as_json:
            print_json(_summary([identity], saved.added, skipped))
        else:
            total = recognizer.gallery.template_count(identity.id)
            added = counted(saved.added, "template")
            click.echo(f"{identity.name}: {added} added, {total} in all.")


@click.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def import_folder(session: Session, folder: Path, as_json: bool) -> None:
    """Enroll everyone in a FOLDER of people.

    It has a subfolder for each person, named like the person.
    Importing the same folder again adds only what is new.
    """
    from rich.console import Console
    from rich.progress import track

    from capture.stills import people_folders
    from gallery.names import normalized_name
    from recognition.enrollment.photos import Skipped

    people = people_folders(folder)
    identities: list[Identity] = []
    skipped: list[Skipped] = []
    templates = 0
    with session.recognizer() as recognizer:
        console = Console(stderr=True)
        for person in track(
            people, description="Importing", console=console, disable=not sys.stderr.isatty()
        ):
            try:
                name = normalized_name(person.name)
                identity, added, refused = _import_person(recognizer, person, name, session.audit)
            except (GalleryError, PictureError) as error:
                skipped.append(Skipped(person, error.sentence))
                continue
            templates += added
            skipped += refused
            if identity is not None:
                identities.append(identity)
    _tell_skipped(skipped)
    if not identities and not skipped:
        raise EnrollmentError(
            f"pictures of people in the subfolders of {folder}",
            "there are none",
            "Make a subfolder for each person, named like the person, with pictures in it",
        )
    if as_json:
        print_json(_summary(identities, templates, skipped))
    else:
        click.echo(
            f"{counted(len(identities), 'person', 'people')}, "
            f"{counted(templates, 'template')} added, {len(skipped)} skipped."
        )


def _import_person(
    recognizer: Recognizer, folder: Path, name: str, audit: Audit
) -> tuple[Identity | None, int, list[Skipped]]:
    """Enroll one person from the pictures in a folder.

    Returns the identity (None where no picture could be used), the number of new templates, and
    what was skipped.
    """
    from capture.stills import picture_paths
    from recognition.enrollment.photos import Skipped, enrolled_already, read_photos, save_photos

    try:
        read, skipped = read_photos(recognizer, picture_paths(folder))
    except EnrollmentError as error:
        return None, 0, [Skipped(folder, error.sentence)]

    def target(review: Review, enrolled_meanwhile: Sequence[Skipped]) -> str | None:
        for photo in (*skipped, *enrolled_meanwhile):
            if photo.enrolled_as is not None and photo.enrolled_as.name == name:
                return photo.enrolled_as.id
        return enrolled_already(review)

    try:
        saved = save_photos(recognizer, name, read, target)
    except EnrollmentError as error:
        return None, 0, [*skipped, Skipped(folder, error.sentence)]
    if saved.identity is not None:
        audit.note("enrolled" if saved.is_new else "photos added", saved.identity)
        tell_namesakes(recognizer.gallery, saved.identity)
    return saved.identity, saved.added, [*skipped, *saved.skipped]


def _tell_skipped(skipped: list[Skipped]) -> None:
    """Print a line for each skipped photo.

    Photos that were enrolled already have one line for each person.
    """
    again = Counter(photo.enrolled_as for photo in skipped if photo.enrolled_as is not None)
    for identity, count in again.items():
        note(f"{identity.name}: {counted(count, 'picture')} enrolled already.")
    for photo in skipped:
        if photo.enrolled_as is None:
            note(f"Skipped {photo.path}: {photo.reason}")


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


def _summary(
    identities: list[Identity], templates: int, skipped: list[Skipped]
) -> dict[str, object]:
    return {
        "identities": [{"identity": i.id, "name": i.name} for i in identities],
        "templates": templates,
        "skipped": [{"path": str(s.path), "reason": s.reason} for s in skipped],
    }
