from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import check_grad

from common.errors import LearningError
from models.embedders.head import MetricHead
from recognition.learning.labelled import LabelledRows
from recognition.learning.metric import (
    MetricOptions,
    _gradient,
    learn_metric,
    missed,
)
from recognition.learning.metric_losses import (
    Loss,
    Mining,
    contrastive_loss,
    triplet_loss,
    triplets,
)
from recognition.learning.pairs import Pairs

OPTIONS = (
    MetricOptions(mining=Mining.SEMI_HARD),
    MetricOptions(mining=Mining.HARD),
    MetricOptions(Loss.CONTRASTIVE, margin=1.2),
)


def people(count: int, spoilt: float, pictures: int = 6) -> LabelledRows:
    """People who differ in 8 directions of 16; the others are of the picture alone."""
    rng = np.random.default_rng(4)
    own = np.concatenate([rng.normal(size=(count, 1, 8)), np.zeros((count, 1, 8))], axis=2)
    noise = rng.normal(size=(count, pictures, 16)) * ([0.3] * 8 + [spoilt] * 8)
    rows = own + noise
    rows /= np.linalg.norm(rows, axis=2, keepdims=True)
    return LabelledRows.of((str(i), each.astype(np.float32)) for i, each in enumerate(rows))


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: f"{o.loss.value}-{o.mining.value}")
def test_a_head_that_drops_what_is_not_the_persons_is_better(options: MetricOptions) -> None:
    epochs: list[int] = []
    learned = learn_metric(people(48, spoilt=1.2), options, lambda: epochs.append(1))
    report = learned.report
    assert report.is_better
    assert report.low <= report.gain <= report.high
    assert report.learned < report.plain
    assert report.gain == pytest.approx(report.plain - report.learned)
    assert (report.learned_from, report.stopped_by, report.judged_by) == (24, 12, 12)
    assert len(epochs) == report.epochs
    columns = np.linalg.norm(learned.head.weights, axis=0)
    assert columns[:8].min() > columns[8:].max()
    assert learned.nonmated.mean < 1
    assert learned.nonmated_pairs.std > 0


def test_where_nothing_is_to_be_gained_nothing_is_claimed() -> None:
    report = learn_metric(people(16, spoilt=0.05), MetricOptions()).report
    assert report.plain == 0
    assert not report.is_better


def test_the_judges_are_not_learned_from() -> None:
    known = people(16, spoilt=1.2)
    learned = learn_metric(known, MetricOptions(epochs=1))
    order = np.random.default_rng(1).permutation(16)
    judges = known.of_people(np.sort(order[12:]))
    assert (learned.before.similarities == Pairs.of(judges).similarities).all()
    other = known.rows.copy()
    other[np.isin(known.owners, order[12:])] = np.eye(16, dtype=np.float32)[0]
    changed = learn_metric(replace(known, rows=other), MetricOptions(epochs=1))
    assert (changed.head.weights == learned.head.weights).all()


def test_too_few_people() -> None:
    with pytest.raises(LearningError, match=r"at least 12 people.*there are 11"):
        learn_metric(people(11, 1), MetricOptions())
    with pytest.raises(LearningError, match="there are 0"):
        learn_metric(people(20, 1, pictures=1), MetricOptions())


def test_too_few_comparisons_to_know_the_heads_law() -> None:
    learned = learn_metric(people(12, 1, pictures=2), MetricOptions(epochs=1))
    with pytest.raises(LearningError, match=r"100 comparisons.*there are 30"):
        _ = learned.nonmated


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: f"{o.loss.value}-{o.mining.value}")
def test_the_gradient_is_the_losss(options: MetricOptions) -> None:
    known = people(4, 0.5, pictures=3)

    def loss(flat: np.ndarray) -> float:
        rows = known.rows.astype(np.float64) @ flat.reshape(16, 16).T
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        if options.loss is Loss.TRIPLET:
            return triplet_loss(rows, known.owners, options.margin, options.mining)[0]
        return contrastive_loss(rows, known.owners, options.margin)[0]

    def gradient(flat: np.ndarray) -> np.ndarray:
        return _gradient(flat.reshape(16, 16), known.rows, known.owners, options).ravel()

    start = np.eye(16) + 0.1 * np.random.default_rng(0).normal(size=(16, 16))
    assert loss(start.ravel()) > 0
    error = check_grad(loss, gradient, start.ravel(), epsilon=1e-7)
    assert error < 1e-4 * max(1, np.linalg.norm(gradient(start.ravel())))


def on_a_line(*places: float) -> np.ndarray:
    """The distances of points on a line."""
    points = np.array(places)
    return (points[:, np.newaxis] - points) ** 2


def test_hard_triplets_have_the_farthest_own_and_the_nearest_other() -> None:
    distances = on_a_line(0, 1, 3, 4, 9)
    owners = np.array([0, 0, 0, 1, 1], np.int32)
    assert triplets(distances, owners, 0.2, Mining.HARD).tolist() == [
        [0, 2, 3],
        [1, 2, 3],
        [2, 0, 3],
        [3, 4, 2],
        [4, 3, 2],
    ]


def test_semi_hard_triplets_are_farther_than_the_own_within_the_margin() -> None:
    distances = on_a_line(0, 1, 1.05, 2)
    owners = np.array([0, 0, 1, 1], np.int32)
    # 0 to 1 is 1; 0 to 2 is 1.1: farther, and within 0.2. 1 is nearer to 2 than to 0.
    assert [0, 1, 2] in triplets(distances, owners, 0.2, Mining.SEMI_HARD).tolist()
    assert [1, 0, 2] not in triplets(distances, owners, 0.2, Mining.SEMI_HARD).tolist()
    assert [0, 1, 2] not in triplets(distances, owners, 0.1, Mining.SEMI_HARD).tolist()


def test_no_triplet_no_loss() -> None:
    rows = np.eye(3)
    loss, gradient = triplet_loss(rows, np.arange(3, dtype=np.int32), 0.2, Mining.HARD)
    assert loss == 0
    assert (gradient == 0).all()


def test_missed_by_hand() -> None:
    """One of 200 others passes at 1 % of them, and two of four own pairs are below it."""
    others = np.linspace(0, 0.5, 200)
    similarities = np.concatenate([[0.9, 0.8, 0.3, 0.1], others]).astype(np.float32)
    pairs = Pairs(similarities, np.arange(204) < 4)
    assert missed(pairs) == 0.5
    weights = np.ones(204)
    weights[:4] = [3, 3, 1, 1]
    assert missed(pairs, weights) == 0.25


def test_a_head_keeps_unit_length() -> None:
    rows = people(3, 1).rows
    assert np.linalg.norm(
        MetricHead(np.diag(np.arange(1, 17)).astype("f4")).applied(rows), axis=1
    ) == (pytest.approx(np.ones(18), abs=1e-6))
    assert MetricHead(np.eye(16, dtype=np.float32)).applied(rows) == pytest.approx(rows, abs=1e-6)
