"""Says whom in the gallery the templates of a person resemble, as they come in one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from gallery.identity import Candidate
from recognition.recognizer import Recognizer

NEIGHBOURS = 5
"""How many similar people are compared with each template of a new person."""


class Resemblance:
    """Compares embeddings of one person with the gallery.

    One thread, the recognizer's, uses it.
    """

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer
        self._nearest: dict[str, Candidate] = {}
        self._passed: Counter[str] = Counter()
        self._seen = 0

    def see(self, embeddings: NDArray[np.float32]) -> None:
        """Takes further embeddings, (n, d) float32 unit rows."""
        threshold = self._recognizer.threshold
        self._seen += len(embeddings)
        for ranking in self._recognizer.gallery.search(embeddings, k=NEIGHBOURS):
            for candidate in ranking:
                who = candidate.identity.id
                self._passed[who] += candidate.similarity >= threshold
                known = self._nearest.get(who)
                if known is None or candidate.similarity > known.similarity:
                    self._nearest[who] = candidate

    @property
    def same(self) -> tuple[Candidate, ...]:
        """Whom at least half of the embeddings match: this person is enrolled already. The best
        match comes first; who has been removed meanwhile is left out."""
        return tuple(each for each in self._ranked() if self._is_same(each))

    @property
    def alike(self) -> tuple[Candidate, ...]:
        """Other people whom one of the embeddings resembles, to be told apart; the best match comes
        first."""
        embedder = self._recognizer.embedder
        least = self._recognizer.threshold - embedder.figures.look_alike
        return tuple(
            each for each in self._ranked() if each.similarity >= least and not self._is_same(each)
        )

    def _ranked(self) -> list[Candidate]:
        knows = self._recognizer.gallery.knows
        there = (each for each in self._nearest.values() if knows(each.identity.id))
        return sorted(there, key=lambda candidate: -candidate.similarity)

    def _is_same(self, candidate: Candidate) -> bool:
        return 2 * self._passed[candidate.identity.id] >= self._seen
