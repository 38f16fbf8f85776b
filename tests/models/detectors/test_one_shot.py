"""A detector that is one network, in the live loop: detected seldom, followed in between."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from capture.frame import Frame
from capture.stills import read_picture
from common.picture import RgbImage
from models.described.description import ModelDescription
from models.described.installed import install
from models.detectors.boxes import iou, stacked
from models.detectors.families import FAMILIES
from models.detectors.letterbox import InputForm, Size
from models.detectors.loading import load_detector
from models.detectors.one_shot import Candidates, DetectorFamily, OneShotDetector
from models.detectors.protocol import Detector
from models.engines.engine import Array, Engine, FloatArray
from models.face import Face
from recognition.sweep import SWEEP_FRAMES, Sweep
from recognition.tracks import Tracker

from .graphs import write_finder

ASTRONAUT = np.float32([180, 61, 268, 172])
"""The face's box on the astronaut's picture."""


def face_at(x: float, y: float, score: float = 0.9) -> Face:
    box = np.float32([x, y, x + 40, y + 50])
    marks = np.float32([[10, 15], [30, 15], [20, 25], [12, 38], [28, 38]])
    return Face(box, score, box[:2] + marks)


class Given:
    """A network and a decoder that find what they are given, and count."""

    def __init__(self, *faces: Face) -> None:
        self.faces = list(faces)
        self.runs = 0
        form = InputForm((64, 64))
        self.family = DetectorFamily("given", form, self._decode, score=0.5, overlap=0.5)

    def __call__(self, *inputs: Array) -> tuple[FloatArray, ...]:
        self.runs += 1
        return ()

    def _decode(self, outputs: tuple[FloatArray, ...], size: Size) -> Candidates:
        return Candidates(
            stacked([face.box_xyxy for face in self.faces]),
            np.array([face.score for face in self.faces], np.float32),
            np.array([face.landmarks for face in self.faces], np.float32).reshape(-1, 5, 2),
        )


class Following:
    """Gives each box back, a pixel to the right, but those that it refuses."""

    def __init__(self, refused: float = np.inf) -> None:
        self.asked: list[FloatArray] = []
        self._refused = refused

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        self.asked.append(boxes)
        kept = [box for box in boxes if box[0] < self._refused]
        return [
            Face(box + np.float32([1, 0, 1, 0]), 0.7, np.zeros((5, 2), np.float32)) for box in kept
        ]


def detector_of(network: Given, follower: Following) -> OneShotDetector:
    return OneShotDetector("given", network, network.family, network.family.form, 1, follower)


PICTURE = np.zeros((640, 640, 3), np.uint8)
SCALE = 64 / 640


def on_canvas(face: Face) -> Face:
    return face.scaled(SCALE, SCALE)


def test_following_runs_no_detection() -> None:
    network, follower = Given(on_canvas(face_at(100, 100))), Following()
    boxes = stacked([face_at(98, 100).box_xyxy])
    (face,) = detector_of(network, follower).follow(PICTURE, boxes)
    assert network.runs == 0
    assert face.box_xyxy[0] == 99


def test_in_the_live_loop_all_faces_are_the_followers() -> None:
    """Else boxes and landmarks would jump with each detection."""
    network = Given(on_canvas(face_at(100, 100)), on_canvas(face_at(300, 300)))
    follower = Following()
    known = stacked([face_at(105, 102).box_xyxy, face_at(500, 500).box_xyxy])
    faces = detector_of(network, follower).detect_part(PICTURE, 0, known)
    assert sorted(round(float(face.box_xyxy[0])) for face in faces) == [101, 301, 501]
    assert all(face.score == 0.7 for face in faces)
    (asked,) = follower.asked
    assert len(asked) == 3  # what was known, and is found, is looked at once


def test_a_face_that_the_follower_refuses_stays_as_it_was_found() -> None:
    network = Given(on_canvas(face_at(100, 100)), on_canvas(face_at(300, 300, 0.8)))
    detector = detector_of(network, Following(refused=200))
    faces = detector.detect_part(PICTURE, 0, np.empty((0, 4), np.float32))
    assert [round(face.score, 2) for face in faces] == [0.7, 0.8]
    assert faces[1].box_xyxy == pytest.approx(face_at(300, 300).box_xyxy, abs=0.1)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelDescription:
    """A detector of the user's: it finds green spots, and says that a face is around each."""
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "weights"))
    family = FAMILIES["scrfd"]
    file = write_finder(tmp_path / "spots.onnx", family, side=110)
    described = ModelDescription(
        name="spots",
        use="finds faces",
        family="scrfd",
        file="spots.onnx",
        sha256="0" * 64,
        input_size=(640, 640),
        layout="NCHW",
        colour="RGB",
        mean=(127.5,),
        scale=(128.0,),
        any_size=True,
    )
    return install(file, described).description


def frame_of(astronaut: RgbImage, shift: int) -> RgbImage:
    """The astronaut with a green spot on the nose, in a picture of 640x480."""
    marked = astronaut.copy()
    cv2.rectangle(marked, (217, 109), (232, 124), (0, 255, 0), -1)
    picture = np.full((480, 640, 3), 60, np.uint8)
    picture[:480, shift : shift + 512] = marked[:480]
    return picture


def test_an_added_detector_is_the_live_loops(
    installed: ModelDescription, engine: Engine, models_cache: Path, astronaut: RgbImage
) -> None:
    """Through loader and engine: a face that moves keeps its track, and is detected seldom."""
    detector = load_detector("spots", engine, models_cache / "models", 40)
    assert detector.name == "spots"
    counting = CountingDetector(detector)
    sweep = Sweep(counting, tracker := Tracker())
    for index in range(4 * SWEEP_FRAMES):
        picture = frame_of(astronaut, 20 + 3 * index)
        (track,) = sweep.find(Frame(picture, index, index / 30), 1 / 30 if index else np.inf)
        truth = ASTRONAUT + np.float32([1, 0, 1, 0]) * (20 + 3 * index)
        assert iou(track.face.box_xyxy[np.newaxis], truth[np.newaxis]) > 0.6
    assert track.id == 1
    assert len(tracker.tracks) == 1
    assert counting.detections <= 5
    assert counting.followed >= 11


class CountingDetector:
    """Counts what is asked of a detector."""

    def __init__(self, detector: Detector) -> None:
        self.name = detector.name
        self._detector = detector
        self.detections = self.followed = 0

    def detect(self, image: RgbImage) -> list[Face]:
        self.detections += 1
        return self._detector.detect(image)

    def parts(self, image: RgbImage) -> int:
        return self._detector.parts(image)

    def detect_part(self, image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        self.detections += 1
        return self._detector.detect_part(image, part, boxes)

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        self.followed += 1
        return self._detector.follow(image, boxes)


@pytest.mark.parametrize("name", ["yunet", "centerface"])
def test_a_group_is_followed_in_much_less_than_a_detection(
    name: str, engine: Engine, models_cache: Path, shared_data: Path, request: pytest.FixtureRequest
) -> None:
    """R-Net and O-Net find again all that was found, without the detector's own network."""
    if name == "centerface":
        request.getfixturevalue("centerface")
    detector = load_detector(name, engine, models_cache / "models", 40)
    group = read_picture(shared_data / "faces" / "group_of_six.jpg")
    found = detector.detect(group)
    boxes = stacked([face.box_xyxy for face in found])
    followed = detector.follow(group, boxes + 4)
    assert len(found) == len(followed) == 6
    overlaps = iou(stacked([face.box_xyxy for face in followed]), boxes)
    for face, row in zip(followed, overlaps, strict=True):
        same = found[int(row.argmax())]
        assert row.max() > 0.6
        assert np.abs(face.landmarks - same.landmarks).max() < 0.15 * same.height
