from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.accuracy import (
    ENROLLED,
    EvaluatedPerson,
    evaluated_people,
    nonmated_pairs,
    similarities,
)
from bench.evaluation.embedding import SeenPictures
from bench.evaluation.evaluation import Protocol, evaluate
from bench.evaluation.pictures import LabelledPicture, PictureSet
from gallery.threshold import ImpostorScores, fit, threshold_for_fpir
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder
from models.engines.engine import FloatArray
from recognition.recognizer import pair_threshold


def axis(i: int, lean: int = 9, amount: float = 0.0) -> FloatArray:
    """A unit vector along axis i that leans towards another one."""
    row = np.zeros(10, np.float32)
    row[i] = np.sqrt(1 - amount**2)
    row[lean] += amount
    return row


def test_a_probe_is_compared_with_templates_and_their_mean() -> None:
    enrolled = np.stack([axis(0), axis(1)])
    between = np.stack([axis(0), (axis(0) + axis(1)) / np.sqrt(np.float32(2))])
    scores = similarities(
        [
            EvaluatedPerson("a", enrolled, between),
            EvaluatedPerson("b", axis(2)[None], axis(3)[None]),
        ]
    )
    assert scores == pytest.approx(np.array([[1, 0], [1, 0], [0, 0]]), abs=1e-6)


def test_nonmated_figures_are_those_of_the_embeddings() -> None:
    """Directions drawn evenly: the cosine of two has the standard deviation 1 / sqrt(d)."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(8, 60, 64))
    rows = (rows / np.linalg.norm(rows, axis=2, keepdims=True)).astype(np.float32)
    law = fit(nonmated_pairs([EvaluatedPerson(str(i), r[:1], r[1:]) for i, r in enumerate(rows)]))
    assert law.mean == pytest.approx(0, abs=0.03)
    assert law.std == pytest.approx(1 / 8, rel=0.1)


def test_people_count_as_far_as_they_can() -> None:
    counts = {"seven": 7, "three": 3, "one": 1, "faceless": 4}
    pictures = PictureSet(
        tuple(LabelledPicture(Path(name), name) for name, n in counts.items() for _ in range(n))
    )
    rows = np.tile(axis(0), (15, 1))
    rows[[1, 6]] = np.nan  # one that is enrolled, one that is a probe
    rows[11:14] = np.nan
    seen = SeenPictures(rows, np.ones(15, np.float32), (frozenset(),) * 15, {})
    people = evaluated_people(pictures, seen)
    assert [person.name for person in people] == ["seven", "three"]
    assert [len(person.enrolled) for person in people] == [ENROLLED - 1, 2]
    assert [np.isnan(person.probes[:, 0]).tolist() for person in people] == [[False, True], [False]]


def test_real_people_are_told_apart(
    glint_people: tuple[PictureSet, SeenPictures], evaluated_models: list[tuple[Detector, Embedder]]
) -> None:
    """The figures that the project promises, as `facedesk evaluate` measures them."""
    (pictures, seen), (_, embedder) = glint_people, evaluated_models[0]
    figures = embedder.figures
    law = ImpostorScores(*figures.nonmated)
    found = evaluate(
        pictures,
        seen,
        lambda size: threshold_for_fpir(law, 0.001, size, figures.threshold_floor),
        pair_threshold(embedder),
        Protocol(),
        {},
    )
    one, many = found.verification, found.identification
    assert (found.people, one.mated, one.nonmated) == (12, 228, 2508)
    assert found.without_face == ()
    assert one.best_accuracy.value >= 0.997
    assert one.tpr[0].value >= 0.995
    assert many is not None
    assert many.fnir is not None
    assert many.rank1.errors == 0
    assert many.fnir[0].value <= 0.01
    # The figures that thresholds are made from were measured this way.
    people = evaluated_people(pictures, seen)
    pairs = fit(nonmated_pairs(people))
    assert figures.nonmated == pytest.approx((found.nonmated.mean, found.nonmated.std), abs=0.005)
    assert figures.nonmated_pairs == pytest.approx((pairs.mean, pairs.std), abs=0.005)
