"""Each family's outputs are read as its authors write them, through the whole way of a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from common.errors import WeightsError
from common.picture import RgbImage
from models.crop import aligned_crop, margin_crop
from models.detectors.boxes import iou
from models.detectors.families import FAMILIES
from models.detectors.one_shot import MOST_FACES, DetectorFamily, OneShotDetector
from models.detectors.protocol import Detector
from models.engines.engine import Engine, FloatArray
from models.face import Face

from .encoding import ENCODE, P6_ANCHORS, Fitted, Heads, scrfd_heads, yolo_decoded, yolo_heads
from .graphs import CROSS, SIDE, write_finder, write_heads

BROUGHT = ["yolov5-face", "scrfd", "retinaface", "centerface"]


class Constant:
    """A network that gives the same outputs for every picture."""

    def __init__(self, outputs: Heads) -> None:
        self.outputs = tuple(outputs)

    def __call__(self, *inputs: NDArray[np.generic]) -> tuple[FloatArray, ...]:
        return self.outputs


class Nobody:
    """Follows no face."""

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        return []


def fitted(family: str, width: int, height: int, size: tuple[int, int]) -> Fitted:
    """How a picture lies on a canvas of that size."""
    scale = min(size[0] / width, size[1] / height)
    left = top = 0
    if family == "yolov5-face":
        left, top = (size[0] - round(width * scale)) // 2, (size[1] - round(height * scale)) // 2
    return Fitted(*size, scale, left, top)


def faces_in(width: int, height: int) -> list[Face]:
    """Three faces of different sizes, by shares of the picture."""
    short = min(width, height)
    faces = []
    for score, (x, y, side) in zip(
        (0.95, 0.9, 0.8), ((0.3, 0.35, 0.5), (0.8, 0.7, 0.15), (0.85, 0.15, 0.07)), strict=True
    ):
        half = np.float32([0.4, 0.5]) * side * short
        centre = np.float32([x * width, y * height])
        marks = np.float32([[-0.4, -0.3], [0.5, -0.35], [0.1, 0], [-0.35, 0.6], [0.3, 0.7]])
        box = np.concatenate([centre - half, centre + half])
        faces.append(Face(box.astype(np.float32), score, centre + marks * half))
    return faces


def detector_of(
    family: DetectorFamily, outputs: Heads, size: tuple[int, int] = (640, 640)
) -> OneShotDetector:
    form = replace(family.form, size=size)
    return OneShotDetector("toy", Constant(outputs), family, form, 1, Nobody())


def assert_same(found: list[Face], expected: list[Face], scale: float) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one.box_xyxy == pytest.approx(other.box_xyxy, abs=0.6 / scale)
        assert one.landmarks == pytest.approx(other.landmarks, abs=0.6 / scale)
        assert one.score == pytest.approx(other.score, abs=1e-3)


PICTURES = [(640, 480), (480, 640), (1920, 1080), (1080, 1920), (200, 160), (640, 640)]


@pytest.mark.parametrize("size", [(640, 640), (320, 320), (640, 384)])
@pytest.mark.parametrize(("width", "height"), PICTURES)
@pytest.mark.parametrize("name", BROUGHT)
def test_faces_in_the_heads_come_back(
    name: str, width: int, height: int, size: tuple[int, int]
) -> None:
    canvas = fitted(name, width, height, size)
    faces = [face for face in faces_in(width, height) if face.width * canvas.scale > 10]
    assert faces
    heads = ENCODE[name]([canvas.face(face) for face in faces], canvas)
    detector = detector_of(FAMILIES[name], heads, size)
    picture = np.zeros((height, width, 3), np.uint8)
    assert_same(detector.detect(picture), faces, canvas.scale)


def _squashed(heads: Heads) -> Heads:
    """The sigmoid where the authors have it."""
    done = []
    for head in heads:
        head = head.copy()
        head[..., [0, 1, 2, 3, 4, 15]] = 1 / (1 + np.exp(-head[..., [0, 1, 2, 3, 4, 15]]))
        done.append(head)
    return done


def _one(heads: Heads) -> Heads:
    return [np.concatenate([head.reshape(1, -1, 16) for head in heads], axis=1)]


def _as_maps(heads: Heads) -> Heads:
    """As the convolutions give them: (1, 48, h, w)."""
    return [
        np.ascontiguousarray(head.transpose(0, 1, 4, 2, 3)).reshape(1, 48, *head.shape[2:4])
        for head in heads
    ]


YOLO_FORMS: dict[str, Callable[[Heads], Heads]] = {
    "heads in another order": lambda heads: heads[::-1],
    "with the sigmoid": _squashed,
    "of the convolutions": _as_maps,
    "in one": _one,
    "in one, with the sigmoid": lambda heads: _one(_squashed(heads)),
    "in one, and the heads beside it": lambda heads: [*_one(heads), *heads],
}


@pytest.mark.parametrize("form", YOLO_FORMS)
def test_yolo_is_read_in_every_form(form: str) -> None:
    canvas = fitted("yolov5-face", 640, 480, (640, 640))
    faces = faces_in(640, 480)
    heads = ENCODE["yolov5-face"]([canvas.face(face) for face in faces], canvas)
    detector = detector_of(FAMILIES["yolov5-face"], YOLO_FORMS[form](heads))
    assert_same(detector.detect(np.zeros((480, 640, 3), np.uint8)), faces, 1)


@pytest.mark.parametrize("form", [lambda heads: heads, _one, _as_maps])
def test_yolo_is_read_with_four_heads(form: Callable[[Heads], Heads]) -> None:
    canvas = fitted("yolov5-face", 1280, 960, (1280, 1280))
    faces = faces_in(1280, 960)
    assert faces[0].height > 300
    heads = yolo_heads([canvas.face(face) for face in faces], canvas, P6_ANCHORS)
    assert len(heads) == 4
    detector = detector_of(FAMILIES["yolov5-face"], form(heads), (1280, 1280))
    assert_same(detector.detect(np.zeros((960, 1280, 3), np.uint8)), faces, 1)


def test_yolo_is_read_decoded() -> None:
    canvas = fitted("yolov5-face", 480, 640, (640, 640))
    faces = faces_in(480, 640)
    heads = yolo_decoded([canvas.face(face) for face in faces], canvas)
    detector = detector_of(FAMILIES["yolov5-face"], heads)
    assert_same(detector.detect(np.zeros((640, 480, 3), np.uint8)), faces, 1)


SCRFD_FORMS: dict[str, Callable[[Heads], Heads]] = {
    "in another order": lambda heads: heads[::-1],
    "with a batch's axis": lambda heads: [head[np.newaxis] for head in heads],
    "as maps": lambda heads: [_as_map(head) for head in heads],
}


def _as_map(head: NDArray[np.float32]) -> NDArray[np.float32]:
    """(1, 2 * k, h, w), of a canvas of 640x640."""
    side = int(np.sqrt(len(head) / 2))
    maps = head.reshape(side, side, 2, -1).transpose(2, 3, 0, 1)
    return np.ascontiguousarray(maps.reshape(1, -1, side, side))


@pytest.mark.parametrize("form", SCRFD_FORMS)
def test_scrfd_is_read_in_every_form(form: str) -> None:
    canvas = fitted("scrfd", 640, 480, (640, 640))
    faces = faces_in(640, 480)
    heads = SCRFD_FORMS[form](ENCODE["scrfd"]([canvas.face(face) for face in faces], canvas))
    detector = detector_of(FAMILIES["scrfd"], heads)
    assert_same(detector.detect(np.zeros((480, 640, 3), np.uint8)), faces, 1)


@pytest.mark.parametrize("size", [(640, 640), (640, 384)])
def test_scrfd_is_read_with_five_strides(size: tuple[int, int]) -> None:
    """One anchor in each cell, and maps whose last cells reach past the canvas."""
    canvas = fitted("scrfd", 640, 384, size)
    faces = faces_in(640, 384)
    heads = scrfd_heads([canvas.face(face) for face in faces], canvas, levels=5, each=1)
    assert len(heads) == 15
    detector = detector_of(FAMILIES["scrfd"], heads, size)
    assert_same(detector.detect(np.zeros((384, 640, 3), np.uint8)), faces, 1)


def test_scrfd_without_landmarks_gets_those_of_mtcnn(
    detector: Detector, astronaut: RgbImage
) -> None:
    (seen,) = detector.detect(astronaut)
    canvas = fitted("scrfd", 512, 512, (640, 640))
    nobody = Face(np.float32([10, 400, 70, 470]), 0.9, np.zeros((5, 2), np.float32))
    heads = ENCODE["scrfd"]([canvas.face(seen), canvas.face(nobody)], canvas)[:6]
    form = replace(FAMILIES["scrfd"].form, size=(640, 640))
    scrfd = OneShotDetector("toy", Constant(heads), FAMILIES["scrfd"], form, 1, detector)
    (face,) = scrfd.detect(astronaut)
    assert face.box_xyxy == pytest.approx(seen.box_xyxy, abs=0.5)
    assert face.landmarks == pytest.approx(seen.landmarks, abs=0.06 * seen.width)


def test_retinaface_is_read_without_the_softmax_and_in_any_order() -> None:
    canvas = fitted("retinaface", 640, 480, (640, 640))
    faces = faces_in(640, 480)
    offsets, classes, marks = ENCODE["retinaface"]([canvas.face(face) for face in faces], canvas)
    logits = np.log(classes) + 3
    detector = detector_of(FAMILIES["retinaface"], [marks, logits, offsets])
    assert_same(detector.detect(np.zeros((480, 640, 3), np.uint8)), faces, 1)


def test_of_one_face_the_best_candidate_stays() -> None:
    canvas = fitted("centerface", 640, 480, (640, 480))
    (face, *_) = faces_in(640, 480)
    beside = Face(face.box_xyxy + 5, 0.7, face.landmarks + 5)
    heads = ENCODE["centerface"]([beside, face], canvas)
    detector = detector_of(FAMILIES["centerface"], heads, (640, 480))
    assert_same(detector.detect(np.zeros((480, 640, 3), np.uint8)), [face], 1)


@pytest.mark.parametrize("name", BROUGHT)
def test_faces_outside_the_picture_are_none(name: str) -> None:
    """The canvas is wider than the picture: what is found in the rest of it is no face."""
    canvas = fitted(name, 320, 640, (640, 640))
    marks = np.float32([[270, 140], [320, 140], [295, 160], [275, 200], [315, 200]])
    inside = Face(np.float32([250, 100, 350, 230]), 0.9, marks)
    shift = np.float32([270, 380])  # on the canvas, right of the picture in either place of it
    outside = Face(inside.box_xyxy + np.tile(shift, 2), 0.95, marks + shift)
    heads = ENCODE[name]([canvas.face(inside), outside], canvas)
    detector = detector_of(FAMILIES[name], heads)
    (found,) = detector.detect(np.zeros((640, 320, 3), np.uint8))
    assert found.box_xyxy == pytest.approx(inside.box_xyxy, abs=0.6)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e38, -1e38, 0, 1, 50])
@pytest.mark.parametrize("name", BROUGHT)
def test_a_network_gone_wrong_finds_little_and_does_no_harm(name: str, value: float) -> None:
    canvas = Fitted(640, 640, 1, 0, 0)
    heads = [np.full_like(head, value) for head in ENCODE[name]([], canvas)]
    faces = detector_of(FAMILIES[name], heads).detect(np.zeros((640, 640, 3), np.uint8))
    assert all(np.isfinite(face.box_xyxy).all() for face in faces)
    assert all(np.isfinite(face.landmarks).all() and face.score <= 1 for face in faces)
    assert len(faces) <= MOST_FACES
    for face in faces:
        aligned_crop(np.zeros((640, 640, 3), np.uint8), face)
        margin_crop(np.zeros((640, 640, 3), np.uint8), face)


@pytest.mark.parametrize("name", BROUGHT)
def test_landmarks_in_one_point_are_no_face(name: str) -> None:
    """Nobody could align them."""
    canvas = fitted(name, 640, 480, (640, 640))
    face, *others = faces_in(640, 480)
    point = Face(face.box_xyxy, 0.99, np.tile(face.landmarks[2], (5, 1)))
    heads = ENCODE[name]([canvas.face(face) for face in (point, *others)], canvas)
    found = detector_of(FAMILIES[name], heads).detect(np.zeros((480, 640, 3), np.uint8))
    assert_same(found, others, 1)


@pytest.mark.parametrize("name", BROUGHT)
def test_one_wrong_cell_leaves_the_faces_alone(name: str) -> None:
    canvas = fitted(name, 640, 480, (640, 640))
    faces = faces_in(640, 480)
    heads = ENCODE[name]([canvas.face(face) for face in faces], canvas)
    for head in heads:
        head.reshape(-1)[:4] = np.nan
    found = detector_of(FAMILIES[name], heads).detect(np.zeros((480, 640, 3), np.uint8))
    assert_same(found, faces, 1)


@pytest.mark.parametrize("name", BROUGHT)
def test_nobody(name: str) -> None:
    heads = ENCODE[name]([], Fitted(640, 640, 1, 0, 0))
    detector = detector_of(FAMILIES[name], heads)
    for shape in ((480, 640, 3), (1, 900, 3), (700, 2, 3)):
        picture = np.zeros(shape, np.uint8)
        assert detector.detect(picture) == []
        assert detector.detect_part(picture, 0, np.empty((0, 4), np.float32)) == []


@pytest.mark.parametrize(
    ("name", "shapes", "expected"),
    [
        ("yolov5-face", [(1, 25200, 85)], r"YOLOv5-face: heads .* are \(1, 25200, 85\)"),
        ("yolov5-face", [(1, 3, 80, 80, 16), (1, 3, 40, 40, 16)], "of YOLOv5-face"),
        ("yolov5-face", [(1, 48, 81, 80), (1, 48, 40, 40), (1, 48, 20, 20)], "of YOLOv5-face"),
        ("yolov5-face", [(1, 25201, 16)], "of YOLOv5-face"),
        ("scrfd", [(12800, 1), (3200, 1), (800, 1)], r"of SCRFD: .* are \(12800, 1\), \(3200, 1\)"),
        ("scrfd", [(1, 2), (3,)], "of SCRFD"),
        ("scrfd", [(100, 1), (50, 1), (25, 1), (100, 4), (50, 4), (25, 4)], "of SCRFD"),
        ("retinaface", [(1, 16800, 4), (1, 16800, 2)], "of RetinaFace"),
        ("retinaface", [(1, 10, 4), (1, 10, 2), (1, 10, 10)], r"RetinaFace.*\(1, 10, 10\)"),
        ("centerface", [(1, 1, 160, 160), (1, 2, 160, 160), (1, 10, 160, 160)], "of CenterFace"),
        ("centerface", [(1, 512)], r"of CenterFace.*this network are \(1, 512\)"),
    ],
)
def test_other_outputs_are_refused_in_a_sentence(
    name: str, shapes: list[tuple[int, ...]], expected: str
) -> None:
    heads = [np.zeros(shape, np.float32) for shape in shapes]
    with pytest.raises(WeightsError, match=expected) as caught:
        detector_of(FAMILIES[name], heads).detect(np.zeros((480, 640, 3), np.uint8))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (1500, 700), (90, 130)])
@pytest.mark.parametrize("name", BROUGHT)
def test_a_fixed_file_through_the_engine(
    engine: Engine, tmp_path: Path, name: str, width: int, height: int
) -> None:
    family = FAMILIES[name]
    canvas = fitted(name, width, height, (320, 320))
    faces = [face for face in faces_in(width, height) if face.width * canvas.scale > 10]
    heads = ENCODE[name]([canvas.face(face) for face in faces], canvas)
    network = engine.load(write_heads(tmp_path / "toy.onnx", heads, 320, 320))
    form = replace(family.form, size=(320, 320))
    detector = OneShotDetector("toy", network, family, form, 1, Nobody())
    assert_same(detector.detect(np.zeros((height, width, 3), np.uint8)), faces, canvas.scale)


@pytest.mark.parametrize(
    ("width", "height"), [(640, 480), (480, 640), (300, 200), (1920, 1080), (1080, 1920)]
)
@pytest.mark.parametrize("name", BROUGHT)
def test_a_file_for_any_size_finds_what_is_painted(
    engine: Engine, tmp_path: Path, name: str, width: int, height: int
) -> None:
    """Green patches, as large as a cell of the canvas, are found where they are."""
    family = FAMILIES[name]
    network = engine.load(write_finder(tmp_path / "toy.onnx", family))
    scale = min(1, 640 / max(width, height))
    detector = OneShotDetector("toy", network, family, family.form, 20 / scale, Nobody())
    picture = np.zeros((height, width, 3), np.uint8)
    half = 8 / scale
    spots = np.float32([[0.2, 0.3], [0.7, 0.6], [0.4, 0.8]]) * (width, height)
    for x, y in spots:
        picture[int(y - half) : int(y + half), int(x - half) : int(x + half), 1] = 255
    found = detector.detect(picture)
    assert len(found) >= 3
    middles = np.stack([(face.box_xyxy[:2] + face.box_xyxy[2:]) / 2 for face in found])
    for spot in spots:
        assert np.abs(middles - spot).max(axis=1).min() < 9 / scale
    for face in found:
        middle = (face.box_xyxy[:2] + face.box_xyxy[2:]) / 2
        assert face.width == pytest.approx(SIDE / scale, rel=0.03)
        assert face.landmarks == pytest.approx(middle + CROSS * SIDE / scale, abs=0.7 / scale)
        assert np.abs(spots - middle).max(axis=1).min() < 13 / scale


def test_what_is_sure_in_the_middle_is_kept_at_the_border() -> None:
    canvas = fitted("scrfd", 640, 480, (640, 640))
    (face, *_) = faces_in(640, 480)
    moved = Face(face.box_xyxy - np.float32([150, 100, 150, 100]), 0.9, face.landmarks)
    heads = ENCODE["scrfd"]([canvas.face(moved)], canvas)
    (found,) = detector_of(FAMILIES["scrfd"], heads).detect(np.zeros((480, 640, 3), np.uint8))
    assert found.box_xyxy[0] < 0
    assert iou(found.box_xyxy[np.newaxis], moved.box_xyxy[np.newaxis]) > 0.99
