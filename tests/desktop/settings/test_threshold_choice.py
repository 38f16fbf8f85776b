from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from common.errors import EnrollmentError
from desktop.home import Home
from desktop.settings.threshold_choice import ThresholdChoice
from gallery.gallery import Gallery
from gallery.identity import Template
from gallery.store import Store
from models.embedders.sface import SfaceEmbedder
from station.ledger.audit import Audit

CROP = np.zeros((112, 112, 3), np.uint8)


@pytest.fixture
def choice(home: Home) -> ThresholdChoice:
    home.folder.mkdir(exist_ok=True)
    return ThresholdChoice(home, Audit(home.checkins, "", print, begins_ledger=False))


@pytest.fixture
def gallery(home: Home) -> Iterator[Gallery]:
    """Twelve people, each with three templates that are alike."""
    home.folder.mkdir(exist_ok=True)
    random = np.random.default_rng(1)
    with closing(Gallery(Store(home.gallery), SfaceEmbedder.model_id, 128)) as gallery:
        for number in range(12):
            rows = random.normal(size=128) + 0.5 * random.normal(size=(3, 128))
            rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
            crop = np.zeros((112, 112, 3), np.uint8)
            gallery.enroll(
                f"P{number}", [Template(row, crop, 1.0, SfaceEmbedder.model_id) for row in rows]
            )
        yield gallery


def test_a_stricter_line_is_used_exactly(choice: ThresholdChoice, gallery: Gallery) -> None:
    found, _ = choice.found(gallery, 0.001)
    assert choice.in_use(found, gallery.model_id) == pytest.approx(found.law_threshold)
    choice.adopt(found, gallery.model_id, found.threshold + 0.07)
    assert choice.in_use(found, gallery.model_id) == pytest.approx(found.threshold + 0.07)
    assert choice.wish == 0.001
    undone = choice.undo(gallery.model_id)
    assert undone is not None
    assert choice.in_use(found, gallery.model_id) == pytest.approx(found.law_threshold)
    assert choice.undo(gallery.model_id) is None


def test_a_looser_line_is_never_used(choice: ThresholdChoice, gallery: Gallery) -> None:
    found, _ = choice.found(gallery, 0.001)
    with pytest.raises(ValueError, match="is below"):
        choice.adopt(found, gallery.model_id, found.threshold - 0.01)
    assert choice.adopted(gallery.model_id) is None
    assert not list(choice.home.calibrations.glob("*"))


def test_another_wish_goes_into_the_settings_and_back(
    choice: ThresholdChoice, gallery: Gallery
) -> None:
    found, _ = choice.found(gallery, 0.01)
    choice.adopt(found, gallery.model_id)
    assert choice.wish == 0.01
    assert choice.in_use(found, gallery.model_id) == pytest.approx(found.threshold)
    choice.undo(gallery.model_id)
    assert choice.wish == 0.001


def test_an_empty_gallery_is_told(choice: ThresholdChoice, home: Home) -> None:
    with (
        closing(Gallery(Store(home.gallery), SfaceEmbedder.model_id, 128)) as gallery,
        pytest.raises(EnrollmentError, match="it is empty"),
    ):
        choice.found(gallery)
