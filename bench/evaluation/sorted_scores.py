"""Comparisons and probes, sorted once, so that weighting people anew costs little."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.evaluation.intervals import Weights
from bench.evaluation.scoring import Identifications, Scores
from models.engines.engine import FloatArray

FMRS = (0.01, 0.001, 0.0001)
"""The false match rates at which the true positive rate is told."""

FPIRS = (0.01, 0.003, 0.001)

CURVE_FMRS = tuple(float(rate) for rate in np.geomspace(1e-4, 1, 41))


@dataclass(frozen=True, eq=False)
class ComparisonRates:
    flat: Weights
    best_threshold: float
    thresholds: tuple[float, ...]


class SortedComparisons:
    """The comparisons, sorted once; each replicate only weights them.

    A person who is drawn twice counts twice: comparisons of two people weigh the product (the
    vertex bootstrap of Snijders & Borgatti, Connections 1999).
    """

    def __init__(self, scores: Scores, threshold: float) -> None:
        others = scores.nonmated
        order = np.argsort(others.scores, kind="stable")
        self._others = others.scores[order]
        self._one, self._two = others.persons[order], others.claimed[order]
        order = np.argsort(scores.mated.scores, kind="stable")
        self.mated = scores.mated.scores[order]
        self._owners = scores.mated.persons[order]
        self._below = np.searchsorted(self._others, self.mated, "left")
        self._up_to = np.searchsorted(self._others, self.mated, "right")
        self._ends = np.searchsorted(self._others, self._others, "right")
        self._lost = np.searchsorted(self.mated, self._others, "right")
        self._threshold = threshold
        self._probed, self._missed = scores.probed, scores.missed
        self.people = len(scores.probed)
        self.size = len(self._others) + len(self.mated)

    def at(self, weights: Weights) -> ComparisonRates:
        others, own = self._cumulated(weights)
        total, mated = others[-1], own[-1]
        if not total or not mated:
            flat = np.full(6 + len(FMRS), np.nan)
            return ComparisonRates(flat, math.nan, (math.nan,) * len(FMRS))
        with_face = 1 - float(weights @ self._missed) / float(weights @ self._probed)
        fmr = 1 - others[self._ends] / total
        fnmr = own[self._lost] / mated
        right = ((1 - fnmr) + (1 - fmr) * with_face) / 2
        best = int(right.argmax())
        in_use_fmr = 1 - others[np.searchsorted(self._others, self._threshold, "left")] / total
        in_use_fnmr = own[np.searchsorted(self.mated, self._threshold, "left")] / mated
        thresholds = self._thresholds(others, FMRS)
        rates = [
            ((1 - in_use_fnmr) + (1 - in_use_fmr) * with_face) / 2,
            right[best],
            (np.diff(own) @ (others[self._below] + others[self._up_to])) / (2 * total * mated),
            _crossing(fmr, fnmr),
            in_use_fmr,
            in_use_fnmr,
            *self._tpr(own, thresholds),
        ]
        return ComparisonRates(
            np.array(rates), float(self._others[best]), tuple(float(t) for t in thresholds)
        )

    def curve(self, weights: Weights) -> Weights:
        """Return the TPR at CURVE_FMRS."""
        others, own = self._cumulated(weights)
        if not others[-1] or not own[-1]:
            return np.full(len(CURVE_FMRS), np.nan)
        return self._tpr(own, self._thresholds(others, CURVE_FMRS))

    def _cumulated(self, weights: Weights) -> tuple[Weights, Weights]:
        others = np.empty(len(self._others) + 1)
        own = np.empty(len(self.mated) + 1)
        others[0] = own[0] = 0
        np.cumsum(weights[self._one] * weights[self._two], out=others[1:])
        np.cumsum(weights[self._owners], out=own[1:])
        return others, own

    def _thresholds(self, others: Weights, rates: Sequence[float]) -> FloatArray:
        """Return the lowest similarities that at most these shares pass: they must be exceeded."""
        needed = (1 - np.array(rates)) * others[-1] * (1 - 1e-12)
        places = np.searchsorted(others, needed, "left")
        return np.where(places > 0, self._others[np.maximum(places, 1) - 1], -np.inf)

    def _tpr(self, own: Weights, thresholds: FloatArray) -> Weights:
        return np.asarray(1 - own[np.searchsorted(self.mated, thresholds, "right")] / own[-1])


def _crossing(fmr: Weights, fnmr: Weights) -> float:
    """Return where both rates are the same, or the mean of both where they are nearest."""
    place = int(np.searchsorted(fnmr - fmr, 0))
    near = [p for p in (place - 1, place) if 0 <= p < len(fmr)]
    nearest = min(near, key=lambda p: abs(float(fmr[p] - fnmr[p])))
    return float(fmr[nearest] + fnmr[nearest]) / 2


class SortedProbes:
    """One choice of strangers, its probes sorted once."""

    def __init__(self, found: Identifications) -> None:
        strangers = ~found.is_known
        order = np.argsort(found.best[strangers], kind="stable")
        self._strangers = found.best[strangers][order]
        self._whose = found.persons[strangers][order]
        mated = found.is_known
        # One that gets another's name is lost at any threshold.
        right = np.where(found.found == found.persons, found.best, -np.inf)[mated]
        order = np.argsort(right, kind="stable")
        self._right, self._owners = right[order], found.persons[mated][order]

    def fnirs(self, weights: Weights) -> Weights:
        strangers = np.concatenate([[0.0], np.cumsum(weights[self._whose])])
        own = np.concatenate([[0.0], np.cumsum(weights[self._owners])])
        if not strangers[-1] or not own[-1]:
            return np.full(len(FPIRS), np.nan)
        needed = (1 - np.array(FPIRS)) * strangers[-1] * (1 - 1e-12)
        places = np.searchsorted(strangers, needed, "left")
        thresholds = self._strangers[np.maximum(places, 1) - 1]
        lost = own[np.searchsorted(self._right, thresholds, "right")] / own[-1]
        return np.asarray(lost)
