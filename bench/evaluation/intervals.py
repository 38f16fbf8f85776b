"""Intervals of an evaluation's figures, by bootstrap over people, and the rule of three."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.evaluation.trials import SEED, Indices

CONFIDENCE = 0.95

_REPLICATES = 1000
_FEWEST_REPLICATES = 100
_WORK = 1e8
"""Comparisons weighted in all replicates together: some seconds."""

Weights = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A rate with its interval of CONFIDENCE. of: how many comparisons or probes it is a share of;
    0 where it is no share. errors: how many of them went wrong."""

    value: float
    low: float
    high: float
    of: int = 0
    errors: int = 0


def rule_of_three(trials: int) -> float:
    """Return the rate below which nothing can be claimed from so many independent trials.

    Without a single error in n trials the rate is below 3 / n with a confidence of 95 % (Jovanovic
    & Levy, The American Statistician 1997; ISO/IEC 19795-1).
    """
    return min(1.0, 3 / trials) if trials else 1.0


def least_claimed(trials: int) -> str:
    """Return the rate that rule_of_three() gives, as a percentage of two digits."""
    return f"{float(f'{100 * rule_of_three(trials):.2g}'):g} %"


def shares(
    people: int, size: int, several: Sequence[tuple[Indices, NDArray[np.bool_]]]
) -> Estimate:
    """Return the share of true values, whose persons may be drawn more than once."""
    of = np.zeros(people)
    hits = np.zeros(people)
    for persons, is_hit in several:
        of += np.bincount(persons, minlength=people)
        hits += np.bincount(persons[is_hit], minlength=people)

    def share(weights: Weights) -> Weights:
        total = float(weights @ of)
        return np.array([weights @ hits / total if total else np.nan])

    low, high = bounds(share, people, size)
    value = float(share(np.ones(people))[0])
    return estimate(value, float(low[0]), float(high[0]), int(of.sum()))


def bounds(figure: Callable[[Weights], Weights], people: int, size: int) -> tuple[Weights, Weights]:
    """Return the ends of the percentile interval over people drawn with replacement."""
    random = np.random.default_rng(SEED)
    replicates = int(min(_REPLICATES, max(_FEWEST_REPLICATES, _WORK / max(size, 1))))
    chance = np.full(people, 1 / people)
    drawn = [
        figure(random.multinomial(people, chance).astype(np.float64)) for _ in range(replicates)
    ]
    tail = 100 * (1 - CONFIDENCE) / 2
    stacked = np.array(drawn)
    unusable = np.isnan(stacked).all(axis=0)
    stacked[:, unusable] = 0
    low, high = np.nanpercentile(stacked, (tail, 100 - tail), axis=0)
    low[unusable] = high[unusable] = np.nan
    return low, high


def estimate(value: float, low: float, high: float, of: int) -> Estimate:
    return Estimate(value, min(low, value), max(high, value), of)


def widened(rate: Estimate, different: int) -> Estimate:
    """Let a rate of errors reach as far as the rule of three where there was none.

    The bootstrap knows nothing of errors that did not happen. different: how many of the
    comparisons are of other pictures than those before; splits that are drawn anew repeat them.
    """
    errors = round(rate.value * rate.of)
    high = rate.high if errors else max(rate.high, rule_of_three(different))
    return replace(rate, high=high, errors=errors)


def widened_up(rate: Estimate, different: int) -> Estimate:
    """The same for a share of right answers."""
    errors = round((1 - rate.value) * rate.of)
    low = rate.low if errors else min(rate.low, 1 - rule_of_three(different))
    return replace(rate, low=low, errors=errors)
