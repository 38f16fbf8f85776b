"""The bootstrap over people (Efron 1979): how much of a figure is chance among those measured.

Pictures of one person are alike; so people are drawn again, each with all of their pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000


@dataclass(frozen=True)
class Interval:
    """A figure, and its 95 % interval by a bootstrap over people."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, values: NDArray[np.float64], outside: float = 0.05) -> Interval:
        """values: of everybody, then of each resample. outside: the share outside of the
        interval, where it is not the usual one.
        """
        low, high = np.quantile(values[1:], (outside / 2, 1 - outside / 2))
        return cls(float(values[0]), float(low), float(high))


def resamples(people: int, count: int = RESAMPLES) -> NDArray[np.float64]:
    """Return how often each of so many people counts, (1 + count, people): once each in the first
    row, then as often as they are drawn. No row is of one person alone, who could be taken for
    nobody.

    Raises ValueError for fewer than two people.
    """
    if people < 2:
        raise ValueError("two people are needed")
    rng = np.random.default_rng(0)
    rows = [np.ones(people)]
    while len(rows) <= count:
        drawn = np.bincount(rng.integers(0, people, people), minlength=people)
        if np.count_nonzero(drawn) > 1:
            rows.append(drawn.astype(np.float64))
    return np.array(rows)
