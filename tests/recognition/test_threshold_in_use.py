"""The threshold as people come and go, after a calibration was adopted and without one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gallery.gallery import Gallery
from gallery.identity import Template
from gallery.likeness.stranger_scores import StrangerScore
from gallery.store import Store
from gallery.threshold import ImpostorScores, threshold_for_fpir
from models.embedders.sface import FIGURES
from recognition.threshold_in_use import ThresholdInUse

D = 128
FPIR = 0.01


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    gallery = Gallery(Store(tmp_path / "gallery.db"), "toy-128", D)
    yield gallery
    gallery.close()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def _enroll(gallery: Gallery, rows: NDArray[np.float64]) -> str:
    crop = np.zeros((4, 4, 3), np.uint8)
    units = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return gallery.enroll("A", [Template(row, crop, 0.5, "toy-128") for row in units]).id


def _law(gallery: Gallery) -> float:
    law = ImpostorScores(*FIGURES.nonmated)
    return threshold_for_fpir(law, FPIR, len(gallery), FIGURES.threshold_floor)


def test_without_a_calibration_the_embedders_law_decides(
    gallery: Gallery, rng: np.random.Generator
) -> None:
    in_use = ThresholdInUse(gallery, FPIR, None)
    for _ in range(12):
        _enroll(gallery, 1 + rng.normal(size=(2, D)))
        assert in_use.of(FIGURES) == _law(gallery)


def test_people_who_come_raise_it_and_return_it_when_they_go(
    gallery: Gallery, rng: np.random.Generator
) -> None:
    """They are more alike than the law says, and yet not one person."""
    figures = replace(FIGURES, one_person=0.9)
    in_use = ThresholdInUse(gallery, FPIR, 0.01)
    for _ in range(10):
        _enroll(gallery, rng.normal(size=(3, D)))  # nobody has anything in common
    assert in_use.of(figures) == pytest.approx(_law(gallery) + 0.01)
    alike = [_enroll(gallery, 1 + rng.normal(size=(3, D))) for _ in range(20)]
    assert in_use.of(figures) > _law(gallery) + 0.03
    for identity_id in alike:
        gallery.remove(identity_id)
    assert in_use.of(figures) == pytest.approx(_law(gallery) + 0.01)


def test_careless_enrollments_never_take_back_what_was_adopted(
    gallery: Gallery, rng: np.random.Generator
) -> None:
    in_use = ThresholdInUse(gallery, FPIR, 0.02)
    for _ in range(12):
        _enroll(gallery, -np.ones((2, D)) + 0.1 * rng.normal(size=(2, D)))
        assert in_use.of(FIGURES) >= _law(gallery) + 0.02


def test_strangers_raise_it_once_a_calibration_was_adopted_and_nobody_loosens_that(
    gallery: Gallery, rng: np.random.Generator
) -> None:
    """Careless enrollments, of pictures that are like nobody, and people who go."""
    law = ImpostorScores(*FIGURES.nonmated)
    scores = rng.normal(law.mean + 0.05, law.std, size=(2000, 10)).max(axis=1)
    strangers = [StrangerScore(float(score), 10) for score in scores]
    assert ThresholdInUse(gallery, FPIR, None, strangers).of(FIGURES) == _law(gallery)
    in_use = ThresholdInUse(gallery, FPIR, 0.0, strangers)
    raised = in_use.of(FIGURES) - _law(gallery)
    assert raised > 0.02
    careless = []
    for _ in range(12):
        careless.append(_enroll(gallery, -np.ones((2, D)) + 0.1 * rng.normal(size=(2, D))))
        assert in_use.of(FIGURES) >= _law(gallery) + raised - 1e-9
    for identity_id in careless:
        gallery.remove(identity_id)
        assert in_use.of(FIGURES) >= _law(gallery) + raised - 1e-9
