"""How alike the people of a gallery are: each template against the other people, and its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gallery.identity import Identity

SAMPLED = 250
"""People that are compared with one another; of a larger gallery these, chosen by their ids, which
are random, so that the choice stays as it is while others come and go."""

_PER_PERSON = 16
"""Templates of one person that are compared: somebody with hundreds must not decide for all."""


class EmbeddedPeople(Protocol):
    """What is compared of a gallery."""

    def __len__(self) -> int: ...

    @property
    def identities(self) -> Sequence[Identity]: ...

    def embeddings(self, identity_id: str) -> NDArray[np.float32]: ...


@dataclass(frozen=True, eq=False)
class OwnScores:
    """The similarities (cosine) of a gallery's templates to its people, as the gallery tells them.

    people: who was compared. owners: (n,) of each template the index of its person. others: (n, p)
    float32, each template against each person, NaN for its own and for people who may be the same
    person. own: (n,) float32, each template against the others of its person, NaN where there
    are none. excluded: pairs who are so alike that they may be one person.
    """

    people: tuple[Identity, ...]
    owners: NDArray[np.intp]
    others: NDArray[np.float32]
    own: NDArray[np.float32]
    excluded: tuple[tuple[Identity, Identity], ...]

    @property
    def nonmated(self) -> NDArray[np.float32]:
        """All scores against other people, one after another."""
        return self.others[np.isfinite(self.others)]

    @property
    def mated(self) -> NDArray[np.float32]:
        return self.own[np.isfinite(self.own)]

    def without(self, left_out: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return `nonmated` as it is without the people of these indices."""
        rows = ~np.isin(self.owners, left_out)
        columns = ~np.isin(np.arange(len(self.people)), left_out)
        found = self.others[rows][:, columns]
        return found[np.isfinite(found)]


def own_scores(gallery: EmbeddedPeople, one_person: float) -> OwnScores:
    """Compare the templates of a gallery with its people.

    one_person: the embedder's figure, mean cosine of two identities' templates from which they may
    be one person. Such pairs are left out of `others`: somebody who is enrolled twice says nothing
    of strangers.
    """
    embedded = [(i, gallery.embeddings(i.id)[:_PER_PERSON]) for i in _chosen(gallery)]
    embedded = [(identity, rows) for identity, rows in embedded if len(rows)]
    people = tuple(identity for identity, _ in embedded)
    if not people:
        nobody = np.empty(0, np.float32)
        return OwnScores((), np.empty(0, np.intp), np.empty((0, 0), np.float32), nobody, ())
    sizes = np.array([len(rows) for _, rows in embedded])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    owners = np.repeat(np.arange(len(people)), sizes)
    templates = np.concatenate([rows for _, rows in embedded])
    cosines = templates @ templates.T
    sums = np.add.reduceat(cosines, starts, axis=1)
    lengths = _mean_lengths(sums, starts, sizes)
    # The rule of IdentityRows: the most similar template, or the mean of all.
    others = np.maximum(np.maximum.reduceat(cosines, starts, axis=1), sums / (sizes * lengths))
    likeness = np.add.reduceat(sums, starts, axis=0) / np.outer(sizes, sizes)
    same = likeness >= one_person
    np.fill_diagonal(same, val=True)
    others = np.where(same[owners], np.nan, np.minimum(others, 1)).astype(np.float32)
    pairs = zip(*np.nonzero(np.triu(same, k=1)), strict=True)
    excluded = tuple((people[i], people[j]) for i, j in pairs)
    return OwnScores(people, owners, others, _own(cosines, owners), excluded)


def _chosen(gallery: EmbeddedPeople) -> list[Identity]:
    return sorted(gallery.identities, key=lambda identity: identity.id)[:SAMPLED]


def _mean_lengths(
    sums: NDArray[np.float32], starts: NDArray[np.intp], sizes: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Return the length of each person's mean template, (p,)."""
    within = np.diagonal(np.add.reduceat(sums, starts, axis=0))
    return np.asarray(np.sqrt(np.maximum(within, 1e-12)) / sizes, np.float32)


def _own(cosines: NDArray[np.float32], owners: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return each template's similarity to the most similar other one of its person."""
    mated = np.equal.outer(owners, owners)
    np.fill_diagonal(mated, val=False)
    best = np.where(mated, cosines, -np.inf).max(axis=1)
    return np.where(np.isfinite(best), best, np.nan).astype(np.float32)
