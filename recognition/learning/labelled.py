"""Embeddings with the people whom they show: what everything here learns from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gallery.gallery import Gallery


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """The embeddings of some people.

    people: their ids, or names, each once. rows: (n, d) float32 of unit length. owners: (n,) int32,
    each row's place in `people`.
    """

    people: tuple[str, ...]
    rows: NDArray[np.float32]
    owners: NDArray[np.int32]

    @classmethod
    def of(cls, people: Iterable[tuple[str, NDArray[np.float32]]]) -> LabelledRows:
        """Join people with their rows, (t, d) each. Without anybody the rows are (0, 0)."""
        named = list(people)
        if not named:
            return cls((), np.empty((0, 0), np.float32), np.empty(0, np.int32))
        counts = [len(rows) for _, rows in named]
        owners = np.repeat(np.arange(len(named), dtype=np.int32), counts)
        rows = np.concatenate([rows for _, rows in named])
        return cls(tuple(name for name, _ in named), rows, owners)

    @classmethod
    def of_gallery(cls, gallery: Gallery) -> LabelledRows:
        """The gallery's templates, of those who have any of its model."""
        people = ((i.id, gallery.embeddings(i.id)) for i in gallery.identities)
        return cls.of((one, rows) for one, rows in people if len(rows))

    @property
    def counts(self) -> NDArray[np.intp]:
        """How many rows each of the people has, (people,)."""
        return np.bincount(self.owners, minlength=len(self.people))

    def of_people(self, chosen: NDArray[np.intp]) -> LabelledRows:
        """The rows of some of the people, by their places."""
        return LabelledRows.of((self.people[one], self.rows[self.owners == one]) for one in chosen)
