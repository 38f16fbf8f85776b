"""Turns scores into probabilities by a logistic curve, and says how far these can be relied on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STEPS = 100
_RIDGE = 1e-9

BINS = 10
"""Of a reliability table, of equal width (Guo et al. 2017 take 10 or 15)."""


@dataclass(frozen=True)
class Logistic:
    """The curve 1 / (1 + exp(-(slope * score + intercept)))."""

    slope: float
    intercept: float

    def logits(self, scores: NDArray[np.floating]) -> NDArray[np.float64]:
        """The logarithms of the odds."""
        return np.asarray(self.slope * scores + self.intercept, np.float64)

    def probabilities(self, scores: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.asarray(1 / (1 + np.exp(-np.clip(self.logits(scores), -500, 500))))


def fit_logistic(
    scores: NDArray[np.floating],
    labels: NDArray[np.bool_],
    weights: NDArray[np.floating] | None = None,
) -> Logistic:
    """Fit the curve by maximum likelihood, with Platt's targets, which keep it finite.

    The targets are (n+ + 1) / (n+ + 2) and 1 / (n- + 2), for n+ true and n- false labels (Platt
    1999; the method of Newton with halved steps: Lin, Lin & Weng 2007).

    scores, labels, weights: (n,). Raises ValueError unless there are finite scores of both labels.
    """
    values = np.asarray(scores, np.float64)
    true = int(labels.sum())
    if not 0 < true < len(labels) or not np.isfinite(values).all():
        raise ValueError("finite scores of both labels are needed")
    share = np.ones(len(values)) if weights is None else np.asarray(weights, np.float64)
    targets = np.where(labels, (true + 1) / (true + 2), 1 / (len(labels) - true + 2))
    # Scaled, so that the problem is well conditioned whatever the scores' unit is.
    centre, spread = values.mean(), max(float(values.std()), 1e-12)
    design = np.stack([(values - centre) / spread, np.ones(len(values))], axis=1)
    curve = np.zeros(2)
    loss = _loss(design @ curve, targets, share)
    for _ in range(_STEPS):
        found = 1 / (1 + np.exp(-design @ curve))
        gradient = design.T @ (share * (found - targets))
        if np.abs(gradient).max() < 1e-9 * share.sum():
            break
        bend = (design * (share * found * (1 - found))[:, np.newaxis]).T @ design
        step = np.linalg.solve(bend + _RIDGE * share.sum() * np.eye(2), gradient)
        size = 1.0
        while size > 1e-6 and _loss(design @ (curve - size * step), targets, share) > loss:
            size /= 2
        curve = curve - size * step
        loss = _loss(design @ curve, targets, share)
    slope = curve[0] / spread
    return Logistic(float(slope), float(curve[1] - slope * centre))


def _loss(
    logits: NDArray[np.float64], targets: NDArray[np.float64], weights: NDArray[np.float64]
) -> float:
    return float((weights * (np.logaddexp(0, logits) - targets * logits)).sum())


@dataclass(frozen=True)
class ReliabilityBin:
    """Cases whose probability lies between `low` and `high`.

    count: how many they are, and `weight` what they weigh. told: their mean probability. found: the
    share of them that is true.
    """

    low: float
    high: float
    count: int
    weight: float
    told: float
    found: float


@dataclass(frozen=True)
class Reliability:
    """How far probabilities are kept. bins: those with cases in them, the least probable first."""

    bins: tuple[ReliabilityBin, ...]

    @property
    def expected_calibration_error(self) -> float:
        """The mean of |found - told|, weighted by the cases (Guo et al. 2017)."""
        total = sum(each.weight for each in self.bins)
        return sum(each.weight * abs(each.found - each.told) for each in self.bins) / total


def reliability(
    probabilities: Sequence[float] | NDArray[np.floating],
    labels: NDArray[np.bool_],
    weights: NDArray[np.floating] | None = None,
) -> Reliability:
    """Compare probabilities with what was true. Raises ValueError without any case.

    probabilities, labels, weights: (n,); without weights each case counts as one.
    """
    told = np.asarray(probabilities, np.float64)
    share = np.ones(len(told)) if weights is None else np.asarray(weights, np.float64)
    if not len(told):
        raise ValueError("no case")
    places = np.minimum((told * BINS).astype(int), BINS - 1)
    return Reliability(
        tuple(
            _bin(place, told[places == place], labels[places == place], share[places == place])
            for place in np.unique(places).tolist()
        )
    )


def _bin(
    place: int,
    told: NDArray[np.float64],
    labels: NDArray[np.bool_],
    weights: NDArray[np.float64],
) -> ReliabilityBin:
    return ReliabilityBin(
        place / BINS,
        (place + 1) / BINS,
        len(told),
        float(weights.sum()),
        float(np.average(told, weights=weights)),
        float(np.average(labels, weights=weights)),
    )
