"""Merges a person who was enrolled twice: says to whom that may be done, and to whom it is
offered."""

from __future__ import annotations

from common.errors import EnrollmentError
from common.sentence import Sentence
from gallery.gallery import Gallery
from gallery.identity import Candidate, Identity


def merge(
    gallery: Gallery, into_id: str, from_id: str, one_person: float, *, anyway: bool = False
) -> Identity:
    """Makes one person of two, under the first's id and name; gallery.restore(from_id) undoes it.

    one_person: the embedder's figure, mean cosine. anyway: merge also where they do not look
    alike. Otherwise EnrollmentError is raised for these, and UnknownIdentityError where one of
    them is not there any more.
    """
    with gallery.changing():
        kept, gone = gallery.identity(into_id), gallery.identity(from_id)
        likeness = gallery.likeness(into_id, from_id)
        if likeness < one_person and not anyway:
            raise EnrollmentError(
                Sentence("{} and {} to be one person", kept.name, gone.name),
                Sentence("they do not look alike (mean similarity {})", f"{likeness:.2f}"),
                "Look at both pictures; where they are one person all the same, use --anyway",
            )
        return gallery.merge(into_id, from_id)


def look_alike(candidate: Candidate, one_person: float) -> bool:
    """Returns whether merge() accepts a candidate of gallery.alike() without `anyway`."""
    return candidate.similarity >= one_person
