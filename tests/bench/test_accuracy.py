from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.accuracy import (
    ENROLLED,
    FPIR,
    EvaluatedPerson,
    embed_folder,
    evaluate,
    open_set,
    similarities,
)
from common.errors import EnrollmentError
from common.picture import RgbImage
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder
from models.engines.engine import FloatArray
from recognition.assembly import RecognizerSpec, load_models


def axis(i: int, lean: int = 9, amount: float = 0.0) -> FloatArray:
    """A unit vector along axis i that leans towards another one."""
    row = np.zeros(10, np.float32)
    row[i] = np.sqrt(1 - amount**2)
    row[lean] += amount
    return row


def people_apart(count: int = 6, probes: int = 40) -> list[EvaluatedPerson]:
    """Each on an axis of their own; the probes a little beside it."""
    rng = np.random.default_rng(0)
    people = []
    for i in range(count):
        rows = axis(i) + rng.normal(0, 0.05, (ENROLLED + probes, 10))
        rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        people.append(EvaluatedPerson(f"person {i}", rows[:ENROLLED], rows[ENROLLED:]))
    return people


def test_people_far_apart_are_all_told_apart() -> None:
    accuracy = evaluate(people_apart())
    assert (accuracy.people, accuracy.probes, accuracy.missed_faces) == (6, 240, 0)
    assert accuracy.rank1 == 240
    assert accuracy.fnir == accuracy.fnir_swapped == 0
    assert accuracy.fpir <= FPIR
    assert 0.1 < accuracy.threshold < 0.5


def test_a_probe_nearer_to_another_is_a_rank1_error() -> None:
    people = people_apart()
    people[0].probes[3] = people[2].enrolled[0]
    people[4].probes[7] = people[0].enrolled[1]
    accuracy = evaluate(people)
    assert accuracy.rank1 == 238
    assert accuracy.fnir == pytest.approx(2 / 120)
    assert accuracy.fnir_swapped == 0


def test_a_probe_without_a_face_gets_no_name() -> None:
    people = people_apart()
    people[1].probes[:5] = np.nan
    accuracy = evaluate(people)
    assert accuracy.missed_faces == 5
    assert accuracy.rank1 == 235
    assert accuracy.fnir == 0
    assert accuracy.fnir_swapped == pytest.approx(5 / 120)


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


def test_the_threshold_lets_one_stranger_in_a_hundred_pass() -> None:
    """Two enrolled (columns 0 and 2), two strangers with 100 probes each, 0.000 to 0.199."""
    strangers = np.linspace(0, 0.199, 200, dtype=np.float32)
    scores = np.zeros((204, 4), np.float32)
    owners = np.repeat([0, 2, 1, 3], [2, 2, 100, 100])
    scores[:4, 0] = [0.9, 0.1975, 0.95, 0.0]
    scores[:4, 2] = [0.1, 0.1000, 0.60, 0.5]
    scores[4:, 0] = strangers
    scores[4:, 1] = scores[4:, 3] = 1.0  # not enrolled: their own columns do not count
    threshold, fpir, fnir = open_set(scores, owners, np.array([0, 2]))
    assert threshold == pytest.approx(0.197)
    assert fpir == pytest.approx(0.01)
    assert fnir == pytest.approx(1 / 4), "the third is named wrongly, the second just passes"
    scores[1, 0] = 0.1969
    assert open_set(scores, owners, np.array([0, 2]))[2] == pytest.approx(2 / 4)


def test_nonmated_figures_are_those_of_the_embeddings() -> None:
    """Directions drawn evenly: the cosine of two has the standard deviation 1 / sqrt(d)."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(8, 60, 64))
    rows = (rows / np.linalg.norm(rows, axis=2, keepdims=True)).astype(np.float32)
    accuracy = evaluate([EvaluatedPerson(str(i), r[:1], r[1:]) for i, r in enumerate(rows)])
    for scores in (accuracy.nonmated, accuracy.nonmated_pairs):
        assert scores.mean == pytest.approx(0, abs=0.03)
        assert scores.std == pytest.approx(1 / 8, rel=0.1)


def test_four_people_are_needed() -> None:
    with pytest.raises(ValueError, match="four people are needed"):
        evaluate(people_apart(3))


@pytest.fixture
def people_folder(tmp_path: Path, astronaut: RgbImage) -> Path:
    """One person, seven pictures, the last without a face."""
    person = tmp_path / "người" / "eileen"
    person.mkdir(parents=True)
    for i in range(7):
        picture = astronaut[: 300 + i, 60 : 360 + i] if i < 6 else astronaut[400:, 60:160]
        bgr = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2BGR)
        cv2.imencode(".png", bgr)[1].tofile(person / f"{i}.png")
    return person.parent


def test_a_folder_is_embedded_in_order(
    detector: Detector, embedder: Embedder, people_folder: Path
) -> None:
    steps: list[None] = []
    (person,) = embed_folder(people_folder, detector, embedder, lambda: steps.append(None))
    assert len(steps) == 7
    assert person.name == "eileen"
    assert person.enrolled.shape == (ENROLLED, embedder.dimension)
    assert person.probes.shape == (2, embedder.dimension)
    assert np.isnan(person.probes).all(axis=1).tolist() == [False, True]
    assert (person.enrolled @ person.probes[0]).min() > 0.9


def test_too_few_pictures_say_whose(
    detector: Detector, embedder: Embedder, people_folder: Path
) -> None:
    for path in list((people_folder / "eileen").iterdir())[:2]:
        path.unlink()
    with pytest.raises(EnrollmentError, match="eileen has 5 pictures"):
        embed_folder(people_folder, detector, embedder, lambda: None)


def test_real_people_are_told_apart(shared_data: Path, models_cache: Path) -> None:
    """The figures that the project promises, as `facedesk evaluate` measures them."""
    detector, embedder = load_models(RecognizerSpec(smallest_face_px=20), models_cache)
    people = embed_folder(shared_data / "faces" / "people", detector, embedder, lambda: None)
    accuracy = evaluate(people)
    assert (accuracy.people, accuracy.probes, accuracy.missed_faces) == (12, 228, 0)
    assert accuracy.rank1 == 228
    assert accuracy.fpir <= FPIR
    assert accuracy.fnir <= 0.01
    assert accuracy.fnir_swapped <= 0.01
    # The figures that thresholds are made from were measured this way.
    assert embedder.figures.nonmated == pytest.approx(
        (accuracy.nonmated.mean, accuracy.nonmated.std), abs=0.005
    )
    assert embedder.figures.nonmated_pairs == pytest.approx(
        (accuracy.nonmated_pairs.mean, accuracy.nonmated_pairs.std), abs=0.005
    )
