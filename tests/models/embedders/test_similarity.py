from __future__ import annotations

import numpy as np
import pytest

from models.embedders.similarity import REACH_LENGTHS, law_for, unit_dimension, unit_rows


@pytest.fixture
def rows() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(40, 64)).astype(np.float32)


@pytest.mark.parametrize("metric", ["cosine", "normalized-euclidean"])
def test_directions(metric: str, rows: np.ndarray) -> None:
    unit = unit_rows(rows, metric)
    assert unit.dtype == np.float32
    assert np.linalg.norm(unit, axis=1) == pytest.approx(np.ones(40), abs=1e-6)
    directions = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    distances = np.linalg.norm(directions[:, np.newaxis] - directions, axis=2)
    assert 1 - distances**2 / 2 == pytest.approx(unit @ unit.T, abs=1e-5)


def test_distances_of_vectors_whose_length_counts(rows: np.ndarray) -> None:
    """The order of distances is kept, which that of cosines is not."""
    rng = np.random.default_rng(4)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True) * rng.uniform(0.8, 1.2, (40, 1))
    reach = REACH_LENGTHS
    unit = unit_rows(rows.astype(np.float32), "euclidean", reach)
    assert unit.shape == (40, unit_dimension(64, "euclidean")) == (40, 65)
    assert np.linalg.norm(unit, axis=1) == pytest.approx(np.ones(40), abs=1e-6)
    squares = np.linalg.norm(rows[:, np.newaxis] - rows, axis=2) ** 2
    similarities = unit @ unit.T
    assert 1 - squares / (2 * reach**2) == pytest.approx(similarities, abs=0.007)
    lengths = np.linalg.norm(rows, axis=1) ** 2
    error = (lengths[:, np.newaxis] - lengths) ** 2 / (8 * reach**4)
    told = 1 - squares / (2 * reach**2) - similarities
    assert told == pytest.approx(error, abs=0.002)
    strangers = squares[~np.eye(40, dtype=bool)].mean() / (2 * reach**2)
    assert error.max() < strangers / 50


def test_a_row_longer_than_the_reach_counts_as_one_of_that_length() -> None:
    long, reached = unit_rows(np.float32([[30, 40], [3, 4]]), "euclidean", 5.0)
    assert long == pytest.approx(reached)
    assert long == pytest.approx([0.6, 0.8, 0])


def test_zeros_have_no_direction() -> None:
    zeros = np.zeros((1, 8), np.float32)
    assert np.isnan(unit_rows(zeros)).all()
    assert unit_rows(zeros, "euclidean", 2.0)[0, -1] == 1


def test_laws_move_with_the_metric(rows: np.ndarray) -> None:
    """Of vectors of one length, the similarities of the metric are those of the cosines, moved."""
    assert law_for((0.1, 0.2), "normalized-euclidean") == (0.1, 0.2)
    unit = unit_rows(rows)
    cosines = (unit @ unit.T)[np.triu_indices(40, 1)]
    lifted = unit_rows(unit, "euclidean", REACH_LENGTHS)
    similarities = (lifted @ lifted.T)[np.triu_indices(40, 1)]
    law = law_for((float(cosines.mean()), float(cosines.std())), "euclidean")
    assert law == pytest.approx((similarities.mean(), similarities.std()), abs=1e-4)
