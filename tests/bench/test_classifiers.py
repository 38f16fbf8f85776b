from __future__ import annotations

import numpy as np
import pytest

from bench import classifiers as module
from bench.classifiers import SIMILARITIES, TODAY, ComparedWays, compare_ways
from bench.labelled_probes import ProbedPeople
from common.extras import is_installed
from recognition.learning.labelled import LabelledRows

needs_sklearn = pytest.mark.skipif(not is_installed("learn"), reason="no scikit-learn")


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def probed(noise: float, count: int = 8, pictures: int = 14) -> ProbedPeople:
    """Each on an axis of their own; degraded ones are noisier, and one has no face."""
    rng = np.random.default_rng(0)
    centres = np.eye(16)[:count, np.newaxis]
    rows = {
        kind: unit(centres + spread * rng.normal(size=(count, pictures, 16)))
        for kind, spread in (("plain", noise), ("degraded", 3 * noise))
    }
    rows["degraded"][0, 3] = np.nan
    return ProbedPeople("toy", tuple("abcdefghijklmnop"[:count]), rows)


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("DRAWS", 3), ("TUNING_DRAWS", 1), ("RESAMPLES", 50)):
        monkeypatch.setattr(module, name, value)


def angles(*degrees: float) -> np.ndarray:
    turned = np.radians(degrees)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


def cos(degrees: float) -> float:
    return float(np.cos(np.radians(degrees)))


def test_the_similarities_by_hand() -> None:
    known = LabelledRows(("a", "b"), angles(0, 40, 50, 200), np.array([0, 0, 0, 1], np.int32))
    probe = angles(10)
    expected = {
        "nearest mean": cos(20.3),
        "nearest template": cos(10),
        TODAY: cos(10),
        "top 3": (cos(10) + cos(30) + cos(40)) / 3,
    }
    for name, way in SIMILARITIES.items():
        chosen, similarity = way(known, probe)
        assert chosen.tolist() == [0]
        assert similarity[0] == pytest.approx(expected[name], abs=2e-3)


def test_todays_way_is_the_gallerys() -> None:
    from gallery.search.identity_rows import IdentityRows

    people = probed(0.4).labelled()
    rows = IdentityRows(16)
    for place, one in enumerate(people.people):
        rows.put(one, people.rows[people.owners == place])
    probes = unit(np.random.default_rng(5).normal(size=(30, 16)))
    chosen, similarity = SIMILARITIES[TODAY](people, probes)
    best = [rows.best(probe, 1)[0] for probe in probes]
    assert [people.people[one] for one in chosen] == [one for one, _ in best]
    assert similarity == pytest.approx([found for _, found in best], abs=1e-5)


@needs_sklearn
def test_far_apart_no_way_errs(few_draws: None) -> None:
    steps: list[int] = []
    compared = compare_ways(probed(0.02), lambda: steps.append(1), pictures=(1, 5))
    assert len(steps) == 4
    assert {each.way for each in compared.figures} == {
        *SIMILARITIES,
        "SVM, linear",
        "SVM, RBF",
        "kNN",
        "metric head",
    }
    assert len(compared.figures) == 8 * 2 * 2
    for each in compared.figures:
        if each.probes == "plain":
            assert (each.rank1.value, each.fnir.value) == (1, 0)
            assert (each.fnir_gain.low, each.fnir_gain.high) == (0, 0)
    assert not any(verdict.is_better for verdict in compared.verdicts)
    assert TODAY not in {verdict.way for verdict in compared.verdicts}


@needs_sklearn
def test_a_probe_without_a_face_is_missed_by_each(few_draws: None) -> None:
    people = probed(0.02)
    people.probes["degraded"][0] = np.nan
    compared = compare_ways(people, lambda: None, pictures=(5,))
    degraded = [each for each in compared.figures if each.probes == "degraded"]
    assert len(degraded) == 8
    assert all(each.rank1.value == pytest.approx(7 / 8) for each in degraded)


@needs_sklearn
def test_the_mean_wins_where_templates_are_noisy(
    few_draws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Noise that is everywhere the same: the most similar template is the luckiest one."""
    monkeypatch.setattr(module, "DRAWS", 10)
    monkeypatch.setattr(module, "RESAMPLES", 200)
    compared: ComparedWays = compare_ways(probed(0.25, 16, 30), lambda: None, pictures=(10,))
    verdicts = {each.way: each for each in compared.verdicts}
    mean, nearest = verdicts["nearest mean"], verdicts["nearest template"]
    assert mean.is_better
    assert mean.fnir_gain.low <= mean.fnir_gain.value <= mean.fnir_gain.high
    both = (mean.plain_gain.value + mean.degraded_gain.value) / 2
    assert mean.fnir_gain.value == pytest.approx(both)
    assert nearest.fnir_gain.value < 0
    assert not nearest.is_better


def test_too_few() -> None:
    for people in (probed(0.1, 7), probed(0.1, 8, 10)):
        with pytest.raises(ValueError, match="eight people"):
            compare_ways(people, lambda: None)
