"""The threshold against simulated strangers."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from gallery.threshold import ImpostorScores, fit, fmr_for_fpir, fpir_at, threshold_for_fpir

SCORES = ImpostorScores(mean=0.05, std=0.1)


def test_one_identity_is_a_plain_comparison() -> None:
    assert fmr_for_fpir(0.01, 1) == pytest.approx(0.01)
    expected = NormalDist(0.05, 0.1).inv_cdf(0.99)
    assert threshold_for_fpir(SCORES, 0.01, 1, floor=-1) == pytest.approx(expected)


@pytest.mark.parametrize("size", [2, 50, 10_000])
@pytest.mark.parametrize("fpir", [1e-9, 0.001, 0.3])
def test_the_rates_invert_each_other(size: int, fpir: float) -> None:
    fmr = fmr_for_fpir(fpir, size)
    assert -np.expm1(size * np.log1p(-fmr)) == pytest.approx(fpir, rel=1e-9)


def test_strangers_pass_as_often_as_asked(rng: np.random.Generator) -> None:
    size, fpir = 40, 0.05
    strangers = rng.normal(SCORES.mean, SCORES.std, (20_000, size)).max(axis=1)
    threshold = threshold_for_fpir(SCORES, fpir, size, floor=-1)
    assert np.mean(strangers > threshold) == pytest.approx(fpir, abs=0.006)


def test_the_threshold_grows_with_the_gallery_and_with_caution() -> None:
    by_size = [threshold_for_fpir(SCORES, 0.01, n, floor=-1) for n in (1, 10, 1000, 10**6)]
    by_rate = [threshold_for_fpir(SCORES, rate, 100, floor=-1) for rate in (0.3, 0.01, 1e-12)]
    assert by_size == sorted(set(by_size))
    assert by_rate == sorted(set(by_rate))


def test_an_empty_gallery_counts_as_one() -> None:
    assert fmr_for_fpir(0.01, 0) == fmr_for_fpir(0.01, 1)


def test_never_below_the_floor() -> None:
    assert threshold_for_fpir(SCORES, 0.5, 1, floor=0.3) == 0.3
    assert threshold_for_fpir(SCORES, 1e-6, 1000, floor=0.3) > 0.3


@pytest.mark.parametrize("fpir", [-0.1, 0.0, 1.0, float("nan")])
def test_a_rate_lies_between_0_and_1(fpir: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        fmr_for_fpir(fpir, 10)


def test_the_fit_finds_a_normal_law(rng: np.random.Generator) -> None:
    fitted = fit(rng.normal(0.05, 0.1, 50_000))
    assert fitted.mean == pytest.approx(0.05, abs=0.01)
    assert fitted.std == pytest.approx(0.1, abs=0.01)


def test_the_fit_follows_a_skewed_tail(rng: np.random.Generator) -> None:
    """Where mean and standard deviation of all scores would let too many strangers pass."""
    scores = 0.05 + 0.03 * rng.gamma(2.0, size=50_000)
    tail = threshold_for_fpir(fit(scores), 0.001, 1, floor=-1)
    moments = ImpostorScores(float(scores.mean()), float(scores.std()))
    assert np.mean(scores > tail) == pytest.approx(0.001, abs=0.0007)
    assert np.mean(scores > threshold_for_fpir(moments, 0.001, 1, floor=-1)) > 0.004


@pytest.mark.parametrize("scores", [[], [0.1] * 99, [0.1] * 150 + [float("nan")]])
def test_too_few_or_broken_scores_are_refused(scores: list[float]) -> None:
    with pytest.raises(ValueError, match="at least 100"):
        fit(scores)


@pytest.mark.parametrize("size", [1, 12, 100_000])
@pytest.mark.parametrize("fpir", [0.3, 0.01, 1e-4, 1e-6])
def test_a_threshold_and_its_rate_belong_together(fpir: float, size: int) -> None:
    law = ImpostorScores(0.17, 0.075)
    threshold = threshold_for_fpir(law, fpir, size, -1, 0.03)
    assert fpir_at(law, threshold, size, 0.03) == pytest.approx(fpir, rel=1e-6)
    assert 0 < fpir_at(law, 5.0, size) < fpir_at(law, -5.0, size) < 1
