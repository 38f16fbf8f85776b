"""The figures of an evaluation, each with an interval by bootstrap over people."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.evaluation.scoring import (
    SEED,
    Identifications,
    Indices,
    MatedScores,
    NonmatedScores,
    Scores,
)
from models.engines.engine import FloatArray

FMRS = (0.01, 0.001, 0.0001)
"""The false match rates at which the true positive rate is told."""

FPIRS = (0.01, 0.003, 0.001)

CONFIDENCE = 0.95

CURVE_FMRS = tuple(float(rate) for rate in np.geomspace(1e-4, 1, 41))

_REPLICATES = 1000
_FEWEST_REPLICATES = 100
_WORK = 2e8
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


@dataclass(frozen=True)
class Verification:
    """1:1, is this probe the person whom it is said to be?

    threshold: the one in use. fmr, fnmr: at it; a probe without a face is a miss. accuracy,
    best_accuracy: the mean of the shares of right answers among mated and non-mated comparisons, in
    which any without a face is wrong, at the threshold in use and at the best. auc, eer. tpr: by
    FMRS, at the lowest threshold that at most this share of non-mated comparisons passes;
    thresholds: these. mated, nonmated: numbers of comparisons. people: those with both.
    """

    threshold: float
    accuracy: Estimate
    best_accuracy: Estimate
    best_threshold: float
    auc: Estimate
    eer: Estimate
    fmr: Estimate
    fnmr: Estimate
    tpr: tuple[Estimate, ...]
    thresholds: tuple[float, ...]
    mated: int
    nonmated: int
    people: int


@dataclass(frozen=True)
class Identification:
    """1:N. rank1: share of probes whose nearest person is their own, with everyone enrolled.

    fnir: by FPIRS, share of the enrolled people's probes that get no name or a wrong one, at the
    lowest threshold that at most this share of the strangers' probes passes. fpir_in_use,
    fnir_in_use: at the threshold that a gallery of this size uses. None without strangers.
    known, strangers: numbers of people in one choice.
    """

    rank1: Estimate
    fnir: tuple[Estimate, ...] | None
    fpir_in_use: Estimate | None
    fnir_in_use: Estimate | None
    known: int
    strangers: int


@dataclass(frozen=True, eq=False)
class Curve:
    """The ROC at CURVE_FMRS: tpr with its interval, each (41,) float64."""

    tpr: Weights
    low: Weights
    high: Weights


def rule_of_three(trials: int) -> float:
    """Return the rate below which nothing can be claimed from so many independent trials.

    Without a single error in n trials the rate is below 3 / n with a confidence of 95 % (Jovanovic
    & Levy, The American Statistician 1997; ISO/IEC 19795-1).
    """
    return min(1.0, 3 / trials) if trials else 1.0


def verification(scores: Scores, threshold: float) -> Verification:
    """Compute the 1:1 figures. threshold: the similarity that counts as the same."""
    sample = _Sample(scores, threshold)
    point = sample.at(np.ones(sample.people))
    low, high = _bounds(lambda weights: sample.at(weights).flat, sample.people, sample.size)
    mated, nonmated = len(sample.mated), scores.nonmated.total
    flat = point.flat

    def estimate(place: int, of: int = 0) -> Estimate:
        return _estimate(float(flat[place]), float(low[place]), float(high[place]), of)

    return Verification(
        threshold=threshold,
        accuracy=estimate(0),
        best_accuracy=estimate(1),
        best_threshold=point.best_threshold,
        auc=estimate(2),
        eer=estimate(3),
        fmr=_widened(estimate(4, nonmated)),
        fnmr=_widened(estimate(5, mated)),
        tpr=tuple(_widened_up(estimate(6 + i, mated)) for i in range(len(FMRS))),
        thresholds=point.thresholds,
        mated=mated,
        nonmated=nonmated,
        people=len(np.union1d(scores.mated.persons, scores.nonmated.persons)),
    )


def roc(scores: Scores) -> Curve:
    """Compute the ROC with its interval."""
    sample = _Sample(scores, 0.0)
    point = sample.curve(np.ones(sample.people))
    low, high = _bounds(sample.curve, sample.people, sample.size)
    return Curve(point, low, high)


def identification(scores: Scores, threshold_of: Callable[[int], float]) -> Identification | None:
    """Compute the 1:N figures; None where nothing was identified.

    threshold_of: the threshold in use in a gallery of so many people.
    """
    if not any(found.is_known.any() for found in scores.everyone):
        return None
    people = len(scores.probed)
    size = sum(len(found.persons) for found in (*scores.everyone, *scores.open_set))
    rank1 = _shares(people, size, [_nearest(found) for found in scores.everyone])
    choices = [f for f in scores.open_set if f.is_known.any() and not f.is_known.all()]
    known = choices[0].size if choices else 0
    strangers = len(np.unique(choices[0].persons[~choices[0].is_known])) if choices else 0
    result = Identification(_widened_up(rank1), None, None, None, known, strangers)
    if not choices:
        return result
    opened = [_OpenSet(found) for found in choices]
    everyone = np.ones(people)

    def fnirs(weights: Weights) -> Weights:
        rates = np.array([one.fnirs(weights) for one in opened])
        usable = rates[~np.isnan(rates[:, 0])]
        return usable.mean(axis=0) if len(usable) else rates[0]

    low, high = _bounds(fnirs, people, size)
    mated = sum(int(found.is_known.sum()) for found in choices)
    fnir = tuple(
        _widened(_estimate(float(value), float(low[i]), float(high[i]), mated))
        for i, value in enumerate(fnirs(everyone))
    )
    in_use = [(found, threshold_of(found.size)) for found in choices]
    named = [(f.persons[~f.is_known], (f.best >= t)[~f.is_known]) for f, t in in_use]
    lost = [
        (f.persons[f.is_known], ~((f.best >= t) & (f.found == f.persons))[f.is_known])
        for f, t in in_use
    ]
    return replace(
        result,
        fnir=fnir,
        fpir_in_use=_widened(_shares(people, size, named)),
        fnir_in_use=_widened(_shares(people, size, lost)),
    )


def within(scores: Scores, members: NDArray[np.bool_]) -> Scores:
    """Return the comparisons among the members alone. members: (people,) bool."""
    mated, others = scores.mated, scores.nonmated
    own = members[mated.persons]
    both = members[others.persons] & members[others.claimed]
    kept = len(others.scores) / others.total if others.total else 1.0
    return Scores(
        MatedScores(
            mated.scores[own], mated.persons[own], mated.pictures[own], mated.other_pictures[own]
        ),
        NonmatedScores(
            others.scores[both], others.persons[both], others.claimed[both],
            others.pictures[both], others.other_pictures[both], round(int(both.sum()) / kept),
        ),
        (),
        (),
        scores.probed * members,
        scores.missed * members,
    )  # fmt: skip


def warnings_for(one: Verification | None, many: Identification | None) -> tuple[str, ...]:
    """Say which of the rates these people cannot support, by the rule of three."""
    told = []
    if one is not None:
        pairs = one.people * (one.people - 1) // 2
        least = rule_of_three(min(pairs, one.nonmated))
        if least > FMRS[-1]:
            told.append(
                f"{one.people} people make {pairs} independent pairs: no false match rate below"
                f" {least:.2g} can be claimed from them, however many pictures there are."
            )
    if many is not None and many.fnir is not None:
        least = rule_of_three(many.strangers)
        if least > FPIRS[-1]:
            told.append(
                f"{many.strangers} strangers at a time: no share of named strangers below"
                f" {least:.2g} can be claimed from them."
            )
    return tuple(told)


# -- 1:1 -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Rates:
    flat: Weights
    best_threshold: float
    thresholds: tuple[float, ...]


class _Sample:
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

    def at(self, weights: Weights) -> _Rates:
        others, own = self._cumulated(weights)
        total, mated = others[-1], own[-1]
        if not total or not mated:
            flat = np.full(6 + len(FMRS), np.nan)
            return _Rates(flat, math.nan, (math.nan,) * len(FMRS))
        with_face = 1 - float(weights @ self._missed) / float(weights @ self._probed)
        fmr = 1 - others[self._ends] / total
        fnmr = own[self._lost] / mated
        right = ((1 - fnmr) + (1 - fmr) * with_face) / 2
        best = int(right.argmax())
        in_use_fmr = 1 - others[np.searchsorted(self._others, self._threshold, "left")] / total
        in_use_fnmr = own[np.searchsorted(self.mated, self._threshold, "left")] / mated
        thresholds = self._thresholds(others, FMRS)
        flat = [
            ((1 - in_use_fnmr) + (1 - in_use_fmr) * with_face) / 2,
            right[best],
            (np.diff(own) @ (others[self._below] + others[self._up_to])) / (2 * total * mated),
            _crossing(fmr, fnmr),
            in_use_fmr,
            in_use_fnmr,
            *self._tpr(own, thresholds),
        ]
        return _Rates(
            np.array(flat), float(self._others[best]), tuple(float(t) for t in thresholds)
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


# -- 1:N -----------------------------------------------------------------------------------


class _OpenSet:
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


def _nearest(found: Identifications) -> tuple[Indices, NDArray[np.bool_]]:
    known = found.is_known
    return found.persons[known], (found.found == found.persons)[known]


def _shares(
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

    low, high = _bounds(share, people, size)
    value = float(share(np.ones(people))[0])
    return _estimate(value, float(low[0]), float(high[0]), int(of.sum()))


# -- intervals -----------------------------------------------------------------------------


def _bounds(
    figure: Callable[[Weights], Weights], people: int, size: int
) -> tuple[Weights, Weights]:
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


def _estimate(value: float, low: float, high: float, of: int) -> Estimate:
    return Estimate(value, min(low, value), max(high, value), of)


def _widened(rate: Estimate) -> Estimate:
    """Let a rate of errors reach as far as the rule of three where there was none.

    The bootstrap knows nothing of errors that did not happen.
    """
    errors = round(rate.value * rate.of)
    high = rate.high if errors else max(rate.high, rule_of_three(rate.of))
    return replace(rate, high=high, errors=errors)


def _widened_up(rate: Estimate) -> Estimate:
    """The same for a share of right answers."""
    errors = round((1 - rate.value) * rate.of)
    low = rate.low if errors else min(rate.low, 1 - rule_of_three(rate.of))
    return replace(rate, low=low, errors=errors)
