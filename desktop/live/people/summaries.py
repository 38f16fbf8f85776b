"""What the worker tells about the people in the gallery. It is frozen, since it crosses threads."""

from __future__ import annotations

from dataclasses import dataclass

from gallery.identity import Candidate, Identity
from gallery.likeness.raised_bars import NotThem
from recognition.enrollment.photos import Skipped
from recognition.recognizer import RecognizedFace


@dataclass(frozen=True)
class PersonSummary:
    """One enrolled person, as the people view shows them."""

    identity: Identity
    template_count: int


@dataclass(frozen=True)
class MergeChoice:
    """The people a person may be merged with: everybody else, the most alike first.

    one_person: the embedder's figure, the mean cosine from which two look like one.
    """

    person: Identity
    others: tuple[Candidate, ...]
    one_person: float


@dataclass(frozen=True)
class AddedPhotos:
    """How many photos were added to a person, and why the others were not."""

    identity: Identity
    added: int
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, eq=False)
class RejectedName:
    """A face of which somebody has said that it is not whom it was named, and what came of it."""

    kept: NotThem
    face: RecognizedFace
