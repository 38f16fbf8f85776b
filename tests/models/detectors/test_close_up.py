from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from capture.stills import read_picture
from common.picture import RgbImage
from models.detectors.close_up import COARSE_SIDE, FACE_SIDE, ROOM, CloseUpDetector
from models.detectors.mtcnn.detector import MtcnnDetector
from models.detectors.protocol import Detector
from models.engines.engine import FloatArray, Network
from models.face import Face


def face_at(x1: float, y1: float, x2: float, y2: float, score: float = 0.9) -> Face:
    """With its landmarks at fixed places of the box."""
    box = np.array([x1, y1, x2, y2], np.float32)
    places = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)
    return Face(box, score, box[:2] + places * (box[2:] - box[:2]))


class GivenFaces:
    """A first look that finds what it is told to."""

    name = "given"

    def __init__(self, *faces: Face) -> None:
        self.faces = list(faces)

    def detect(self, image: RgbImage) -> list[Face]:
        return self.faces

    def parts(self, image: RgbImage) -> int:
        return 1

    def detect_part(self, image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        return self.detect(image)

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        return self.faces[: len(boxes)]


class FindsRed:
    """A second look that finds the red rectangle, and remembers what it was shown."""

    name = "red"

    def __init__(self, score: float = 0.99) -> None:
        self.score = score
        self.shown: list[RgbImage] = []

    def detect(self, image: RgbImage) -> list[Face]:
        self.shown.append(image)
        rows, columns = np.nonzero(image[..., 0] > 127)
        if not len(rows):
            return []
        corners = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        return [face_at(*corners, score=self.score)]

    def parts(self, image: RgbImage) -> int:
        return 1

    def detect_part(self, image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        return self.detect(image)

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        raise AssertionError("the second look never follows")


def painted(face: Face, height: int = 240, width: int = 320) -> RgbImage:
    image = np.full((height, width, 3), 60, np.uint8)
    x1, y1, x2, y2 = np.maximum(face.box_xyxy, 0).astype(int)
    image[y1:y2, x1:x2, 0] = 255
    return image


@pytest.mark.parametrize(
    "box", [(0, 40, 90, 150), (230, 100, 320, 200), (100, 0, 200, 110), (40, 30, 200, 220)]
)
def test_a_near_face_is_found_again_in_the_pictures_own_pixels(
    box: tuple[float, float, float, float],
) -> None:
    """At a border, or over 0.6 of the shorter side; scaled down for the second look."""
    truth = face_at(*box)
    rough = face_at(box[0] - 7, box[1] - 9, box[2] + 3, box[3] + 5)
    near = FindsRed()
    (found,) = CloseUpDetector(GivenFaces(rough), near).detect(painted(truth))
    assert np.abs(found.box_xyxy - truth.box_xyxy).max() <= 2
    assert np.abs(found.landmarks - truth.landmarks).max() <= 2
    (shown,) = near.shown
    assert max(shown.shape) <= FACE_SIDE * (1 + 2 * ROOM) + 4


def test_a_huge_face_is_found_again_on_a_smaller_copy() -> None:
    truth = face_at(300, 40, 2700, 2360)
    assert truth.width > COARSE_SIDE
    near = FindsRed()
    (found,) = CloseUpDetector(GivenFaces(truth), near).detect(painted(truth, 2400, 3200))
    assert np.abs(found.box_xyxy - truth.box_xyxy).max() <= 40
    assert np.abs(found.landmarks - truth.landmarks).max() <= 40


@pytest.mark.parametrize("shape", [(9000, 1), (1, 9000), (2, 2), (9000, 60)])
def test_a_picture_of_extreme_shape_takes_little_memory(shape: tuple[int, int]) -> None:
    image = np.zeros((*shape, 3), np.uint8)
    near = FindsRed()
    tracemalloc.start()
    try:
        assert CloseUpDetector(GivenFaces(), near).detect(image) == []
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 60_000_000
    (shown,) = near.shown
    assert max(shown.shape) <= FACE_SIDE * (1 + 2 * ROOM) + 4


def test_a_small_face_at_the_border_is_not_scaled() -> None:
    near = FindsRed()
    face = face_at(0, 50, 40, 90)
    CloseUpDetector(GivenFaces(face), near).detect(painted(face))
    assert near.shown[0].shape[:2] == (80, 80)
    assert not near.shown[0][:, :20].any()


def test_other_faces_are_left_alone() -> None:
    far, near = face_at(150, 60, 220, 150), face_at(0, 60, 70, 140)
    second = FindsRed(score=0.7)
    found = CloseUpDetector(GivenFaces(near, far), second).detect(painted(near))
    assert len(second.shown) == 1
    assert far in found


def test_best_face_first_after_the_second_look_too() -> None:
    far, near = face_at(150, 60, 220, 150, score=0.9), face_at(0, 60, 70, 140, score=0.95)
    found = CloseUpDetector(GivenFaces(near, far), FindsRed(score=0.7)).detect(painted(near))
    assert [face.score for face in found] == [0.9, 0.7]


def test_a_face_not_seen_again_stays_as_it_was() -> None:
    near = face_at(0, 60, 70, 140)
    nothing = np.full((240, 320, 3), 60, np.uint8)
    assert CloseUpDetector(GivenFaces(near), FindsRed()).detect(nothing) == [near]
    elsewhere = painted(face_at(60, 120, 100, 170))
    assert CloseUpDetector(GivenFaces(near), FindsRed()).detect(elsewhere) == [near]


def test_a_picture_without_faces_is_looked_at_once_more_as_a_whole() -> None:
    second = FindsRed()
    truth = face_at(20, 10, 300, 235)
    (found,) = CloseUpDetector(GivenFaces(), second).detect(painted(truth))
    assert len(second.shown) == 1
    assert np.abs(found.box_xyxy - truth.box_xyxy).max() <= 4
    blank = np.zeros((240, 320, 3), np.uint8)
    assert CloseUpDetector(GivenFaces(), second).detect(blank) == []
    assert len(second.shown) == 2


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (13, 7)])
def test_pictures_of_odd_shapes_are_no_trouble(detector: Detector, shape: tuple[int, int]) -> None:
    assert detector.detect(np.zeros((*shape, 3), np.uint8)) == []


def test_following_is_the_first_detectors() -> None:
    faces = [face_at(10, 10, 60, 60)]
    detector = CloseUpDetector(GivenFaces(*faces), FindsRed())
    assert detector.name == "given"
    blank = np.zeros((9, 9, 3), np.uint8)
    assert detector.follow(blank, np.zeros((1, 4), np.float32)) == faces


Cut = Callable[[RgbImage, Face], tuple[int, int, int, int]]


def filled(image: RgbImage, face: Face) -> tuple[int, int, int, int]:
    """The box itself: a face that fills the picture."""
    x1, y1, x2, y2 = face.box_xyxy.astype(int)
    return x1, y1, x2, y2


def chin_cut_off(image: RgbImage, face: Face) -> tuple[int, int, int, int]:
    x1, y1, x2, y2 = face.box_xyxy.astype(int)
    return x1 - 60, y1 - 60, x2 + 60, y2 - 2


@pytest.mark.parametrize("enlarged", [1.0, 3.0])
@pytest.mark.parametrize("cut", [filled, chin_cut_off])
def test_landmarks_are_those_of_a_padded_copy(
    detector: Detector,
    mtcnn_networks: tuple[Network, Network, Network],
    astronaut: RgbImage,
    cut: Cut,
    enlarged: float,
) -> None:
    plain = MtcnnDetector(*mtcnn_networks)
    (whole,) = plain.detect(astronaut)
    x1, y1, x2, y2 = cut(astronaut, whole)
    size = round((x2 - x1) * enlarged), round((y2 - y1) * enlarged)
    close = np.asarray(cv2.resize(astronaut[y1:y2, x1:x2], size), np.uint8)
    (found,) = detector.detect(close)
    pad = max(size) // 2
    padded = cv2.copyMakeBorder(close, pad, pad, pad, pad, cv2.BORDER_CONSTANT)
    (expected,) = plain.detect(np.asarray(padded, np.uint8))
    assert np.abs(found.landmarks - (expected.landmarks - pad)).max() < 0.03 * expected.width
    seen_in_whole = (whole.landmarks - np.array([x1, y1])) * enlarged
    assert np.abs(found.landmarks - seen_in_whole).max() < 0.05 * whole.width * enlarged


def test_landmarks_are_right_where_one_look_misplaces_them(
    detector: Detector, mtcnn_networks: tuple[Network, Network, Network], shared_data: Path
) -> None:
    """On 112x112 pictures that a face fills, aligned to the template: eyes at known places."""
    plain = MtcnnDetector(*mtcnn_networks)
    eyes = np.array([[38.3, 51.7], [73.5, 51.5]])
    errors: dict[str, list[float]] = {"once": [], "twice": []}
    for path in sorted((shared_data / "faces" / "people").glob("*/00[0-3].png")):
        picture = read_picture(path)
        for name, looks in (("once", plain), ("twice", detector)):
            faces = looks.detect(picture)
            off = min((float(np.abs(f.landmarks[:2] - eyes).max()) for f in faces), default=112.0)
            errors[name].append(off)
    assert len(errors["twice"]) == 48
    assert max(errors["twice"]) < max(errors["once"])
    assert np.mean(errors["twice"]) < np.mean(errors["once"])


def test_what_a_follower_has_seen_is_not_looked_at_again() -> None:
    """Its landmarks would jump between the two looks' networks."""
    face = face_at(100, 40, 260, 220)
    near = FindsRed()
    detector = CloseUpDetector(GivenFaces(face), near, live=False)
    nobody = np.empty((0, 4), np.float32)
    assert detector.detect_part(painted(face), 0, nobody) == [face]
    assert near.shown == []
    assert detector.detect(painted(face)) != [face]
    assert CloseUpDetector(GivenFaces(face), near).detect_part(painted(face), 0, nobody) != [face]
