"""Figures that are measured on the user's own people: drawn here, from laws that are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from statistics import NormalDist

import numpy as np
import pytest

from bench.accuracy import EvaluatedPerson
from bench.adoption import best_weights, effect, measure_figures, reweighted
from common.errors import EnrollmentError
from models.embedders.adopted import Measurement
from models.embedders.fusion import FusedEmbedder
from models.embedders.sface import FIGURES
from models.engines.engine import FloatArray

AT = datetime(2026, 3, 1, tzinfo=UTC)


class NamedEmbedder:
    """Has embedded the people of these tests."""

    figures = FIGURES.estimated_for((0.05, 0.14), (0.05, 0.14))

    def __init__(self, model_id: str = "drawn-1", dimension: int = 64) -> None:
        self.model_id, self.dimension = model_id, dimension


def unit(rows: FloatArray) -> FloatArray:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def drawn(
    count: int, pictures: int = 16, noise: float = 0.6, dimension: int = 64, seed: int = 0
) -> list[EvaluatedPerson]:
    """People whose pictures lie around a direction of their own; all have something in common."""
    rng = np.random.default_rng(seed)
    common = 0.35 * np.eye(dimension)[0]
    people = []
    for number in range(count):
        centre = unit(rng.normal(size=dimension)) + common
        rows = unit(centre + noise * unit(rng.normal(size=(pictures, dimension))))
        people.append(EvaluatedPerson(f"{number:02}", rows[:5], rows[5:]))
    return people


def measured(people: list[EvaluatedPerson]) -> Measurement:
    return measure_figures(people, NamedEmbedder(), AT)


def test_laws_and_levels_are_of_these_people() -> None:
    people = drawn(12)
    found = measured(people)
    assert (found.model_id, found.people, found.probes) == ("drawn-1", 12, 132)
    assert found.measured_at == AT
    figures = found.figures
    assert figures.is_measured
    scores = [
        max(float(probe @ row) for row in other.enrolled)
        for person in people
        for other in people
        if other is not person
        for probe in person.probes
    ]
    quantile = NormalDist(*figures.nonmated).inv_cdf(0.999)
    assert np.quantile(scores, 0.99) < quantile < 1
    own = [(rows @ rows.T).mean() for rows in _all(people)]
    assert figures.one_person < min(own)
    assert figures.margin == pytest.approx(figures.nonmated[1] / 2)
    assert set(found.levels) <= {
        "margin",
        "threshold_floor",
        "same_face",
        "unlike_photo",
        "one_person",
    }


def _all(people: list[EvaluatedPerson]) -> list[FloatArray]:
    return [np.vstack([person.enrolled, person.probes]) for person in people]


def test_one_who_resembles_another_makes_it_careful_whoever_else_is_there() -> None:
    people = drawn(12)
    alike = [*people[:-1], replace(people[-1], probes=people[0].probes)]
    assert measured(alike).figures.nonmated[1] > measured(people).figures.nonmated[1]


def test_the_law_is_no_laxer_than_without_anybody() -> None:
    """The measured threshold is the highest of those that all but one of the people give."""
    people = drawn(9, seed=4)

    def threshold(some: list[EvaluatedPerson]) -> float:
        return NormalDist(*measured(some).nonmated).inv_cdf(0.999)

    assert threshold(people) >= max(threshold(people[:i] + people[i + 1 :]) for i in (0, 4)) - 0.02


@pytest.mark.parametrize(("count", "pictures"), [(7, 40), (8, 10)])
def test_too_few_people_or_pictures_are_told(count: int, pictures: int) -> None:
    with pytest.raises(EnrollmentError, match="at least 8 people, and 400 comparisons"):
        measured(drawn(count, pictures))


def test_probes_without_a_face_do_not_count() -> None:
    people = drawn(12)
    blank = np.full_like(people[0].probes, np.nan)
    some = [replace(people[0], probes=blank), *people[1:]]
    found = measured(some)
    assert found.probes == 121
    assert effect(some, found.figures, 0.001).not_named > 0


def test_the_effect_is_that_of_the_threshold() -> None:
    people = drawn(12)
    low = replace(FIGURES, nonmated=(0.0, 0.01), threshold_floor=-1.0, margin=0.0)
    high = replace(FIGURES, threshold_floor=0.999)
    assert effect(people, high, 0.01).not_named == 1
    assert effect(people, high, 0.01).strangers_named == 0
    lax = effect(people, low, 0.01)
    assert lax.strangers_named > 0.9
    assert lax.not_named < 0.1
    wide = effect(people, replace(low, margin=2.0), 0.01)
    assert (wide.not_named, wide.strangers_named) == (1, 0)
    assert lax.threshold == pytest.approx(NormalDist(0, 0.01).inv_cdf(1 - 0.01 / 6), abs=1e-3)


def fused(sharp: float, blurred: float, seed: int) -> list[EvaluatedPerson]:
    """Two parts with errors of their own, joined with the same weight."""
    one, other = (drawn(12, noise=noise, seed=seed + i) for i, noise in enumerate((sharp, blurred)))
    return [
        EvaluatedPerson(
            a.name,
            np.hstack([a.enrolled, b.enrolled]) * np.float32(0.5**0.5),
            np.hstack([a.probes, b.probes]) * np.float32(0.5**0.5),
        )
        for a, b in zip(one, other, strict=True)
    ]


def test_the_better_part_weighs_more() -> None:
    sharper = best_weights(fused(0.8, 1.6, seed=1), (64, 64))
    assert sharper[0] > 0.55
    other = best_weights(fused(1.6, 0.8, seed=1), (64, 64))
    assert other[1] > 0.55
    assert sum(sharper) == pytest.approx(1)


def test_weights_of_other_people_help_too() -> None:
    """Measured on some, they tell others apart better than either part does."""
    weights = best_weights(fused(1.2, 1.6, seed=1), (64, 64))
    others = fused(1.2, 1.6, seed=20)

    def separation(people: list[EvaluatedPerson]) -> float:
        rows = _all(people)
        own = np.concatenate([(r @ r.T)[np.triu_indices(len(r), 1)] for r in rows])
        between = np.concatenate(
            [(a @ b.T).ravel() for i, a in enumerate(rows) for b in rows[i + 1 :]]
        )
        return float((own.mean() - between.mean()) / (own.std() + between.std()))

    joined = separation(reweighted(others, (64, 64), weights))
    alone = [reweighted(others, (64, 64), w) for w in ((1 - 1e-6, 1e-6), (1e-6, 1 - 1e-6))]
    assert joined > 1.1 * max(map(separation, alone))


def test_the_weights_of_a_fused_embedder_are_measured_first() -> None:
    parts = [NamedEmbedder("one-1"), NamedEmbedder("two-2")]
    people = fused(0.8, 1.6, seed=1)
    embedder = FusedEmbedder(parts)
    found = measure_figures(people, embedder, AT)
    assert found.model_id == "one-1+two-2"
    assert found.dimensions == (64, 64)
    assert found.weights == best_weights(people, (64, 64))
    alike = reweighted(people, (64, 64), found.weights)
    assert found.nonmated == measured(alike).nonmated
    np.testing.assert_allclose(np.linalg.norm(alike[0].enrolled, axis=1), 1, atol=1e-5)
