"""The law of the largest scores: a generalized Pareto law above a level."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

SHARE = 0.1
"""The share of the scores that the law is of."""

FEWEST_ABOVE = 10
"""Scores above the level; with fewer nothing is fitted."""

_LIGHTEST = -0.5


@dataclass(frozen=True)
class ParetoTail:
    """The scores above a level follow a generalized Pareto law (Pickands, Annals of Statistics
    1975).

    level: cosine. share: of all scores that lie above it. scale: cosine. shape: 0 is the
    exponential law; below 0 the scores have an end.
    """

    level: float
    share: float
    scale: float
    shape: float

    def quantile(self, rate: float) -> float:
        """Return the score that a share `rate` of all scores passes; `rate` is at most `share`."""
        if not 0 < rate <= self.share:
            raise ValueError(f"the tail has rates from 0 to {self.share}: {rate}")
        doublings = math.log(self.share / rate)
        if self.shape == 0:
            return self.level + self.scale * doublings
        return self.level + self.scale * math.expm1(self.shape * doublings) / self.shape


def fit_tail(scores: ArrayLike) -> ParetoTail | None:
    """Fit the highest tenth of the scores by probability-weighted moments.

    The moments are those of Hosking & Wallis (Technometrics 1987), which are steadier than maximum
    likelihood with few scores. The shape is kept between -0.5, below which they do not hold, and 0:
    similarities of unit vectors have an end.

    scores: finite numbers. None is returned where too few of them lie above the level.
    """
    everything = np.asarray(scores, dtype=np.float64).ravel()
    count = int(len(everything) * SHARE)
    if count < FEWEST_ABOVE:
        return None
    # Only the tail is put in order: of a large gallery these are hundreds of thousands of scores.
    highest = np.sort(np.partition(everything, -count - 1)[-count - 1 :])
    level = float(highest[0])
    above = highest[1:] - level
    if above[0] == above[-1]:  # all alike: there is no law to see
        return None
    mean = float(above.mean())
    passing = 1 - (np.arange(1, count + 1) - 0.35) / count
    weighted = float((above * passing).mean())
    shape = min(max(2 - mean / (mean - 2 * weighted), _LIGHTEST), 0.0)
    return ParetoTail(level, count / len(everything), mean * (1 - shape), shape)
