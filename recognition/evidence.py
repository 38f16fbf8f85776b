"""The looks at one face, joined to one template.

Looks at a film's face are media of one subject, as in template-based recognition (IJB-A, Klare et
al. 2015): they are weighted by how well each was seen and averaged, and the average is compared.
Looks of one moment show the same picture, so that together they count as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.flaws import Flaw
from recognition.clarity import shared

MOMENT_S = 0.2
"""Looks closer together than so many seconds are of one moment: the head has hardly moved."""

MOMENTS_KEPT = 8
"""The number of moments that a face is judged by; older ones give way to new ones."""

CLEAR = 0.1
"""The weight from which a look counts in full as an independent one; a poorer one counts for its
share of it."""

LEAST_WEIGHT = 0.01
"""The weight of the poorest look that is taken in."""


@dataclass(frozen=True, eq=False)
class Look:
    """One look at a face.

    embedding: (d,) float32 of unit length. weight: how well it was seen, Quality.score. at: when,
    as Frame.captured_at. flaws: what was wrong with the picture.
    """

    embedding: NDArray[np.float32]
    weight: float = 1.0
    at: float = 0.0
    flaws: frozenset[Flaw] = frozenset()


@dataclass(frozen=True, eq=False)
class Evidence:
    """The looks at one face, the oldest first."""

    looks: tuple[Look, ...] = ()

    def with_look(self, look: Look) -> Evidence:
        """Returns the evidence with one look more, and without what is older than
        MOMENTS_KEPT."""
        more = Evidence((*self.looks, look))
        surplus = len(more.moments) - MOMENTS_KEPT
        if surplus > 0:
            return Evidence(tuple(look for moment in more.moments[surplus:] for look in moment))
        return more

    @cached_property
    def moments(self) -> tuple[tuple[Look, ...], ...]:
        """The looks by moments: each is at least MOMENT_S after the beginning of the one before."""
        begins = [0] if self.looks else []
        for index, look in enumerate(self.looks):
            if look.at - self.looks[begins[-1]].at >= MOMENT_S:
                begins.append(index)
        return tuple(self.looks[a:b] for a, b in pairwise([*begins, len(self.looks)]))

    @cached_property
    def independent(self) -> float:
        """How many independent looks stand behind the template; a poor one is a part of one."""
        return sum(min(1.0, max(look.weight for look in m) / CLEAR) for m in self.moments)

    @cached_property
    def flaws(self) -> frozenset[Flaw]:
        """The flaws that all looks have: a single good one is enough."""
        return shared(look.flaws for look in self.looks)

    @cached_property
    def template(self) -> NDArray[np.float32]:
        """The joint template, (d,) float32 of unit length. Raises ValueError without any look."""
        if not self.looks:
            raise ValueError("no look")
        joint = np.sum([_joined(moment) for moment in self.moments], axis=0)
        return np.asarray(joint / np.linalg.norm(joint), np.float32)

    def likeness(self, embedding: NDArray[np.float32]) -> float:
        """The cosine of an embedding, (d,) float32 of unit length, and the joint template."""
        return float(self.template @ embedding)


NO_EVIDENCE = Evidence()


def _joined(moment: tuple[Look, ...]) -> NDArray[np.float32]:
    """Returns the weighted mean of a moment's looks, as long as the best of them weighs."""
    weights = np.array([max(look.weight, LEAST_WEIGHT) for look in moment], np.float32)
    rows = np.stack([look.embedding for look in moment])
    return np.asarray(weights @ rows * (weights.max() / weights.sum()), np.float32)
