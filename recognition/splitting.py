"""Splits somebody whose pictures show two people: says which are whose, and to whom that may be
done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from common.errors import EnrollmentError
from common.sentence import Sentence
from gallery.gallery import Gallery
from gallery.identity import Identity
from gallery.kept_pictures import KeptPicture
from recognition.enrollment.belonging import two_groups


@dataclass(frozen=True, eq=False)
class Split:
    """How a person's pictures may be parted.

    stays: what the person keeps. goes: what a new person gets. likeness: the mean cosine between
    the two; None where one of them has no picture that the model can use.
    """

    stays: tuple[KeptPicture, ...]
    goes: tuple[KeptPicture, ...]
    likeness: float | None

    @property
    def template_ids(self) -> list[int]:
        """Of the pictures that go."""
        return [picture.template_id for picture in self.goes]

    @property
    def swapped(self) -> Split:
        """The same, the other way round."""
        return Split(self.goes, self.stays, self.likeness)


def proposed_split(gallery: Gallery, identity_id: str) -> Split:
    """Parts a person's pictures by similarity: the smaller of the two groups is to go, or, of two
    as large, the later.

    Pictures of which the model can make nothing stay. Raises EnrollmentError where fewer than two
    can be compared, and UnknownIdentityError.
    """
    pictures = gallery.pictures(identity_id)
    compared = [one for one in pictures if one.is_compared]
    if len(compared) < 2:
        raise EnrollmentError(
            Sentence("two pictures of {} or more", gallery.identity(identity_id).name),
            Sentence("there are {} to compare", len(compared)),
            "Nothing can be split off; rename the person, or enroll the other one",
        )
    _, smaller = sorted(
        two_groups(np.stack([one.embedding for one in compared])), key=lambda g: (-len(g), g)
    )
    return _split(pictures, {compared[i].template_id for i in smaller})


def chosen_split(gallery: Gallery, identity_id: str, template_ids: Sequence[int]) -> Split:
    """Returns the split in which these pictures of a person go.

    Raises EnrollmentError where one is not the person's, and UnknownIdentityError.
    """
    pictures = gallery.pictures(identity_id)
    if unknown := set(template_ids) - {one.template_id for one in pictures}:
        raise EnrollmentError(
            Sentence("pictures of {}", gallery.identity(identity_id).name),
            Sentence("number {} is none, or not any more", min(unknown)),
            "Look at the list of the pictures again",
        )
    return _split(pictures, set(template_ids))


def split(
    gallery: Gallery,
    identity_id: str,
    parted: Split,
    name: str,
    one_person: float,
    *,
    anyway: bool = False,
) -> Identity:
    """Makes a new person of the pictures that go; returns it. gallery.merge() undoes it.

    one_person: the embedder's figure, mean cosine. anyway: split also where both groups look like
    one person. Otherwise EnrollmentError is raised for these, and GalleryError where the pictures
    have changed, or nothing is left for one of the two.
    """
    if not anyway and looks_like_one(parted, one_person):
        likeness = parted.likeness or 0.0
        raise EnrollmentError(
            Sentence("pictures of two people, for {}", gallery.identity(identity_id).name),
            Sentence("all look like one (mean similarity {})", f"{likeness:.2f}"),
            "Look at the pictures; where they show two people all the same, use --anyway",
        )
    return gallery.split(identity_id, parted.template_ids, name)


def looks_like_one(parted: Split, one_person: float) -> bool:
    """Returns whether both groups look like one person, as far as the model can tell."""
    return parted.likeness is not None and parted.likeness >= one_person


def _split(pictures: Sequence[KeptPicture], goes: set[int]) -> Split:
    leaving = tuple(one for one in pictures if one.template_id in goes)
    staying = tuple(one for one in pictures if one.template_id not in goes)
    one, other = (
        [picture.embedding for picture in group if picture.is_compared]
        for group in (staying, leaving)
    )
    likeness = float((np.stack(one) @ np.stack(other).T).mean()) if one and other else None
    return Split(staying, leaving, likeness)
