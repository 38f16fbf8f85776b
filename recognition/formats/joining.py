"""Puts people from elsewhere into the gallery: embeddings, and pictures that are crops of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from capture.stills import read_picture
from common.errors import EnrollmentError, FormatError, PictureError
from common.sentence import Sentence
from gallery.consents import Consent
from gallery.crops import NO_CROP
from gallery.gallery import Gallery
from gallery.identity import Identity, Template
from gallery.names import normalized_name
from models.embedders.fusion import crop_model_id
from recognition.enrollment.live import Review, enroll_or_add, reviewed
from recognition.enrollment.photos import (
    SAME_PHOTO,
    Photo,
    Skipped,
    Why,
    read_photos,
    skipped_for,
)
from recognition.formats.contents import PeopleInEmbeddings, PersonEmbeddings, PersonPictures
from recognition.recognizer import Recognizer

QUALITY_UNKNOWN = 0.0
"""The quality of a template whose picture nobody here has seen."""

Target = Callable[[Review], str | None]
"""Says who gets the templates: the id of an identity, or None for a new one. It may raise
EnrollmentError: then nobody does."""


@dataclass(frozen=True)
class Joined:
    """What became of a person's embeddings.

    identity: who has them; None where nobody got any. is_new: whether it was made for them.
    added, known: how many were added, and how many the person had already.
    reason: why others were left out; None where there is none.
    """

    name: str
    identity: Identity | None = None
    is_new: bool = False
    added: int = 0
    known: int = 0
    reason: Sentence | None = None


class _OnlyPreviewedError(Exception):
    """Ends a preview."""


@contextmanager
def preview(gallery: Gallery, wanted: bool) -> Iterator[None]:
    """Makes the block's changes of the gallery, and where it is only a preview unmakes them all."""
    try:
        with gallery.changing():
            yield
            if wanted:
                raise _OnlyPreviewedError
    except _OnlyPreviewedError:
        pass


def check_model(recognizer: Recognizer, own_name: str, given: str | None, path: Path) -> None:
    """Raises FormatError unless the embeddings in a file are said to be the gallery's model's.

    own_name: what the settings call the embedder. given: the name or the id that the user says.
    """
    embedder = recognizer.embedder
    if given is None:
        raise FormatError(
            Sentence("the model that made the embeddings in {}", path),
            "none is named, and embeddings of two models never compare",
            Sentence("Name it with --model; the gallery's is {} ({})", own_name, embedder.model_id),
        )
    if given not in (own_name, embedder.model_id):
        raise FormatError(
            Sentence("embeddings of {} ({}), the gallery's model", own_name, embedder.model_id),
            Sentence("those in {} are of {}, and two models' never compare", path, given),
            Sentence(
                "Choose {} as the embedder in a home of its own (--home), or import the pictures "
                "they were made from",
                given,
            ),
        )


def join_embeddings(
    recognizer: Recognizer,
    content: PeopleInEmbeddings,
    path: Path,
    target: Target,
    consent: Consent | None = None,
) -> list[Joined]:
    """Adds everyone to the gallery, in one change.

    consent: what all of them have agreed to.
    path: of the file, for messages. Raises FormatError where the vectors are of another length
    than the gallery's.
    """
    wanted = recognizer.embedder.dimension
    if content.dimension != wanted:
        raise FormatError(
            Sentence(
                "vectors of {} numbers, as {} makes them", wanted, recognizer.embedder.model_id
            ),
            Sentence("those in {} have {}", path, content.dimension),
            "They are another model's: see which one the program used that wrote them",
        )
    with recognizer.gallery.changing():
        joined = [_join(recognizer, person, target, consent) for person in content.people]
    recognizer.gallery_changed()
    return joined


def _join(
    recognizer: Recognizer, person: PersonEmbeddings, target: Target, consent: Consent | None
) -> Joined:
    fresh, known, reason = [], 0, None
    for row in person.embeddings:
        holders = recognizer.gallery.mates(row[None], SAME_PHOTO)
        if not holders:
            fresh.append(Template(row, NO_CROP, QUALITY_UNKNOWN, recognizer.embedder.model_id))
        elif any(holder.identity.name == person.name for holder in holders):
            known += 1
        else:
            reason = Sentence("The same vector is here as {}.", holders[0].identity.name)
    if not fresh:
        return Joined(person.name, known=known, reason=reason)
    review = reviewed(recognizer, person.name, fresh)
    try:
        into = target(review)
        identity = enroll_or_add(recognizer, person.name, fresh, into, consent)
    except EnrollmentError as error:
        return Joined(person.name, known=known, reason=error.sentence)
    return Joined(person.name, identity, into is None, len(fresh), known, reason)


def read_person(
    recognizer: Recognizer, person: PersonPictures
) -> tuple[list[Photo], list[Skipped]]:
    """Reads a person's pictures as read_photos() does; crops of ours need no face to be found.

    Pictures that are enrolled as somebody else are told as that. Raises what read_photos() raises.
    """
    crops: list[Photo] = []
    skipped: list[Skipped] = []
    photos = []
    for path in person.pictures:
        own = person.own.get(path)
        if own is None or own.model_id != recognizer.embedder.model_id:
            photos.append(path)
            continue
        try:
            crop = read_picture(path)
        except PictureError as error:
            skipped.append(skipped_for(path, error))
            continue
        (row,) = recognizer.embedder.embed_thoroughly([crop])
        embedder = recognizer.embedder
        made_for = crop_model_id(embedder)
        template = Template(row, crop, own.quality, embedder.model_id, made_for)
        holders = recognizer.gallery.mates(row[None], SAME_PHOTO)
        if holders:
            who = holders[0].identity
            reason = Sentence("The same picture is enrolled already, as {}.", who.name)
            skipped.append(Skipped(path, reason, Why.ENROLLED, who))
        else:
            crops.append(Photo(path, template))
    read, others = read_photos(recognizer, photos) if photos else ([], [])
    return [*crops, *read], [as_anothers(one, person.name) for one in (*skipped, *others)]


def as_anothers(skipped: Skipped, name: str) -> Skipped:
    """Returns a skipped picture of a person, told as another's where somebody else has it.

    name: of the person whose picture it was to be.
    """
    holder = skipped.enrolled_as
    if holder is None or holder.name == normalized_name(name):
        return skipped
    reason = Sentence("It is a copy of a picture of {}, who is enrolled.", holder.name)
    return replace(skipped, reason=reason, why=Why.ANOTHERS)
