"""Figures of scores drawn from laws whose figures are known."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from bench.evaluation import intervals
from bench.evaluation.figures import identification, roc, verification, warnings_for
from bench.evaluation.intervals import rule_of_three
from bench.evaluation.scoring import Identifications, MatedScores, NonmatedScores, Scores
from bench.evaluation.sorted_scores import CURVE_FMRS, FMRS, FPIRS

NORMAL = NormalDist()


def drawn(
    people: int = 60,
    probes: int = 20,
    apart: float = 3.0,
    of_person: float = 0.0,
    without_face: float = 0.0,
    seed: int = 0,
) -> Scores:
    """Non-mated scores of the law N(0, 1), mated ones of N(apart, 1).

    of_person: the share of the mated variance that is the person's, not the picture's.
    without_face: the share of probes on which none is found.
    """
    random = np.random.default_rng(seed)
    persons = np.repeat(np.arange(people, dtype=np.int32), probes)
    own = random.normal(0, of_person**0.5, people)[persons]
    own = apart + own + random.normal(0, (1 - of_person) ** 0.5, len(persons))
    missed = random.random(len(persons)) < without_face
    own[missed] = -np.inf
    claimed = np.tile(np.arange(people, dtype=np.int32), len(persons))
    whose = np.repeat(persons, people)
    different = (claimed != whose) & ~np.repeat(missed, people)
    others = random.normal(0, 1, int(different.sum())).astype(np.float32)
    pictures = np.arange(len(persons), dtype=np.int32)
    no = np.full(len(persons), -1, np.int32)
    of_other = np.repeat(pictures, people)[different]
    return Scores(
        MatedScores(own.astype(np.float32), persons, pictures, no),
        NonmatedScores(
            others,
            whose[different],
            claimed[different],
            of_other,
            np.full(len(others), -1, np.int32),
            len(others),
        ),
        (),
        (),
        np.full(people, probes),
        np.bincount(persons[missed], minlength=people),
    )


def test_figures_are_those_of_the_law() -> None:
    found = verification(drawn(), threshold=1.5)
    assert found.auc.value == pytest.approx(NORMAL.cdf(3 / 2**0.5), abs=0.003)
    assert found.eer.value == pytest.approx(NORMAL.cdf(-1.5), abs=0.01)
    assert found.fmr.value == pytest.approx(NORMAL.cdf(-1.5), abs=0.003)
    assert found.fnmr.value == pytest.approx(NORMAL.cdf(-1.5), abs=0.015)
    assert found.accuracy.value == pytest.approx(NORMAL.cdf(1.5), abs=0.01)
    assert found.best_accuracy.value >= found.accuracy.value
    assert found.best_threshold == pytest.approx(1.5, abs=0.4)
    for rate, tpr, threshold in zip(FMRS, found.tpr, found.thresholds, strict=True):
        assert threshold == pytest.approx(NORMAL.inv_cdf(1 - rate), abs=0.25)
        assert tpr.value == pytest.approx(1 - NORMAL.cdf(threshold - 3), abs=0.03)
    assert (found.mated, found.nonmated, found.people) == (1200, 70800, 60)


def test_the_curve_is_the_laws() -> None:
    curve = roc(drawn())
    for rate, low, tpr, high in zip(CURVE_FMRS, curve.low, curve.tpr, curve.high, strict=True):
        if 0.001 < rate < 1:
            assert tpr == pytest.approx(1 - NORMAL.cdf(NORMAL.inv_cdf(1 - rate) - 3), abs=0.05)
        assert low <= tpr <= high
    assert curve.tpr[-1] == 1


def test_probes_without_a_face_are_errors() -> None:
    whole, half = drawn(apart=20), drawn(apart=20, without_face=0.5)
    lost = half.missed.sum() / half.probed.sum()
    found = verification(half, threshold=10.0)
    assert verification(whole, threshold=10.0).accuracy.value == 1
    assert found.fnmr.value == pytest.approx(lost)
    assert [tpr.value for tpr in found.tpr] == pytest.approx([1 - lost] * 3)
    assert found.accuracy.value == pytest.approx(1 - lost)
    assert found.fmr.value == 0
    assert found.auc.value == pytest.approx(1 - lost)


@pytest.mark.parametrize("of_person", [0.0, 0.5])
def test_intervals_cover_the_truth_as_often_as_they_say(
    of_person: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a person's pictures resemble each other: people are drawn, not pictures."""
    monkeypatch.setattr(intervals, "_REPLICATES", 150)
    truth = NORMAL.cdf(1.0 - 2)
    covered = runs = 0
    for seed in range(50):
        scores = drawn(30, 10, 2.0, of_person, seed=seed)
        fnmr = verification(scores, threshold=1.0).fnmr
        covered += fnmr.low <= truth <= fnmr.high
        runs += 1
    assert covered / runs >= 0.85, "95 % of fifty, less three standard deviations"


def test_intervals_are_no_wider_than_they_must_be() -> None:
    one = verification(drawn(people=60), 1.5).fnmr
    expected = 1.96 * (one.value * (1 - one.value) / one.of) ** 0.5
    assert (one.high - one.low) / 2 == pytest.approx(expected, rel=0.25)


def test_without_an_error_the_rule_of_three_is_the_end() -> None:
    found = verification(drawn(people=6, probes=10, apart=30), threshold=15.0)
    assert (found.fnmr.value, found.fnmr.low) == (0, 0)
    assert found.fnmr.high == pytest.approx(3 / 60)
    assert found.tpr[0].low == pytest.approx(1 - 3 / 60)
    of_two = 3 / found.nonmated
    assert (found.accuracy.value, found.accuracy.high) == (1, 1)
    assert found.accuracy.low == found.best_accuracy.low == pytest.approx(1 - (3 / 60 + of_two) / 2)
    assert (found.auc.value, found.auc.low) == (1, pytest.approx(1 - 3 / 60))
    assert (found.eer.value, found.eer.high) == (0, pytest.approx(3 / 60))
    assert (rule_of_three(300), rule_of_three(2), rule_of_three(0)) == (0.01, 1, 1)


def test_repeated_comparisons_prove_no_more() -> None:
    once = drawn(people=6, probes=10, apart=30)
    twice = replace(
        once,
        mated=MatedScores(
            *(
                np.tile(getattr(once.mated, name), 2)
                for name in ("scores", "persons", "pictures", "other_pictures")
            )
        ),
    )
    found = verification(twice, threshold=15.0)
    assert (found.mated, found.fnmr.of) == (120, 120)
    assert found.fnmr.high == pytest.approx(3 / 60)


def opened(people: int = 200, probes: int = 20, seed: int = 1) -> Scores:
    """Every second person is a stranger: N(0, 1) at best; the others have N(4, 1)."""
    random = np.random.default_rng(seed)
    persons = np.repeat(np.arange(people, dtype=np.int32), probes)
    is_known = persons % 2 == 0
    best = random.normal(0, 1, len(persons)) + 4 * is_known
    pictures = np.arange(len(persons), dtype=np.int32)
    found = np.where(is_known, persons, 0).astype(np.int32)
    choice = Identifications(
        persons, best.astype(np.float32), found, pictures, is_known, people // 2
    )
    everyone = Identifications(
        persons, best.astype(np.float32), persons, pictures, np.ones_like(is_known), people
    )
    scores = drawn(people, 1)
    return Scores(
        scores.mated, scores.nonmated, (everyone,), (choice,), scores.probed, scores.missed
    )


def test_open_set_figures_are_those_of_the_law() -> None:
    found = identification(opened(), lambda size: 2.0)
    assert found is not None
    assert found.fnir is not None
    assert found.fpir_in_use is not None
    assert found.fnir_in_use is not None
    assert found.rank1.value == 1
    for rate, fnir in zip(FPIRS, found.fnir, strict=True):
        truth = NORMAL.cdf(NORMAL.inv_cdf(1 - rate) - 4)
        assert fnir.low <= truth <= fnir.high
        assert fnir.value == pytest.approx(truth, abs=0.06)
    assert found.fpir_in_use.value == pytest.approx(NORMAL.cdf(-2), abs=0.01)
    assert found.fnir_in_use.value == pytest.approx(NORMAL.cdf(-2), abs=0.01)
    assert (found.known, found.strangers) == (100, 100)


def test_anothers_name_is_an_error_at_any_threshold() -> None:
    scores = opened()
    wrong = scores.open_set[0].found
    wrong[0] = 2
    before = identification(opened(), lambda size: -10.0)
    after = identification(scores, lambda size: -10.0)
    assert before is not None
    assert after is not None
    assert before.fnir_in_use is not None
    assert after.fnir_in_use is not None
    assert before.fnir_in_use.errors == 0
    assert after.fnir_in_use.errors == 1


def test_few_people_are_warned_of() -> None:
    few = verification(drawn(people=12), 1.5)
    (told,) = warnings_for(few, None)
    assert told.startswith("12 people make 66 independent pairs: no false match rate below 4.5 %")
    many = identification(opened(), lambda size: 2.0)
    assert warnings_for(verification(drawn(people=300, probes=2), 1.5), many)[0].startswith(
        "100 strangers at a time"
    )
