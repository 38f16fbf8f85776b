"""What the worker tells of the people in the gallery. Frozen: it crosses threads."""

from __future__ import annotations

from dataclasses import dataclass

from gallery.identity import Candidate, Identity
from recognition.enrollment.photos import Skipped


@dataclass(frozen=True)
class PersonSummary:
    """Somebody enrolled, as the people view shows them."""

    identity: Identity
    template_count: int


@dataclass(frozen=True)
class MergeChoice:
    """Into whom a person may be merged: everybody else, the most alike first.

    one_person: the embedder's figure, mean cosine from which two look like one.
    """

    person: Identity
    others: tuple[Candidate, ...]
    one_person: float


@dataclass(frozen=True)
class AddedPhotos:
    """How many photos were added to a person, and why the others were not."""

    name: str
    added: int
    skipped: tuple[Skipped, ...]
