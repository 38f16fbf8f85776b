"""Measures an embedder's figures on the user's own people, and what changes with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product

import numpy as np
from numpy.typing import NDArray

from bench.accuracy import EvaluatedPerson, nonmated_pairs, similarities
from common.errors import EnrollmentError
from common.sentence import Sentence
from gallery.threshold import ImpostorScores, fit, threshold_for_fpir
from models.embedders.adopted import Measurement
from models.embedders.embedder import Embedder
from models.embedders.figures import EmbedderFigures
from models.embedders.fusion import FusedEmbedder
from models.embedders.sface import FIGURES
from models.engines.engine import FloatArray

FEWEST_PEOPLE = 8
"""With fewer, one of whom resembles another decides the figures."""

FEWEST_COMPARISONS = 400
"""Of probes with other people: the law is of the highest tenth of them."""

CAREFUL_AT = 0.001
"""The false match rate at which laws are compared: the careful one has the highest threshold."""

SELDOM = 0.01
"""The share of the right person's looks that a measured level may lose."""

STEPS = {2: 20, 3: 10}
"""Weights of that many parts are tried in so many steps from 0 to 1."""

_TAIL = 3.09
"""Standard deviations above the mean of different people: one of a thousand passes."""


@dataclass(frozen=True)
class Effect:
    """What figures do, with every second person enrolled and the others as strangers, both ways.

    threshold: in a gallery of as many people as are enrolled then. not_named: share of the enrolled
    people's probes that get no name or a wrong one. strangers_named: share of the strangers'.
    """

    threshold: float
    not_named: float
    strangers_named: float


def measure_figures(
    people: Sequence[EvaluatedPerson], embedder: Embedder, at: datetime
) -> Measurement:
    """Measure what can be measured of EmbedderFigures.

    The non-mated laws are the careful ones of all that are found with one person left out: among
    few people one decides much. A level is taken from the right person's looks only where these
    leave room above different people; else it is estimated from the laws.

    people: embedded by this embedder. Of a fused one, the weights are measured first.
    Raises EnrollmentError where the people cannot support it.
    """
    _require_enough(people)
    weights: tuple[float, ...] = ()
    dimensions: tuple[int, ...] = ()
    if isinstance(embedder, FusedEmbedder):
        dimensions = embedder.dimensions
        weights = best_weights(people, dimensions)
        people = reweighted(people, dimensions, weights)
    nonmated = _careful_law(people, _nonmated)
    pairs = _careful_law(people, nonmated_pairs)
    return Measurement(
        model_id=embedder.model_id,
        nonmated=(nonmated.mean, nonmated.std),
        nonmated_pairs=(pairs.mean, pairs.std),
        levels=_levels(people, nonmated, pairs),
        people=len(people),
        probes=sum(int((~np.isnan(person.probes[:, 0])).sum()) for person in people),
        measured_at=at,
        weights=weights,
        dimensions=dimensions,
    )


def effect(people: Sequence[EvaluatedPerson], figures: EmbedderFigures, fpir: float) -> Effect:
    """Return what these figures do with people whom the figures' embedder has embedded.

    fpir: the share of strangers that may get a name, as the settings ask for it.
    """
    scores = np.maximum(similarities(list(people)), -1)  # of a probe without a face
    owners = np.repeat(np.arange(len(people)), [len(person.probes) for person in people])
    halves = [np.arange(start, len(people), 2) for start in (0, 1)]
    rates = [_rates(scores, owners, known, figures, fpir) for known in halves]
    threshold = _threshold(figures, fpir, len(halves[0]))
    not_named, strangers = np.mean(rates, axis=0)
    return Effect(threshold, float(not_named), float(strangers))


def best_weights(people: Sequence[EvaluatedPerson], dimensions: Sequence[int]) -> tuple[float, ...]:
    """Return the weights with which different people are told apart best.

    That is where the right person's similarities lie, by their mean, the most standard deviations
    above what one of a thousand different people reaches (after the decidability of Daugman 2000).

    people: embedded by a fused embedder with parts of these dimensions.
    """
    mated, others = _scores_of_parts(people, dimensions)

    def told_apart(weights: tuple[float, ...]) -> float:
        own, other = weights @ mated, weights @ others
        return float((own.mean() - other.mean() - _TAIL * other.std()) / own.std())

    return max(_grid(len(dimensions)), key=told_apart)


def reweighted(
    people: Sequence[EvaluatedPerson], dimensions: Sequence[int], weights: Sequence[float]
) -> list[EvaluatedPerson]:
    """Return people embedded by a fused embedder as if its parts had these weights."""

    def changed(rows: FloatArray) -> FloatArray:
        parts = _unit_parts(rows, dimensions)
        scaled = [part * w**0.5 for part, w in zip(parts, weights, strict=True)]
        return np.concatenate(scaled, axis=1).astype(np.float32)

    return [
        replace(person, enrolled=changed(person.enrolled), probes=changed(person.probes))
        for person in people
    ]


# -- the laws ------------------------------------------------------------------------------


def _require_enough(people: Sequence[EvaluatedPerson]) -> None:
    probes = sum(int((~np.isnan(person.probes[:, 0])).sum()) for person in people)
    comparisons = probes * (len(people) - 1)
    if len(people) >= FEWEST_PEOPLE and comparisons >= FEWEST_COMPARISONS:
        return
    raise EnrollmentError(
        Sentence(
            "at least {} people, and {} comparisons of their pictures with others, to measure"
            " figures on",
            FEWEST_PEOPLE,
            FEWEST_COMPARISONS,
        ),
        Sentence("there are {} and {}", len(people), comparisons),
        "Add people or pictures; the figures stay as they were",
    )


def _careful_law(
    people: Sequence[EvaluatedPerson],
    scores_of: Callable[[list[EvaluatedPerson]], FloatArray],
) -> ImpostorScores:
    everyone = list(people)
    laws = [fit(scores_of(everyone))]
    for one in range(len(everyone)):
        laws.append(fit(scores_of(everyone[:one] + everyone[one + 1 :])))
    return max(laws, key=lambda law: threshold_for_fpir(law, CAREFUL_AT, 1, floor=-1))


def _nonmated(people: list[EvaluatedPerson]) -> FloatArray:
    scores = similarities(people)
    owners = np.repeat(np.arange(len(people)), [len(person.probes) for person in people])
    found = scores[owners[:, np.newaxis] != np.arange(len(people))]
    return np.asarray(found[np.isfinite(found)], np.float32)


# -- the levels ----------------------------------------------------------------------------


def _levels(
    people: Sequence[EvaluatedPerson], nonmated: ImpostorScores, pairs: ImpostorScores
) -> dict[str, float]:
    """Return the levels that the people's own looks give; see EmbedderFigures and FIGURES."""
    estimated = FIGURES.estimated_for((nonmated.mean, nonmated.std), (pairs.mean, pairs.std))
    scores = similarities(list(people))
    owners = np.repeat(np.arange(len(people)), [len(person.probes) for person in people])
    mated = scores[np.arange(len(owners)), owners]
    seldom = float(np.quantile(mated[np.isfinite(mated)], SELDOM))
    most_others = nonmated.mean + 2 * nonmated.std
    levels = {"margin": nonmated.std / 2}
    for name in ("threshold_floor", "same_face"):
        # Lower where the right person would be lost, never so low that many others pass.
        levels[name] = max(min(getattr(estimated, name), seldom), most_others)
    own, other = _means_of_pictures(people)
    if own > other:
        levels["unlike_photo"] = (own + other) / 2
    own, other = _means_of_people(people)
    if own > other:
        levels["one_person"] = (own + other) / 2
    return {name: float(level) for name, level in levels.items()}


def _means_of_pictures(people: Sequence[EvaluatedPerson]) -> tuple[float, float]:
    """Return what a picture seldom has less of, in the mean over the others of its person, and
    more of over another's."""
    own: list[float] = []
    other: list[float] = []
    pictures = [_pictures(person) for person in people]
    for i, rows in enumerate(pictures):
        within = rows @ rows.T
        if len(rows) > 1:
            own += ((within.sum(axis=1) - 1) / (len(rows) - 1)).tolist()
        for j, others in enumerate(pictures):
            if i != j:
                other += (rows @ others.T).mean(axis=1).tolist()
    return _quantile(own, SELDOM), _quantile(other, 1 - SELDOM)


def _means_of_people(people: Sequence[EvaluatedPerson]) -> tuple[float, float]:
    """Return the least mean similarity of one person's two halves, and the most of two people."""
    halves = [(rows[::2], rows[1::2]) for rows in map(_pictures, people) if len(rows) > 1]
    own = [float((a @ b.T).mean()) for a, b in halves]
    other = [
        float((a @ b.T).mean())
        for i, (a, _) in enumerate(halves)
        for j, (_, b) in enumerate(halves)
        if i != j
    ]
    return min(own, default=-1.0), max(other, default=1.0)


def _pictures(person: EvaluatedPerson) -> FloatArray:
    return np.vstack([person.enrolled, person.probes[~np.isnan(person.probes[:, 0])]])


def _quantile(values: Sequence[float], share: float) -> float:
    return float(np.quantile(values, share))


# -- the effect ----------------------------------------------------------------------------


def _threshold(figures: EmbedderFigures, fpir: float, size: int) -> float:
    law = ImpostorScores(*figures.nonmated)
    return threshold_for_fpir(law, fpir, size, figures.threshold_floor)


def _rates(
    scores: FloatArray,
    owners: NDArray[np.intp],
    known: NDArray[np.intp],
    figures: EmbedderFigures,
    fpir: float,
) -> tuple[float, float]:
    among = np.sort(scores[:, known], axis=1)
    best = known[scores[:, known].argmax(axis=1)]
    named = (among[:, -1] >= _threshold(figures, fpir, len(known))) & (
        among[:, -1] - among[:, -2] >= figures.margin if len(known) > 1 else True
    )
    mated = np.isin(owners, known)
    right = named & (best == owners)
    return float(1 - right[mated].mean()), float(named[~mated].mean())


# -- the weights ---------------------------------------------------------------------------


def _unit_parts(rows: FloatArray, dimensions: Sequence[int]) -> list[FloatArray]:
    parts = np.split(rows, np.cumsum(dimensions)[:-1], axis=1)
    return [part / np.linalg.norm(part, axis=1, keepdims=True) for part in parts]


def _scores_of_parts(
    people: Sequence[EvaluatedPerson], dimensions: Sequence[int]
) -> tuple[FloatArray, FloatArray]:
    """Return the parts' cosines, (parts, n) each: of one person's pictures, of two people's."""
    mated: list[FloatArray] = []
    others: list[FloatArray] = []
    pictures = [_unit_parts(_pictures(person), dimensions) for person in people]
    for i, own in enumerate(pictures):
        upper = np.triu_indices(len(own[0]), k=1)
        mated.append(np.stack([(part @ part.T)[upper] for part in own]))
        others += [
            np.stack([(a @ b.T).ravel() for a, b in zip(own, other, strict=True)])
            for other in pictures[i + 1 :]
        ]
    return np.concatenate(mated, axis=1), np.concatenate(others, axis=1)


def _grid(parts: int) -> list[tuple[float, ...]]:
    """Return weights above 0 that sum to 1, the most equal first: max() takes the first of the
    best."""
    steps = STEPS[parts]
    wholes = [w for w in product(range(1, steps), repeat=parts) if sum(w) == steps]
    return [tuple(v / steps for v in w) for w in sorted(wholes, key=lambda w: max(w) - min(w))]
