"""YuNet here against OpenCV's own decoder, on the published file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from capture.stills import read_picture
from common.picture import RgbImage
from models.conversion import weights
from models.detectors.boxes import iou
from models.detectors.loading import load_detector
from models.detectors.one_shot import OneShotDetector
from models.detectors.protocol import Detector
from models.detectors.yunet import INPUT_SIDE, NMS_THRESHOLD, SCORE_THRESHOLD, YUNET
from models.engines.engine import Engine

LoadYunet = Callable[[float], OneShotDetector]


@pytest.fixture(scope="module")
def load_yunet(engine: Engine, detector: Detector, models_cache: Path) -> LoadYunet:
    """Loads it for the smallest face that is given, followed by MTCNN."""
    load_detector("yunet", engine, models_cache / "models", 1)
    network = engine.load(models_cache / "models" / "yunet.onnx")
    return lambda smallest: OneShotDetector("yunet", network, YUNET, YUNET.form, smallest, detector)


@pytest.fixture(scope="module")
def yunet(load_yunet: LoadYunet) -> OneShotDetector:
    return load_yunet(1)


@pytest.fixture(scope="module")
def assert_agrees(yunet: OneShotDetector) -> Callable[[RgbImage], int]:
    """Asserts that both find the same faces in a picture of 640x640; returns their number."""
    reference = cv2.FaceDetectorYN.create(
        str(weights.locate(weights.YUNET)),
        "",
        (INPUT_SIDE, INPUT_SIDE),
        SCORE_THRESHOLD,
        NMS_THRESHOLD,
    )

    def compare(image: RgbImage) -> int:
        assert image.shape == (INPUT_SIDE, INPUT_SIDE, 3)
        rows = reference.detect(np.ascontiguousarray(image[..., ::-1]))[1]
        faces = yunet.detect(image)
        if rows is None:
            assert faces == []
            return 0
        for row, face in zip(rows, faces, strict=True):
            box = np.concatenate([row[:2], row[:2] + row[2:4]])
            assert face.box_xyxy == pytest.approx(box, abs=0.05)
            assert face.landmarks.ravel() == pytest.approx(row[4:14], abs=0.05)
            assert face.score == pytest.approx(row[14], abs=1e-4)
        return len(rows)

    return compare


def on_canvas(image: RgbImage, scale: float) -> RgbImage:
    canvas = np.zeros((INPUT_SIDE, INPUT_SIDE, 3), np.uint8)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = small[:INPUT_SIDE, :INPUT_SIDE]
    canvas[: small.shape[0], : small.shape[1]] = small
    return canvas


@pytest.mark.parametrize("scale", [0.5, 0.8, 1.25, 2.0])
def test_agrees_with_opencv(
    assert_agrees: Callable[[RgbImage], int], astronaut: RgbImage, scale: float
) -> None:
    assert assert_agrees(on_canvas(astronaut, scale)) == 1


def test_agrees_with_opencv_on_several_faces(
    assert_agrees: Callable[[RgbImage], int], astronaut: RgbImage
) -> None:
    half = cv2.resize(astronaut[:320, 60:380], (320, 320))
    assert assert_agrees(np.asarray(np.tile(half, (2, 2, 1)), np.uint8)) == 4


def test_agrees_with_opencv_on_a_group_photograph(
    assert_agrees: Callable[[RgbImage], int], shared_data: Path
) -> None:
    group = read_picture(shared_data / "faces" / "group_of_six.jpg")
    assert assert_agrees(on_canvas(group, INPUT_SIDE / max(group.shape))) == 6


@pytest.mark.parametrize("shape", [(480, 640), (300, 900), (700, 400)])
def test_boxes_are_in_the_pictures_pixels(
    yunet: OneShotDetector, astronaut: RgbImage, shape: tuple[int, int]
) -> None:
    image = np.zeros((*shape, 3), np.uint8)
    face = astronaut[30:230, 120:320]
    image[50:250, 100:300] = face
    (found,) = yunet.detect(image)
    (alone,) = yunet.detect(face)
    shift = np.array([100, 50], np.float32)
    assert iou((found.box_xyxy - np.tile(shift, 2))[np.newaxis], alone.box_xyxy[np.newaxis]) > 0.8
    assert np.abs(found.landmarks - shift - alone.landmarks).max() < 10


def test_finds_nothing_where_there_is_nothing(yunet: OneShotDetector) -> None:
    assert yunet.detect(np.full((240, 320, 3), 128, np.uint8)) == []
    assert yunet.detect(np.zeros((1, 700, 3), np.uint8)) == []


def test_smaller_faces_are_left_out(
    load_yunet: LoadYunet, yunet: OneShotDetector, astronaut: RgbImage
) -> None:
    (face,) = yunet.detect(astronaut)
    for min_face_px, count in ((face.height - 1, 1), (face.height + 1, 0)):
        assert len(load_yunet(min_face_px).detect(astronaut)) == count


def test_is_a_choice_with_the_second_look(
    engine: Engine, models_cache: Path, astronaut: RgbImage
) -> None:
    detector = load_detector("yunet", engine, models_cache / "models", 40)
    assert detector.name == "yunet"
    assert len(detector.detect(astronaut)) == 1
    assert len(detector.detect(astronaut[62:172, 181:268])) == 1
