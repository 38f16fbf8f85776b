from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from common.errors import LearningError
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder
from models.embedders.sface import SfaceEmbedder
from recognition.learning.folders import embed_people
from recognition.learning.labelled import LabelledRows
from recognition.learning.pairs import (
    SHIPPED,
    PairCurve,
    Pairs,
    fit_pairs,
    pair_curve,
    save_curve,
)

OWN = PairCurve(slope=10, intercept=-5, people=8, same=80, different=700)


def people(count: int = 30, pictures: int = 8, noise: float = 0.25) -> LabelledRows:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(count, 1, 32))
    rows = centres / np.linalg.norm(centres, axis=2, keepdims=True)
    rows = rows + noise * rng.normal(size=(count, pictures, 32))
    rows /= np.linalg.norm(rows, axis=2, keepdims=True)
    return LabelledRows.of((str(i), each.astype(np.float32)) for i, each in enumerate(rows))


def test_all_pairs_are_taken_once() -> None:
    known = LabelledRows(("a", "b"), np.eye(3, dtype=np.float32)[[0, 0, 1]], np.array([0, 0, 1]))
    pairs = Pairs.of(known)
    assert pairs.similarities.tolist() == [1, 0, 0]
    assert pairs.same.tolist() == [True, False, False]
    assert pairs.weights.tolist() == [0.5, 0.25, 0.25]


def test_probabilities_are_kept_on_people_that_it_was_not_fitted_on() -> None:
    fit = fit_pairs(people())
    assert (fit.curve.people, fit.curve.same) == (30, 30 * 28)
    assert fit.curve.different == 240 * 239 // 2 - 840
    assert fit.reliability.expected_calibration_error < 0.05
    assert fit.curve.probability(0.9) > 0.99
    assert fit.curve.probability(-0.3) < 0.02


def test_a_person_with_one_picture_is_left_out() -> None:
    many = people(5, 3)
    known = LabelledRows.of(
        (name, many.rows[many.owners == i][: 1 if i == 0 else 3])
        for i, name in enumerate(many.people)
    )
    assert fit_pairs(known).curve.people == 4
    with pytest.raises(LearningError, match=r"four people.*there are 3"):
        fit_pairs(known.of_people(np.arange(4)))


def test_mixed_up_folders_are_refused() -> None:
    mixed = people(6, 4)
    jumbled = LabelledRows(mixed.people, mixed.rows, np.tile(np.arange(6), 4).astype(np.int32))
    with pytest.raises(LearningError, match="Check that each subfolder"):
        fit_pairs(jumbled)


def test_very_many_pictures_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recognition.learning.pairs.MOST_ROWS", 100)
    curve = fit_pairs(people()).curve
    assert curve.same + curve.different <= 100 * 99 // 2


def test_ones_own_comes_before_the_shipped(tmp_path: Path) -> None:
    path = tmp_path / "nhà" / "pairs.json"
    assert pair_curve(SfaceEmbedder.model_id, path) == SHIPPED[SfaceEmbedder.model_id]
    assert pair_curve("other-512", path) is None
    save_curve("other-512", OWN, path)
    save_curve(SfaceEmbedder.model_id, OWN, path)
    assert pair_curve("other-512", path) == pair_curve(SfaceEmbedder.model_id, path) == OWN
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[1]",
        b'{"version": 2, "curves": {}}',
        b'{"version": 1, "curves": {"a": {"slope": -1, "intercept": 0, "people": 1, "same": 1,'
        b' "different": 1}}}',
    ],
)
def test_a_damaged_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pairs.json"
    path.write_bytes(content)
    for use in (lambda: pair_curve("a", path), lambda: save_curve("a", OWN, path)):
        with pytest.raises(LearningError, match=r"pairs\.json cannot be read"):
            use()
    assert path.read_bytes() == content


def test_the_shipped_curve_is_the_measured_one(
    shared_data: Path, detector: Detector, embedder: Embedder, tmp_path: Path
) -> None:
    """Measured anew on a part of the people: close to it."""
    for person in sorted((shared_data / "faces" / "people").iterdir())[:4]:
        (tmp_path / person.name).mkdir()
        for picture in sorted(person.iterdir())[:8]:
            (tmp_path / person.name / picture.name).symlink_to(picture)
    left_out: list[str] = []
    known = embed_people(
        tmp_path, detector, embedder, lambda _, why: left_out.append(why) if why else None
    )
    assert not left_out
    measured, shipped = fit_pairs(known).curve, SHIPPED[embedder.model_id]
    for similarity in (0.1, 0.2, 0.45, 0.6):
        expected = shipped.probability(similarity)
        assert measured.probability(similarity) == pytest.approx(expected, abs=0.1)
