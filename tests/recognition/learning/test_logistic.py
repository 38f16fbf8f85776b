from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from recognition.learning.logistic import Logistic, fit_logistic, reliability


def drawn(count: int = 4000, slope: float = 12.0, intercept: float = -4.0):
    """Scores, and labels that are true as often as the curve says."""
    rng = np.random.default_rng(3)
    scores = rng.uniform(-0.5, 1, count)
    labels = rng.random(count) < Logistic(slope, intercept).probabilities(scores)
    return scores, labels


def test_the_curve_that_made_the_labels_is_found() -> None:
    curve = fit_logistic(*drawn(200_000))
    assert curve.slope == pytest.approx(12, rel=0.03)
    assert curve.intercept == pytest.approx(-4, rel=0.03)


def test_it_is_the_least_of_the_loss() -> None:
    scores, labels = drawn(500)
    weights = np.random.default_rng(1).uniform(0.1, 2, 500)
    targets = np.where(labels, (labels.sum() + 1) / (labels.sum() + 2), 1 / ((~labels).sum() + 2))

    def loss(curve):
        logits = curve[0] * scores + curve[1]
        return (weights * (np.logaddexp(0, logits) - targets * logits)).sum()

    found = fit_logistic(scores, labels, weights)
    best = minimize(loss, [1.0, 0.0], tol=1e-12)
    assert (found.slope, found.intercept) == pytest.approx(tuple(best.x), rel=1e-4)


def test_scores_that_part_without_error_give_a_finite_curve() -> None:
    curve = fit_logistic(np.array([-3.0, -2, 2, 3]), np.array([False, False, True, True]))
    assert 0 < curve.slope < 100
    assert curve.probabilities(np.array([0.0]))[0] == pytest.approx(0.5)


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_the_scores_unit_does_not_matter(offset: float) -> None:
    scores, labels = drawn()
    plain = fit_logistic(scores, labels).probabilities(scores)
    other = 1000 * scores + offset
    assert fit_logistic(other, labels).probabilities(other) == pytest.approx(plain, abs=1e-6)


def test_far_scores_overflow_nothing() -> None:
    assert Logistic(1e6, 0).probabilities(np.array([-9.0, 9.0])).tolist() == pytest.approx([0, 1])


@pytest.mark.parametrize(
    ("scores", "labels"),
    [([0.1, 0.2], [True, True]), ([0.1, np.nan], [True, False]), ([], [])],
)
def test_what_cannot_be_fitted(scores, labels) -> None:
    with pytest.raises(ValueError, match="finite scores of both labels"):
        fit_logistic(np.array(scores), np.array(labels, bool))


def test_probabilities_that_are_kept() -> None:
    scores, labels = drawn(100_000)
    kept = reliability(Logistic(12, -4).probabilities(scores), labels)
    assert kept.expected_calibration_error < 0.005
    assert len(kept.bins) == 10
    assert sum(each.count for each in kept.bins) == 100_000


def test_the_calibration_error_by_hand() -> None:
    found = reliability([0.95, 0.95, 0.95, 0.95, 0.35], np.array([1, 1, 1, 0, 0], bool))
    assert [(each.low, each.count, each.found) for each in found.bins] == [
        (0.3, 1, 0),
        (0.9, 4, 0.75),
    ]
    assert found.expected_calibration_error == pytest.approx((4 * 0.2 + 0.35) / 5)
    weighed = reliability([0.95, 0.35], np.array([True, False]), np.array([1.0, 3.0]))
    assert weighed.expected_calibration_error == pytest.approx((0.05 + 3 * 0.35) / 4)


def test_certainty_is_in_the_last_bin() -> None:
    (only,) = reliability([1.0], np.array([True])).bins
    assert (only.low, only.high) == (0.9, 1)
    with pytest.raises(ValueError, match="no case"):
        reliability([], np.array([], bool))
