"""What a gallery's own people say of the threshold, on people drawn from known laws."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from gallery.calibration import (
    FEWEST_PEOPLE,
    FEWEST_STRANGERS,
    TIGHTENED_AT_MOST,
    Calibration,
    Shift,
    adjustment_of,
    calibrate,
    supported_rate,
)
from gallery.identity import Identity
from gallery.likeness.stranger_scores import StrangerScore
from gallery.own_scores import SAMPLED, own_scores
from gallery.search.identity_rows import IdentityRows
from gallery.tail import fit_tail
from gallery.threshold import ImpostorScores, fit

D = 128
FPIR = 0.01
ONE_PERSON = 0.6


class People:
    """A gallery that is its embeddings alone."""

    def __init__(self, embeddings: list[NDArray[np.float32]]) -> None:
        self._embeddings = embeddings
        now = datetime(2026, 1, 1, tzinfo=UTC)
        self.identities = [Identity(f"{i:06d}", f"P{i}", now) for i in range(len(embeddings))]

    def __len__(self) -> int:
        return len(self._embeddings)

    def embeddings(self, identity_id: str) -> NDArray[np.float32]:
        return self._embeddings[int(identity_id)]


def _drawn(count: int, rng: np.random.Generator, templates: int = 3) -> list[NDArray[np.float32]]:
    own = np.sqrt(0.1 / D) + rng.normal(size=(count, 1, D)) * np.sqrt(0.5 / D)
    rows = own + rng.normal(size=(count, templates, D)) * np.sqrt(0.4 / D)
    return list((rows / np.linalg.norm(rows, axis=2, keepdims=True)).astype(np.float32))


def _law(rng: np.random.Generator) -> ImpostorScores:
    return fit(own_scores(People(_drawn(250, rng)), ONE_PERSON).nonmated)


def _calibrated(
    people: list[NDArray[np.float32]], law: ImpostorScores, fpir: float = FPIR
) -> Calibration:
    return calibrate(People(people), law, fpir, 0.0, ONE_PERSON)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.mark.parametrize("shape", [0.0, -0.2, -0.4])
def test_the_tail_finds_a_pareto_law(rng: np.random.Generator, shape: float) -> None:
    uniform = rng.random(200_000)
    above = -np.log(uniform) if shape == 0 else (uniform**-shape - 1) / shape
    tail = fit_tail(0.3 + 0.05 * above)
    assert tail is not None
    assert tail.shape == pytest.approx(shape, abs=0.05)
    rate = 1e-4
    true = 0.05 * (-np.log(rate) if shape == 0 else (rate**-shape - 1) / shape)
    assert tail.quantile(rate) == pytest.approx(0.3 + true, abs=0.03)
    assert tail.quantile(tail.share) == pytest.approx(tail.level)


@pytest.mark.parametrize("scores", [[], [0.1] * 99, [0.2] * 500])
def test_too_few_scores_or_equal_ones_have_no_tail(scores: list[float]) -> None:
    assert fit_tail(scores) is None


def test_own_scores_are_what_the_gallery_tells(rng: np.random.Generator) -> None:
    embeddings = _drawn(6, rng)
    rows = IdentityRows(D)
    for number, templates in enumerate(embeddings):
        rows.put(str(number), templates)
    scores = own_scores(People(embeddings), ONE_PERSON)
    for line, whose, probe in zip(
        scores.others, scores.owners, np.concatenate(embeddings), strict=True
    ):
        expected = dict(rows.best(probe, 6))
        for other in range(6):
            if other == whose:
                assert np.isnan(line[other])
            else:
                assert line[other] == pytest.approx(expected[str(other)], abs=1e-5)
    assert len(scores.mated) == 18
    assert scores.mated.min() > 0.3


def test_a_large_gallery_is_sampled_the_same_way_each_time(rng: np.random.Generator) -> None:
    people = _drawn(SAMPLED + 20, rng, templates=1)
    few = own_scores(People(people), ONE_PERSON)
    assert [i.id for i in few.people] == [f"{i:06d}" for i in range(SAMPLED)]


def test_the_interval_holds_the_true_shift(rng: np.random.Generator) -> None:
    """In 20 galleries of 40 people of the law itself, and as many of a law that is lower."""
    law = _law(rng)
    for off in (0.0, 0.03):
        moved = ImpostorScores(law.mean - off, law.std)
        shifts = [_calibrated(_drawn(40, rng), moved).shift for _ in range(20)]
        held = [shift is not None and shift.low <= off <= shift.high for shift in shifts]
        assert sum(held) >= 17, (off, shifts)


def test_more_alike_people_raise_the_threshold_by_what_they_show(rng: np.random.Generator) -> None:
    law = _law(rng)
    found = _calibrated(_drawn(200, rng), ImpostorScores(law.mean - 0.03, law.std), fpir=0.2)
    assert 0.015 < found.adjustment < 0.04
    assert found.threshold == pytest.approx(found.law_threshold + found.adjustment)


def test_uncertain_evidence_counts_less() -> None:
    law = ImpostorScores(0.17, 0.074)
    sure, unsure = (adjustment_of(Shift(0.02, e, 0.01), law) for e in (0.001, 0.05))
    assert sure == pytest.approx(0.02, rel=0.01)
    assert 0 < unsure < 0.005
    assert adjustment_of(Shift(0.9, 0.001, 0.01), law) == TIGHTENED_AT_MOST * law.std
    assert adjustment_of(None, law) == 0


@pytest.mark.parametrize("bad", ["like nobody", "one look again and again"])
def test_no_careless_enrollment_goes_below_the_embedders_law(
    rng: np.random.Generator, bad: str
) -> None:
    law = _law(rng)
    people = _drawn(30, rng)
    for _ in range(10):
        row = -np.full(D, D**-0.5) + rng.normal(size=(5, D)) * 0.02
        if bad != "like nobody":
            row = np.repeat(row[:1], 5, axis=0)
        people.append((row / np.linalg.norm(row, axis=1, keepdims=True)).astype(np.float32))
        found = _calibrated(people, law)
        assert found.threshold >= found.law_threshold


def test_who_is_enrolled_twice_is_told_and_raises_nothing(rng: np.random.Generator) -> None:
    law = _law(rng)
    people = _drawn(40, rng)
    before = _calibrated(people, law)
    twice = [*people, people[3] + 0]
    after = _calibrated(twice, law)
    assert [(a.name, b.name) for a, b in after.scores.excluded] == [("P3", "P40")]
    assert after.adjustment == pytest.approx(before.adjustment, abs=0.005)
    assert after.pairs == 41 * 40 // 2 - 1


@pytest.mark.parametrize("count", [0, 1, FEWEST_PEOPLE - 1])
def test_too_few_people_say_nothing(rng: np.random.Generator, count: int) -> None:
    law = ImpostorScores(0.1, 0.08)
    found = _calibrated(_drawn(count, rng), law)
    assert found.shift is None
    assert found.threshold == found.law_threshold


def test_the_rule_of_three() -> None:
    assert supported_rate(300) == pytest.approx(0.01)
    assert supported_rate(0) == 1


# -- strangers at the station ----------------------------------------------------------------


def _visits(
    count: int, law: ImpostorScores, people: int, rng: np.random.Generator, higher: float = 0.0
) -> list[StrangerScore]:
    """Strangers whose scores follow the law, or lie higher by so much."""
    scores = rng.normal(law.mean, law.std, size=(count, people)).max(axis=1) + higher
    return [StrangerScore(float(score), people) for score in scores]


LAW = ImpostorScores(0.1, 0.08)


def _with_strangers(strangers: list[StrangerScore], fpir: float = FPIR) -> Calibration:
    return calibrate(People(_drawn(5, RNG)), LAW, fpir, 0.0, ONE_PERSON, strangers)


RNG = np.random.default_rng(23)


def test_strangers_who_score_higher_raise_the_threshold_as_far_as_they_are_certain() -> None:
    rng = np.random.default_rng(4)
    found = _with_strangers(_visits(3000, LAW, 20, rng, higher=0.04))
    assert found.stranger_shift is not None
    assert found.stranger_shift.low < 0.04 < found.stranger_shift.high
    assert 0.02 < found.adjustment < 0.045
    assert found.threshold == pytest.approx(found.law_threshold + found.adjustment)
    few = _with_strangers(_visits(120, LAW, 20, rng, higher=0.04))
    assert few.stranger_shift is not None
    assert few.stranger_shift.error > found.stranger_shift.error
    assert few.stranger_shift.at == pytest.approx(3 / 120)


def test_strangers_never_lower_it() -> None:
    rng = np.random.default_rng(5)
    found = _with_strangers(_visits(1000, LAW, 20, rng, higher=-0.1))
    assert found.stranger_shift is not None
    assert found.stranger_shift.found < 0
    assert found.adjustment == 0
    alike = [unit[0] for unit in _drawn(40, rng, 1)]
    common = np.mean(alike, axis=0) + np.eye(D)[0]
    people = [((row + common) / np.linalg.norm(row + common))[None] for row in alike]
    raised = calibrate(People(people), LAW, FPIR, 0.0, 0.99)
    both = calibrate(People(people), LAW, FPIR, 0.0, 0.99, found.strangers)
    assert both.adjustment == raised.adjustment > 0


def test_too_few_strangers_say_nothing() -> None:
    found = _with_strangers(_visits(FEWEST_STRANGERS - 1, LAW, 20, RNG, higher=0.3))
    assert found.stranger_shift is None
    assert found.adjustment == 0


def test_visits_count_for_the_gallery_of_their_time() -> None:
    """In a larger one a stranger resembles somebody more: that is the law, and no shift."""
    rng = np.random.default_rng(6)
    found = _with_strangers([*_visits(1500, LAW, 5, rng), *_visits(1500, LAW, 400, rng)])
    assert found.stranger_shift is not None
    assert abs(found.stranger_shift.found) < 3 * found.stranger_shift.error
    assert found.adjustment < 0.02


def test_enrolled_people_among_them_raise_it_by_a_standard_deviation_at_most() -> None:
    """A tenth of the visits are of enrolled people who were not recognized."""
    rng = np.random.default_rng(7)
    mistaken = [StrangerScore(float(score), 20) for score in rng.uniform(0.3, 0.45, 300)]
    found = _with_strangers([*_visits(2700, LAW, 20, rng), *mistaken])
    assert 0 < found.adjustment <= TIGHTENED_AT_MOST * LAW.std


def test_the_realized_rate_on_strangers_kept_apart_meets_the_wish() -> None:
    """The law is of other people, whose scores are lower: alone it names three times too many."""
    rng = np.random.default_rng(8)
    truth = ImpostorScores(0.13, 0.08)
    found = _with_strangers(_visits(3000, truth, 20, rng))
    size = 5
    apart = rng.normal(truth.mean, truth.std, size=(200_000, size)).max(axis=1)
    assert np.mean(apart >= found.law_threshold) > 2 * FPIR
    assert FPIR / 2 < np.mean(apart >= found.threshold) < 2 * FPIR
