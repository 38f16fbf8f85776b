"""The figures of an evaluation, each with an interval by bootstrap over people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.evaluation.intervals import (
    Estimate,
    Weights,
    bounds,
    estimate,
    least_claimed,
    rule_of_three,
    shares,
    widened,
    widened_up,
)
from bench.evaluation.scoring import Identifications, MatedScores, NonmatedScores, Scores
from bench.evaluation.sorted_scores import FMRS, FPIRS, SortedComparisons, SortedProbes
from bench.evaluation.trials import Indices
from common.sentence import Sentence


@dataclass(frozen=True)
class VerificationFigures:
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
class IdentificationFigures:
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


def verification(scores: Scores, threshold: float) -> VerificationFigures:
    """Compute the 1:1 figures. threshold: the similarity that counts as the same."""
    sample = SortedComparisons(scores, threshold)
    point = sample.at(np.ones(sample.people))
    low, high = bounds(lambda weights: sample.at(weights).flat, sample.people, sample.size)
    mated, nonmated = len(sample.mated), scores.nonmated.total
    flat = point.flat
    different = _different_pairs(scores.nonmated, scores.nonmated.claimed)
    probes = _different_pairs(scores.mated, scores.mated.persons)

    def figure(place: int, of: int = 0) -> Estimate:
        return estimate(float(flat[place]), float(low[place]), float(high[place]), of)

    # Without an error both rates may be as high as the rule of three lets them.
    lost, named = rule_of_three(probes), rule_of_three(different)
    return VerificationFigures(
        threshold=threshold,
        accuracy=_of_no_error(figure(0), 1 - (lost + named) / 2),
        best_accuracy=_of_no_error(figure(1), 1 - (lost + named) / 2),
        best_threshold=point.best_threshold,
        auc=_of_no_error(figure(2), 1 - max(lost, named)),
        eer=figure(3) if flat[3] else replace(figure(3), high=max(lost, named)),
        fmr=widened(figure(4, nonmated), different),
        fnmr=widened(figure(5, mated), probes),
        tpr=tuple(widened_up(figure(6 + i, mated), probes) for i in range(len(FMRS))),
        thresholds=point.thresholds,
        mated=mated,
        nonmated=nonmated,
        people=len(np.union1d(scores.mated.persons, scores.nonmated.persons)),
    )


def _of_no_error(found: Estimate, low: float) -> Estimate:
    """Let an interval reach down to `low` where nothing was wrong."""
    return found if found.value < 1 else replace(found, low=min(found.low, low))


def roc(scores: Scores) -> Curve:
    """Compute the ROC with its interval."""
    sample = SortedComparisons(scores, 0.0)
    point = sample.curve(np.ones(sample.people))
    low, high = bounds(sample.curve, sample.people, sample.size)
    return Curve(point, low, high)


def identification(
    scores: Scores, threshold_of: Callable[[int], float]
) -> IdentificationFigures | None:
    """Compute the 1:N figures; None where nothing was identified.

    threshold_of: the threshold in use in a gallery of so many people.
    """
    if not any(found.is_known.any() for found in scores.everyone):
        return None
    people = len(scores.probed)
    size = sum(len(found.persons) for found in (*scores.everyone, *scores.open_set))
    rank1 = shares(people, size, [_nearest(found) for found in scores.everyone])
    choices = [f for f in scores.open_set if f.is_known.any() and not f.is_known.all()]
    known = choices[0].size if choices else 0
    strangers = len(np.unique(choices[0].persons[~choices[0].is_known])) if choices else 0
    probes = _different([(f.pictures, f.is_known) for f in scores.everyone])
    result = IdentificationFigures(widened_up(rank1, probes), None, None, None, known, strangers)
    if not choices:
        return result
    opened = [SortedProbes(found) for found in choices]
    everyone = np.ones(people)

    def fnirs(weights: Weights) -> Weights:
        rates = np.array([one.fnirs(weights) for one in opened])
        usable = rates[~np.isnan(rates[:, 0])]
        return np.asarray(usable.mean(axis=0) if len(usable) else rates[0])

    low, high = bounds(fnirs, people, size)
    probes = _different([(f.pictures, f.is_known) for f in choices])
    strange = _different([(f.pictures, ~f.is_known) for f in choices])
    mated = sum(int(found.is_known.sum()) for found in choices)
    fnir = tuple(
        widened(estimate(float(value), float(low[i]), float(high[i]), mated), probes)
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
        fpir_in_use=widened(shares(people, size, named), strange),
        fnir_in_use=widened(shares(people, size, lost), probes),
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


def warnings_for(
    one: VerificationFigures | None, many: IdentificationFigures | None
) -> tuple[Sentence, ...]:
    """Say which of the rates these people cannot support, by the rule of three."""
    told = []
    if one is not None:
        pairs = one.people * (one.people - 1) // 2
        trials = min(pairs, one.nonmated)
        if rule_of_three(trials) > FMRS[-1]:
            told.append(
                Sentence(
                    "{} people make {} independent pairs: no false match rate below {} can be"
                    " claimed from them, however many pictures there are.",
                    *(one.people, pairs, least_claimed(trials)),
                )
            )
    if many is not None and many.fnir is not None and rule_of_three(many.strangers) > FPIRS[-1]:
        told.append(
            Sentence(
                "{} strangers at a time: no share of named strangers below {} can be claimed"
                " from them.",
                *(many.strangers, least_claimed(many.strangers)),
            )
        )
    return tuple(told)


def _nearest(found: Identifications) -> tuple[Indices, NDArray[np.bool_]]:
    known = found.is_known
    return found.persons[known], (found.found == found.persons)[known]


def _different(several: Sequence[tuple[Indices, NDArray[np.bool_]]]) -> int:
    """Return the number of pictures that count in any choice."""
    return len(np.unique(np.concatenate([pictures[counts] for pictures, counts in several])))


def _different_pairs(compared: MatedScores | NonmatedScores, claimed: Indices) -> int:
    """Return how many comparisons are of a probe with another person or another picture."""
    other = np.where(compared.other_pictures >= 0, compared.other_pictures, claimed)
    keys = compared.pictures.astype(np.int64) << 32 | other
    return len(np.unique(keys))
