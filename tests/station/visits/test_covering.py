from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from common.picture import RgbImage
from models.crop import ALIGNED_LANDMARKS, ALIGNED_SIDE
from models.face import Face
from station.visits.covering import is_covered

MASK = np.array([[14, 68], [56, 62], [98, 68], [97, 88], [86, 108], [56, 122], [26, 108], [15, 88]])
"""The outline of a surgical mask on an aligned crop, pixels."""

CLOTHS = {"light blue": (150, 190, 220), "white": (235, 235, 232), "black": (28, 28, 30)}


def covered(picture: RgbImage) -> bool:
    """Of a picture that is an aligned crop itself."""
    box = np.array([0, 0, ALIGNED_SIDE, ALIGNED_SIDE], np.float32)
    return is_covered(picture, Face(box, 0.99, ALIGNED_LANDMARKS))


def masked(picture: RgbImage, colour: tuple[int, int, int]) -> RgbImage:
    """With a mask drawn over nose and mouth, as light as the face is."""
    inside = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(inside, [MASK], 1)
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), 12)
    light = np.clip(grey / max(float(grey[inside > 0].mean()), 1.0), 0.6, 1.4)
    folds = 1 + 0.05 * np.sin(np.arange(ALIGNED_SIDE) / 2)[:, np.newaxis]
    cloth = np.clip(np.array(colour) * (light * folds)[..., np.newaxis], 0, 255)
    return np.where(inside[..., np.newaxis] > 0, cloth, picture).astype(np.uint8)


@pytest.fixture(scope="session")
def portraits(shared_data: Path) -> list[RgbImage]:
    """288 aligned crops of 12 people, (112, 112, 3) uint8 RGB."""

    def read() -> Iterator[RgbImage]:
        for path in sorted((shared_data / "faces" / "people").glob("*/*.png")):
            yield np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), np.uint8)

    return list(read())


def test_bare_faces_are_hardly_ever_taken_for_covered(portraits: list[RgbImage]) -> None:
    assert sum(map(covered, portraits)) <= 0.01 * len(portraits)


@pytest.mark.parametrize("cloth", CLOTHS)
def test_most_plain_masks_are_noticed(portraits: list[RgbImage], cloth: str) -> None:
    some = portraits[::4]
    noticed = sum(covered(masked(picture, CLOTHS[cloth])) for picture in some)
    assert noticed >= 0.75 * len(some)


def test_a_grey_picture_says_nothing(portraits: list[RgbImage]) -> None:
    for picture in portraits[:20]:
        grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        assert not covered(masked(np.asarray(grey, np.uint8), CLOTHS["black"]))


def test_a_beard_is_not_a_mask() -> None:
    face = np.full((ALIGNED_SIDE, ALIGNED_SIDE, 3), (190, 140, 115), np.uint8)
    face[82:, 20:92] = (40, 30, 28)
    face[88:96, 42:70] = (170, 90, 90)
    assert not covered(face)
