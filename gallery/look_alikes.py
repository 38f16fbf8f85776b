"""Pairs of people who are so alike that one may be named for the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from common.sentence import Sentence
from gallery.gallery import Gallery
from gallery.identity import Candidate, Identity
from gallery.search.unit_rows import unit_mean

_TOLD = 3
"""Names in one sentence."""


@dataclass(frozen=True)
class LookAlikes:
    """Two people, and the similarity (cosine) of a template of one to the other, at its highest."""

    one: Identity
    other: Identity
    similarity: float


def alike_to(gallery: Gallery, identity_id: str, threshold: float) -> list[Candidate]:
    """Return everybody else who makes a pair of look-alikes with a person, the most alike first.

    That takes one search, over the person's templates and their mean: so it finds the same pairs
    from either side. threshold: the similarity that a name needs. Raises UnknownIdentityError.
    """
    templates = gallery.embeddings(identity_id)
    if not len(templates):
        return []
    mean = unit_mean(templates)
    probes = templates if mean is None else np.vstack([templates, mean])
    mates = gallery.mates(probes, threshold)
    return [mate for mate in mates if mate.identity.id != identity_id]


def told(name: str, others: Sequence[Identity]) -> Sentence:
    """Return a sentence on a person's look-alikes, of whom there is one at least."""
    names = ", ".join(one.name for one in others[:_TOLD])
    if len(others) > _TOLD:
        names += ", …"
    return Sentence(
        "{} and {} are look-alikes: a picture of one passes for the other. The station asks them"
        " for a code besides the face, so give each of them one; more and better pictures of both"
        " help, and who is enrolled twice is to be merged.",
        name,
        names,
    )
