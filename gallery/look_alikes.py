"""Pairs of people who are so alike that one may be named for the other."""

from __future__ import annotations

from dataclasses import dataclass

from gallery.gallery import Gallery
from gallery.identity import Identity


@dataclass(frozen=True)
class LookAlikes:
    """Two people, and the similarity (cosine) of a template of one to the other, at its highest."""

    one: Identity
    other: Identity
    similarity: float


def look_alikes(gallery: Gallery, threshold: float) -> list[LookAlikes]:
    """Return the pairs of whom a template of one would pass for the other, the most alike first.

    Every template is compared with everybody, so it takes as many searches as there are templates.
    threshold: the similarity that a name needs.
    """
    known = gallery.identities
    place = {identity.id: number for number, identity in enumerate(known)}
    found: dict[tuple[int, int], float] = {}
    for number, identity in enumerate(known):
        for mate in gallery.mates(gallery.embeddings(identity.id), threshold):
            other = place[mate.identity.id]
            if other != number:
                pair = (min(number, other), max(number, other))
                found[pair] = max(found.get(pair, -1.0), mate.similarity)
    pairs = [LookAlikes(known[a], known[b], value) for (a, b), value in found.items()]
    return sorted(pairs, key=lambda pair: -pair.similarity)
