"""Learns a linear head on the frozen embedding, and keeps it only where it is better.

It is trained in NumPy: a head of 128 by 128 numbers on some hundred rows takes seconds, so that
neither PyTorch nor a process of its own is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.errors import LearningError
from common.sentence import Sentence
from gallery.search.identity_rows import IdentityRows
from gallery.threshold import ImpostorScores, fit
from models.embedders.head import MetricHead
from recognition.learning.labelled import LabelledRows
from recognition.learning.metric_losses import (
    Loss,
    Mining,
    contrastive_loss,
    triplet_loss,
)
from recognition.learning.pairs import Pairs

FMR = 0.01
"""The share of pairs of two people that pass, where pairs of one person are counted as missed."""

FEWEST_PEOPLE = 12
"""Six to learn from, three to stop by and three to judge by."""

PEOPLE_A_BATCH, ROWS_A_PERSON = 16, 6

DRAWS = 1000
"""Of the bootstrap over people."""

_STEP, _MOMENTUM, _SQUARES, _TINY = 2e-3, 0.9, 0.999, 1e-8
"""Adam's (Kingma & Ba 2015)."""

_DECAY = 1e-3
"""How strongly the head is drawn back to the plain embedding."""


@dataclass(frozen=True)
class MetricOptions:
    """How a head is learned.

    margin: in squared distance for triplets, in distance for pairs. epochs: the most of them, of 20
    batches each. patience: epochs without an improvement on the people to stop by.
    """

    loss: Loss = Loss.TRIPLET
    mining: Mining = Mining.SEMI_HARD
    margin: float = 0.2
    epochs: int = 60
    patience: int = 8
    seed: int = 1


@dataclass(frozen=True)
class MetricReport:
    """What became of it, on people from whom nothing was learned.

    plain, learned: the share of pairs of one person that are missed at FMR. gain: plain less
    learned; low, high: its 95 % interval by a bootstrap over people. epochs: those that were run.
    learned_from, stopped_by, judged_by: numbers of people.
    """

    plain: float
    learned: float
    gain: float
    low: float
    high: float
    epochs: int
    learned_from: int
    stopped_by: int
    judged_by: int

    @property
    def is_better(self) -> bool:
        """Whether the gain is more than chance among these people."""
        return self.low > 0


@dataclass(frozen=True, eq=False)
class LearnedMetric:
    """A head, and whether it is any better.

    before, after: the pairs of the judging people. held_back: everybody whom nothing was learned
    from, through the head.
    """

    head: MetricHead
    report: MetricReport
    before: Pairs
    after: Pairs
    held_back: LabelledRows

    @property
    def nonmated(self) -> ImpostorScores:
        """The law of a picture against other people, of whom the first half of the pictures is
        enrolled. Raises LearningError where there are too few."""
        gallery = IdentityRows(self.held_back.rows.shape[1])
        probes = []
        for place, one in enumerate(self.held_back.people):
            rows = self.held_back.rows[self.held_back.owners == place]
            gallery.put(one, rows[: len(rows) // 2])
            probes += [(one, row) for row in rows[len(rows) // 2 :]]
        return _law(
            [
                similarity
                for whose, row in probes
                for one, similarity in gallery.best(row, len(self.held_back.people))
                if one != whose
            ]
        )

    @property
    def nonmated_pairs(self) -> ImpostorScores:
        """The law of pairs of pictures of two people. Raises LearningError as nonmated does."""
        pairs = Pairs.of(self.held_back)
        return _law(pairs.similarities[~pairs.same].tolist())


def learn_metric(
    known: LabelledRows,
    options: MetricOptions,
    progress: Callable[[], None] = lambda: None,
) -> LearnedMetric:
    """Learn from half of the people, stop by a quarter, judge by the other quarter.

    progress: is called after each epoch. Raises LearningError for fewer than FEWEST_PEOPLE with two
    pictures or more.
    """
    several = np.flatnonzero(known.counts >= 2)
    if len(several) < FEWEST_PEOPLE:
        raise LearningError(
            Sentence("at least {} people with two pictures or more", FEWEST_PEOPLE),
            Sentence("there are {}", len(several)),
            "Enroll more people, or give a folder with a subfolder of pictures for each person",
        )
    order = np.random.default_rng(options.seed).permutation(several)
    half, quarter = len(order) // 2, (len(order) - len(order) // 2) // 2
    own = known.of_people(np.sort(order[:half]))
    stopping = known.of_people(np.sort(order[half : half + quarter]))
    judging = known.of_people(np.sort(order[half + quarter :]))
    head, epochs = trained_head(own, stopping, options, progress)
    before, after = Pairs.of(judging), Pairs.of(_through(head, judging))
    report = _compared(before, after, judging, epochs, len(own.people), len(stopping.people))
    held_back = known.of_people(np.sort(order[half:]))
    return LearnedMetric(head, report, before, after, _through(head, held_back))


def missed(pairs: Pairs, weights: NDArray[np.float64] | None = None) -> float:
    """Return the share of the pairs of one person that are missed, where FMR of the others pass.

    weights: (n,), how often each pair counts.
    """
    share = np.ones(len(pairs.same)) if weights is None else weights
    others, own = ~pairs.same, pairs.same
    order = np.argsort(-pairs.similarities[others])
    passed = np.cumsum(share[others][order])
    place = int(np.searchsorted(passed, FMR * passed[-1], side="right"))
    threshold = pairs.similarities[others][order][min(place, len(order) - 1)]
    return float(share[own] @ (pairs.similarities[own] <= threshold) / share[own].sum())


def _law(scores: list[float]) -> ImpostorScores:
    try:
        return fit(scores)
    except ValueError as error:
        raise LearningError(
            "100 comparisons of different people who are held back",
            Sentence("there are {}", len(scores)),
            "Add pictures or people",
        ) from error


def trained_head(
    own: LabelledRows, stopping: LabelledRows, options: MetricOptions, progress: Callable[[], None]
) -> tuple[MetricHead, int]:
    """Return the head that is best on the people to stop by, and the number of epochs."""
    rng = np.random.default_rng(options.seed)
    dimension = own.rows.shape[1]
    weights = np.eye(dimension)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    best, least, since, step, epoch = weights, _stop_value(weights, stopping), 0, 0, 0
    while epoch < options.epochs and since < options.patience:
        epoch += 1
        for _ in range(20):
            step += 1
            gradient = _gradient(weights, *_batch(own, rng), options)
            gradient += _DECAY * (weights - np.eye(dimension))
            mean = _MOMENTUM * mean + (1 - _MOMENTUM) * gradient
            square = _SQUARES * square + (1 - _SQUARES) * gradient**2
            unbiased = mean / (1 - _MOMENTUM**step), square / (1 - _SQUARES**step)
            weights = weights - _STEP * unbiased[0] / (np.sqrt(unbiased[1]) + _TINY)
        found, since = _stop_value(weights, stopping), since + 1
        if found < least:
            best, least, since = weights, found, 0
        progress()
    return MetricHead(best.astype(np.float32)), epoch


def _gradient(
    weights: NDArray[np.float64],
    rows: NDArray[np.float32],
    owners: NDArray[np.int32],
    options: MetricOptions,
) -> NDArray[np.float64]:
    """Return the loss's gradient by the head's weights, (d, d)."""
    long = rows.astype(np.float64) @ weights.T
    lengths = np.linalg.norm(long, axis=1, keepdims=True)
    unit = long / lengths
    if options.loss is Loss.TRIPLET:
        _, by_unit = triplet_loss(unit, owners, options.margin, options.mining)
    else:
        _, by_unit = contrastive_loss(unit, owners, options.margin)
    by_long = (by_unit - (by_unit * unit).sum(axis=1, keepdims=True) * unit) / lengths
    return np.asarray(by_long.T @ rows)


def _batch(
    own: LabelledRows, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    people = rng.permutation(len(own.people))[:PEOPLE_A_BATCH]
    chosen = np.concatenate(
        [rng.permutation(np.flatnonzero(own.owners == one))[:ROWS_A_PERSON] for one in people]
    )
    return own.rows[chosen], own.owners[chosen]


def _stop_value(weights: NDArray[np.float64], stopping: LabelledRows) -> float:
    """The error by which training stops: pairs missed, and where that is the same, how far the two
    kinds of pairs overlap."""
    pairs = Pairs.of(_through(MetricHead(weights.astype(np.float32)), stopping))
    own, others = pairs.similarities[pairs.same], pairs.similarities[~pairs.same]
    apart = (own.mean() - others.mean()) / np.sqrt((own.var() + others.var()) / 2)
    return missed(pairs) - 1e-3 * float(apart)


def _through(head: MetricHead, known: LabelledRows) -> LabelledRows:
    return LabelledRows(known.people, head.applied(known.rows), known.owners)


def _compared(
    before: Pairs, after: Pairs, judging: LabelledRows, epochs: int, own: int, stopping: int
) -> MetricReport:
    one, other = np.triu_indices(len(judging.rows), k=1)
    a, b = judging.owners[one], judging.owners[other]
    rng = np.random.default_rng(0)
    gains: list[float] = []
    while len(gains) < DRAWS:
        people = len(judging.people)
        counts = np.bincount(rng.integers(0, people, people), minlength=people)
        if (counts > 0).sum() < 2:
            continue  # nobody else to be taken for
        weights = np.where(a == b, counts[a], counts[a] * counts[b]).astype(np.float64)
        gains.append(missed(before, weights) - missed(after, weights))
    low, high = np.quantile(gains, (0.025, 0.975))
    plain, learned = missed(before), missed(after)
    return MetricReport(
        plain,
        learned,
        plain - learned,
        float(low),
        float(high),
        epochs,
        own,
        stopping,
        len(judging.people),
    )
