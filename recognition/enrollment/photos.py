"""Enrolls people from photos: one is enough, two or more are better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from capture.stills import read_picture
from common.errors import EnrollmentError, FaceCountError, FacedeskError, PictureError
from common.picture import RgbImage
from common.sentence import Sentence
from gallery.consents import Consent
from gallery.identity import Identity, Template
from recognition.enrollment.belonging import groups_of_people, is_anybodys_guess
from recognition.enrollment.live import Review, enroll_or_add, photo_template, reviewed
from recognition.recognizer import Recognizer

SAME_PHOTO = 0.9999
"""The least similarity, up to rounding, with which a photo counts as one that is enrolled
already."""

NAMES_TOLD = 12
"""So many files of a group are named in a message."""


class Why(StrEnum):
    """Why a photo gave no template. Its value is what machines read."""

    ENROLLED = "enrolled already"
    REPEATED = "given twice"
    ANOTHERS = "another person's picture"
    UNREADABLE = "cannot be read"
    FACES = "not one face"
    UNCLEAR = "not clear enough"
    STRANGER = "shows somebody else"
    PERSON = "person not enrolled"


@dataclass(frozen=True)
class Skipped:
    """A photo that gave no template, and the reason as a sentence.

    why: one of Why, or of capture.folders.PassedOver. enrolled_as: the identity that already has
    this very photo.
    """

    path: Path
    reason: Sentence
    why: str = Why.PERSON
    enrolled_as: Identity | None = None


def skipped_for(path: Path, error: FacedeskError) -> Skipped:
    """Returns a photo that gave no template for an error."""
    match error:
        case PictureError():
            why = Why.UNREADABLE
        case FaceCountError():
            why = Why.FACES
        case _:
            why = Why.UNCLEAR
    return Skipped(path, error.sentence, why)


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo that shows one face, with its template."""

    path: Path
    template: Template


@dataclass(frozen=True, eq=False)
class SavedPhotos:
    """What became of a person's photos.

    identity: who has them now; None where no photo was left to save. review: of the photos that
    were saved, as it was just before; None where there are none. is_new: whether the identity was
    made for them.
    """

    identity: Identity | None
    review: Review | None
    is_new: bool
    skipped: tuple[Skipped, ...]

    @property
    def added(self) -> int:
        """How many templates the identity got from the photos."""
        return len(self.review.templates) if self.review is not None else 0


def read_photos(
    recognizer: Recognizer,
    paths: Sequence[Path],
    progress: Callable[[Path], None] = lambda path: None,
    read: Callable[[Path], RgbImage] = read_picture,
) -> tuple[list[Photo], list[Skipped]]:
    """Reads photos of one person. Returns those that show the person, and the others with the
    reason.

    The skipped are photos without exactly one face, those on which it is not seen clearly, those
    that the gallery holds already, so that an import can be repeated, and those that show somebody
    else than the others. progress: called with each photo once it is done. read: returns a photo,
    (H, W, 3) uint8 RGB, or raises PictureError.

    Raises EnrollmentError where nobody can say whom the photos are meant to show: it names the
    photos of the two largest groups.
    """
    taken: list[Photo] = []
    skipped: list[Skipped] = []
    for path in paths:
        try:
            photo = Photo(path, photo_template(recognizer, read(path)))
            fresh, enrolled = _not_enrolled_yet(recognizer, [photo])
            skipped += enrolled
            if fresh and any(_similarity(photo, other) > SAME_PHOTO for other in taken):
                twice = Sentence("The same picture was given twice.")
                skipped.append(Skipped(path, twice, Why.REPEATED))
            else:
                taken += fresh
        except FacedeskError as error:
            skipped.append(skipped_for(path, error))
        progress(path)
    own, others = _of_one_person(taken, recognizer.embedder.figures.unlike_photo)
    reason = Sentence("It shows somebody else than the other pictures.")
    return own, [*skipped, *(Skipped(photo.path, reason, Why.STRANGER) for photo in others)]


def save_photos(
    recognizer: Recognizer,
    name: str,
    photos: Sequence[Photo],
    target: Callable[[Review, Sequence[Skipped]], str | None],
    consent: Consent | None = None,
) -> SavedPhotos:
    """Enrolls a new person, or adds to one. The gallery cannot change between the checks and the
    saving.

    Photos that another program has enrolled since they were read are skipped.
    target: gets the review of the photos that are left, and the ones that were skipped here;
    returns the id of the identity to add to, or None for a new one. Where it raises, nothing is
    saved. consent: what the person has agreed to. Raises what enroll_or_add() raises.
    """
    with recognizer.gallery.changing():
        fresh, skipped = _not_enrolled_yet(recognizer, photos)
        if not fresh:
            return SavedPhotos(None, None, False, tuple(skipped))
        review = reviewed(recognizer, name, [photo.template for photo in fresh])
        into = target(review, skipped)
        identity = enroll_or_add(recognizer, name, review.templates, into, consent)
    recognizer.gallery_changed()
    return SavedPhotos(identity, review, into is None, tuple(skipped))


def add_photos(recognizer: Recognizer, identity_id: str, paths: Sequence[Path]) -> SavedPhotos:
    """Adds photos to a person; only those that show nobody else of the gallery.

    Raises UnknownIdentityError where there is no such person, or not any more.
    """
    recognizer.gallery.identity(identity_id)
    read: list[Photo] = []
    skipped: list[Skipped] = []
    for path in paths:  # each by itself: one is not judged by the others
        of_path, unusable = read_photos(recognizer, [path])
        read += of_path
        skipped += unusable
    with recognizer.gallery.changing():
        name = recognizer.gallery.identity(identity_id).name
        own: list[Photo] = []
        for photo in read:
            same = reviewed(recognizer, name, [photo.template]).same
            if same and same[0].identity.id != identity_id:
                shown = Sentence("It shows {}.", same[0].identity.name)
                skipped.append(Skipped(photo.path, shown, Why.STRANGER))
            else:
                own.append(photo)
        saved = save_photos(recognizer, name, own, lambda *_: identity_id)
    recognizer.gallery_changed()
    return replace(saved, skipped=(*skipped, *saved.skipped))


def enrolled_already(review: Review) -> str | None:
    """Returns the id of the same person under the same name, None for a new person.

    Raises EnrollmentError where the face is enrolled under another name.
    """
    if not review.same:
        return None
    for candidate in review.same:
        if candidate.identity.name == review.name:
            return candidate.identity.id
    other = review.same[0]
    raise EnrollmentError(
        Sentence("a face that is not enrolled yet, for {}", review.name),
        Sentence(
            "it is enrolled as {} (similarity {})",
            other.identity.name,
            f"{other.similarity:.2f}",
        ),
        Sentence(
            "To add the photos there, facedesk enroll with --into {}; for a new person, with"
            " --as-new",
            other.identity.id[:8],
        ),
    )


def _not_enrolled_yet(
    recognizer: Recognizer, photos: Sequence[Photo]
) -> tuple[list[Photo], list[Skipped]]:
    fresh: list[Photo] = []
    skipped: list[Skipped] = []
    for photo in photos:
        # A template of a time without FaceMesh, or of an earlier version, is of another look.
        quick = recognizer.embedder.embed([photo.template.crop])
        either = np.concatenate([photo.template.embedding[np.newaxis], quick])
        holders = recognizer.gallery.mates(either, SAME_PHOTO)
        if holders:
            holder = holders[0].identity
            reason = Sentence("The same picture is enrolled already, as {}.", holder.name)
            skipped.append(Skipped(photo.path, reason, Why.ENROLLED, holder))
        else:
            fresh.append(photo)
    return fresh, skipped


def _similarity(one: Photo, other: Photo) -> float:
    return float(one.template.embedding @ other.template.embedding)


def _of_one_person(photos: list[Photo], least: float) -> tuple[list[Photo], list[Photo]]:
    """Returns the photos of the person whom most of them show, and those of anybody else.

    least: see groups_of_people(). Raises EnrollmentError as read_photos() does.
    """
    if len(photos) < 2:
        return photos, []
    groups = groups_of_people(np.stack([photo.template.embedding for photo in photos]), least)
    if is_anybodys_guess(groups):
        one, other = (_file_names([photos[i] for i in group]) for group in groups[:2])
        raise EnrollmentError(
            "pictures of one person",
            Sentence("{} and {} show different people", one, other),
            "Put each person's pictures into a folder of their own, and enroll one at a time",
        )
    own = set(groups[0])
    return (
        [photo for i, photo in enumerate(photos) if i in own],
        [photo for i, photo in enumerate(photos) if i not in own],
    )


def _file_names(photos: Sequence[Photo]) -> str:
    names = [photo.path.name for photo in photos]
    return ", ".join(names[:NAMES_TOLD]) + (", …" if len(names) > NAMES_TOLD else "")
