"""Faces in pictures that lie on their side, and names that are given once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from common.picture import RgbImage
from models.face import Face
from recognition.turned import SURE, TURN_PIXELS, detect_upright

LANDMARKS = np.float32([[12, 14], [28, 14], [20, 22], [14, 30], [26, 30]])


class MarkDetector:
    """Finds a face 40 pixels wide at a red pixel that has a green one to its right; where it is
    not so, perhaps something of a lower score."""

    name = "mtcnn"

    def __init__(self, false_score: float = 0.0) -> None:
        self.false_score = false_score
        self.detections = 0

    def detect(self, image: RgbImage) -> list[Face]:
        self.detections += 1
        ((y, x),) = np.argwhere(image[..., 0] == 255)
        box = np.float32([x, y, x + 40, y + 40])
        if x + 1 < image.shape[1] and image[y, x + 1, 1] == 255:
            return [Face(box, 0.999, LANDMARKS + np.float32([x, y]))]
        return [Face(box, self.false_score, LANDMARKS)] if self.false_score else []


@pytest.fixture
def picture() -> RgbImage:
    image = np.zeros((120, 200, 3), np.uint8)
    image[30, 50, 0] = 255
    image[30, 51, 1] = 255
    return image


@pytest.mark.parametrize("false_score", [0.0, 0.9])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_turned_face_is_found_where_it_is(
    picture: RgbImage, quarters: int, false_score: float
) -> None:
    detector = MarkDetector(false_score)
    turned = np.ascontiguousarray(np.rot90(picture, quarters))
    found = detect_upright(detector, turned)
    assert np.array_equal(found.image, picture)
    (face,) = found.faces
    assert detector.detections == (1 if quarters == 0 else 4)
    back = found.turned_back(face)
    centre = np.float32([70, 50])
    for _ in range(quarters):  # against the clock, as numpy turns
        width = 200 if _ % 2 == 0 else 120
        centre = np.float32([centre[1], width - centre[0]])
    assert (back.box_xyxy[:2] + back.box_xyxy[2:]) / 2 == pytest.approx(centre)
    assert (back.width, back.height) == (40, 40)
    assert back.score == face.score
    middle = back.landmarks.mean(axis=0) - centre
    assert np.abs(middle).max() < 5


def test_which_turn_a_large_picture_needs_is_found_in_a_small_copy() -> None:
    class Wide(MarkDetector):
        """Finds a face that is wider than a tenth of the picture, where it is upright."""

        def __init__(self) -> None:
            super().__init__()
            self.pixels: list[int] = []

        def detect(self, image: RgbImage) -> list[Face]:
            self.pixels.append(image.shape[0] * image.shape[1])
            red = np.argwhere(image[..., 0] > 128)
            (top, left), (bottom, right) = red.min(axis=0), red.max(axis=0)
            box = np.float32([left, top, right + 1, bottom + 1])
            return [Face(box, 0.999, LANDMARKS)] if right - left > bottom - top else []

    image = np.zeros((3000, 2000, 3), np.uint8)
    image[100:1000, 50:350, 0] = 255
    detector = Wide()
    found = detect_upright(detector, image)
    assert found.quarters in (1, 3)
    (face,) = found.faces
    assert (face.width, face.height) == (900, 300)
    assert detector.pixels[0] == detector.pixels[-1] == 6_000_000
    assert max(detector.pixels[1:-1]) <= TURN_PIXELS * 1.01


def test_a_picture_without_a_face_stays_as_it_is() -> None:
    class Blind(MarkDetector):
        def detect(self, image: RgbImage) -> list[Face]:
            return []

    image = np.zeros((20, 30, 3), np.uint8)
    found = detect_upright(Blind(), image)
    assert (found.quarters, list(found.faces)) == (0, [])
    assert found.image is image


def test_another_detectors_faces_are_upright(picture: RgbImage) -> None:
    detector = MarkDetector(0.5)
    detector.name = "other"
    assert "other" not in SURE
    found = detect_upright(detector, np.ascontiguousarray(np.rot90(picture)))
    assert (found.quarters, detector.detections) == (0, 1)


def test_the_better_face_has_the_turn(picture: RgbImage) -> None:
    """A face that is not sure, and nothing better in any turn, stays."""

    class Unsure(MarkDetector):
        def detect(self, image: RgbImage) -> list[Face]:
            return [replace(face, score=face.score - 0.01) for face in super().detect(image)]

    detector = Unsure()
    assert detect_upright(detector, picture).quarters == 0
    assert detector.detections == 4
