"""Compares ways of telling whom a face shows: similarities, classifiers, and a learned head.

Every second person, by name, is tuned on: an SVM's C and gamma, a kNN's neighbours, the head. All
figures are of the others, and then the two halves change places. Of each person's pictures, in a
random order, the first ones are enrolled and those from the eleventh on are probes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from bench.labelled_probes import KINDS, ProbedPeople
from gallery.search.unit_rows import unit_mean
from recognition.learning.classifier import Method, Parameters, kernel, votes
from recognition.learning.labelled import LabelledRows
from recognition.learning.metric import MetricOptions, trained_head
from recognition.learning.training import NEIGHBOURS, PENALTIES, WIDTHS, machines

ENROLLED_PICTURES = (1, 2, 5, 10)

FIRST_PROBE = 10
"""Pictures from this place on are probes, whatever number is enrolled."""

FPIR = 0.01

DRAWS = 20
"""Random choices of pictures, and of who of a half is a stranger."""

TUNING_DRAWS = 4

RESAMPLES = 1000
"""Of the bootstrap over people."""

TODAY = "joint template (today's)"

FloatRows = NDArray[np.float32]
Answer = tuple[NDArray[np.intp], FloatRows]
"""For each probe the place of the person who is meant, and the similarity that has to pass."""

Way = Callable[[LabelledRows, FloatRows], Answer]


@dataclass(frozen=True)
class Interval:
    """A figure, and its 95 % interval by a bootstrap over people."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class WayFigures:
    """How well one way does with so many pictures of each person enrolled.

    probes: "plain" or "degraded". rank1: share of probes whose own person is first, everybody of
    the half being enrolled. fnir: share of the enrolled people's probes that get no name or a wrong
    one where FPIR of the strangers' get one. rank1_gain, fnir_gain: by how much that is better than
    today's way, on the same draws.
    """

    way: str
    pictures: int
    probes: str
    rank1: Interval
    fnir: Interval
    rank1_gain: Interval
    fnir_gain: Interval


@dataclass(frozen=True)
class WayVerdict:
    """Whether one way does better than today's on the whole.

    fnir_gain: the mean over all numbers of pictures and both kinds of probes, with an interval that
    is as wide as so many ways that are compared with today's ask for (Bonferroni). plain_gain,
    degraded_gain: the same of one kind of probes.
    """

    way: str
    fnir_gain: Interval
    plain_gain: Interval
    degraded_gain: Interval

    @property
    def is_better(self) -> bool:
        """Whether the gain is more than chance among these people."""
        return self.fnir_gain.low > 0


@dataclass(frozen=True)
class ComparedWays:
    """All figures, and a verdict on each way but today's."""

    figures: tuple[WayFigures, ...]
    verdicts: tuple[WayVerdict, ...]


@dataclass(frozen=True, eq=False)
class _Outcomes:
    """What became of the probes of all draws of one way: whose they are, what it said."""

    closed_owner: NDArray[np.intp]
    closed_right: NDArray[np.bool_]
    owner: NDArray[np.intp]
    is_stranger: NDArray[np.bool_]
    score: FloatRows
    right: NDArray[np.bool_]

    @classmethod
    def joined(cls, parts: Sequence[_Outcomes]) -> _Outcomes:
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def rank1(self, weights: NDArray[np.float64]) -> float:
        return float(np.average(self.closed_right, weights=weights[self.closed_owner]))

    def fnir(self, weights: NDArray[np.float64]) -> float:
        share = weights[self.owner]
        strangers = np.sort(-self.score[self.is_stranger])
        order = np.argsort(-self.score[self.is_stranger], kind="stable")
        passed = np.cumsum(share[self.is_stranger][order])
        place = int(np.searchsorted(passed, FPIR * passed[-1], side="right"))
        threshold = -strangers[min(place, len(strangers) - 1)]
        own = ~self.is_stranger
        named = self.right[own] & (self.score[own] > threshold)
        return 1 - float(np.average(named, weights=share[own]))


def compare_ways(
    people: ProbedPeople, progress: Callable[[], None], pictures: Sequence[int] = ENROLLED_PICTURES
) -> ComparedWays:
    """Measure every way. Raises ValueError for fewer than eight people, or too few pictures.

    progress: is called len(pictures) times for each of the two halves.
    """
    if len(people.names) < 8 or people.pictures <= FIRST_PROBE:
        raise ValueError("eight people with more than ten pictures each are needed")
    everyone = np.arange(len(people.names))
    found: dict[tuple[int, str], dict[str, list[_Outcomes]]] = {}
    for half in (0, 1):
        tuned_on, reported = everyone[half::2], everyone[1 - half :: 2]
        head = _head(people, tuned_on)
        for count in pictures:
            ways = {**SIMILARITIES, **_tuned(people, tuned_on, count), "metric head": head}
            for draw in range(DRAWS):
                for kind in people.probes:
                    outcomes = found.setdefault((count, kind), {})
                    for name, way in ways.items():
                        drawn = _drawn(people, reported, count, kind, draw, way)
                        outcomes.setdefault(name, []).append(drawn)
            progress()
    figures: list[WayFigures] = []
    gains: dict[tuple[str, str], list[NDArray[np.float64]]] = {}
    for (count, kind), outcomes in found.items():
        for name, *measured in _measured(outcomes, len(everyone)):
            figures.append(WayFigures(name, count, kind, *map(_interval, measured)))
            gains.setdefault((name, kind), []).append(measured[-1])
    others = [way for way in dict.fromkeys(each.way for each in figures) if way != TODAY]
    return ComparedWays(tuple(figures), tuple(_verdict(way, gains, len(others)) for way in others))


# -- the ways ------------------------------------------------------------------------------------


def _by_similarity(
    similarity: Callable[[LabelledRows, FloatRows], FloatRows],
) -> Way:
    def way(known: LabelledRows, probes: FloatRows) -> Answer:
        found = similarity(known, probes)
        return found.argmax(axis=1), found.max(axis=1)

    return way


def _to_mean(known: LabelledRows, probes: FloatRows) -> FloatRows:
    means = [unit_mean(known.rows[known.owners == one]) for one in range(len(known.people))]
    return np.stack([probes @ m if m is not None else probes[:, 0] * 0 - 1 for m in means], axis=1)


def _to_nearest(known: LabelledRows, probes: FloatRows) -> FloatRows:
    return _to_best(known, probes, 1)


def _to_best(known: LabelledRows, probes: FloatRows, count: int) -> FloatRows:
    """The mean of the `count` best templates' cosines, or of all where there are fewer."""
    cosines = probes @ known.rows.T
    found = []
    for one in range(len(known.people)):
        own = -np.sort(-cosines[:, known.owners == one], axis=1)
        found.append(own[:, :count].mean(axis=1))
    return np.stack(found, axis=1)


def _to_joint(known: LabelledRows, probes: FloatRows) -> FloatRows:
    """The gallery's rule, see IdentityRows."""
    return np.maximum(_to_mean(known, probes), _to_nearest(known, probes))


SIMILARITIES: Mapping[str, Way] = MappingProxyType(
    {
        "nearest mean": _by_similarity(_to_mean),
        "nearest template": _by_similarity(_to_nearest),
        TODAY: _by_similarity(_to_joint),
        "top 3": _by_similarity(partial(_to_best, count=3)),
    }
)


def _classified(method: Method, parameters: Parameters) -> Way:
    """The classifier says who is meant, and the gallery's similarity to them has to pass."""

    def way(known: LabelledRows, probes: FloatRows) -> Answer:
        if method is Method.KNN:
            count = len(known.people)
            found = votes(probes @ known.rows.T, known.owners, count, parameters.neighbours)
        else:
            everyone = np.arange(len(known.people))
            coefficients, biases = machines(known, method, parameters, everyone)
            compared = kernel(method, parameters.width, known.rows, probes)
            found = compared @ coefficients.T + biases
        chosen = found.argmax(axis=1)
        return chosen, np.take_along_axis(_to_joint(known, probes), chosen[:, None], axis=1)[:, 0]

    return way


def _tuned(people: ProbedPeople, tuned_on: NDArray[np.intp], count: int) -> dict[str, Way]:
    """Return each classifier with the parameters that err least on the people to tune on."""
    choices = {
        "SVM, linear": [(Method.SVM_LINEAR, Parameters(penalty=c)) for c in PENALTIES],
        "SVM, RBF": [
            (Method.SVM_RBF, Parameters(penalty=c, width=w)) for c in PENALTIES for w in WIDTHS
        ],
        "kNN": [(Method.KNN, Parameters(neighbours=k)) for k in NEIGHBOURS if k <= 2 * count],
    }

    def errors(way: Way) -> int:
        drawn = [
            _drawn(people, tuned_on, count, "plain", draw, way) for draw in range(TUNING_DRAWS)
        ]
        return sum(int((~each.closed_right).sum()) for each in drawn)

    return {
        name: min((_classified(*choice) for choice in of_one), key=errors)
        for name, of_one in choices.items()
    }


def _head(people: ProbedPeople, tuned_on: NDArray[np.intp]) -> Way:
    """Today's way on embeddings through a head; two thirds are learned from, a third stops."""
    known = people.labelled()
    cut = len(tuned_on) * 2 // 3
    own, stopping = known.of_people(tuned_on[:cut]), known.of_people(tuned_on[cut:])
    head, _ = trained_head(own, stopping, MetricOptions(), lambda: None)

    def way(known: LabelledRows, probes: FloatRows) -> Answer:
        through = LabelledRows(known.people, head.applied(known.rows), known.owners)
        return SIMILARITIES[TODAY](through, head.applied(probes))

    return way


# -- the draws -----------------------------------------------------------------------------------


def _drawn(
    people: ProbedPeople, half: NDArray[np.intp], count: int, kind: str, draw: int, way: Way
) -> _Outcomes:
    """Enroll `count` pictures of a half of the people, all of them and then half of them."""
    rng = np.random.default_rng((draw, *half.tolist()))
    order = np.stack([rng.permutation(people.pictures) for _ in half])
    inside = np.sort(rng.permutation(len(half))[: len(half) // 2])
    enrolled = [
        (str(one), _with_face(people.plain[one][order[place][:FIRST_PROBE]])[:count])
        for place, one in enumerate(half)
    ]
    probes = np.concatenate(
        [people.probes[kind][one][order[place][FIRST_PROBE:]] for place, one in enumerate(half)]
    )
    places = np.repeat(np.arange(len(half)), people.pictures - FIRST_PROBE)
    chosen, _ = _answered(way, LabelledRows.of(enrolled), probes)
    insiders = LabelledRows.of(enrolled[place] for place in inside)
    open_chosen, score = _answered(way, insiders, probes)
    return _Outcomes(
        half[places],
        chosen == places,
        half[places],
        ~np.isin(places, inside),
        score,
        inside[open_chosen] == places,
    )


def _with_face(rows: FloatRows) -> FloatRows:
    return rows[~np.isnan(rows[:, 0])]


def _answered(way: Way, known: LabelledRows, probes: FloatRows) -> Answer:
    """A probe without a face has no similarity, and is nobody's: place -1."""
    seen = ~np.isnan(probes[:, 0])
    chosen = np.full(len(probes), -1, np.intp)
    score = np.full(len(probes), -np.inf, np.float32)
    chosen[seen], score[seen] = way(known, probes[seen])
    return chosen, score


_Measured = tuple[
    str,
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
]
"""A way's name, and its rank-1, FNIR, and their gains: of everybody, then of each resample."""


def _measured(outcomes: Mapping[str, list[_Outcomes]], people: int) -> Iterator[_Measured]:
    joined = {name: _Outcomes.joined(parts) for name, parts in outcomes.items()}
    rng = np.random.default_rng(0)
    drawn = [
        np.bincount(rng.integers(0, people, people), minlength=people).astype(float)
        for _ in range(RESAMPLES)
    ]
    weights = [np.ones(people), *(w for w in drawn if (w > 0).sum() > 1)]
    rank1 = {name: np.array([o.rank1(w) for w in weights]) for name, o in joined.items()}
    fnir = {name: np.array([o.fnir(w) for w in weights]) for name, o in joined.items()}
    for name in joined:
        gains = rank1[name] - rank1[TODAY], fnir[TODAY] - fnir[name]
        yield name, rank1[name], fnir[name], *gains


def _verdict(
    way: str, gains: Mapping[tuple[str, str], list[NDArray[np.float64]]], ways: int
) -> WayVerdict:
    by_kind = [np.mean(gains[way, kind], axis=0) for kind in KINDS]
    return WayVerdict(
        way, *(_interval(each, 0.05 / ways) for each in (np.mean(by_kind, axis=0), *by_kind))
    )


def _interval(values: NDArray[np.float64], outside: float = 0.05) -> Interval:
    """values: of everybody, then of each resample. outside: the share outside of the interval."""
    low, high = np.quantile(values[1:], (outside / 2, 1 - outside / 2))
    return Interval(float(values[0]), float(low), float(high))
