"""The published CenterFace, against its authors' way of reading it, and on real pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from capture.stills import read_picture
from capture.video import VideoFileSource
from common.picture import RgbImage
from models.detectors.boxes import iou, nms
from models.detectors.centerface import CENTERFACE, SCORE_THRESHOLD
from models.detectors.one_shot import OneShotDetector
from models.detectors.protocol import Detector
from models.engines.engine import Engine, Network


@pytest.fixture(scope="module")
def network(engine: Engine, centerface: Detector, models_cache: Path) -> Network:
    return engine.load(models_cache / "models" / "centerface.onnx")


def read_cell_by_cell(network: Network, image: RgbImage) -> list[tuple[float, ...]]:
    """Score, box and landmarks of each cell above the threshold: every sum by itself."""
    planes = np.ascontiguousarray(image.transpose(2, 0, 1)[np.newaxis], np.float32)
    heat, scale, offset, marks = (output[0].copy() for output in network(planes))
    cells = []
    for row, column in np.argwhere(heat[0] >= SCORE_THRESHOLD):
        height, width = (4 * np.exp(scale[axis, row, column]) for axis in (0, 1))
        left = 4 * (column + offset[1, row, column] + 0.5) - width / 2
        top = 4 * (row + offset[0, row, column] + 0.5) - height / 2
        points = []
        for i in range(5):
            points += [left + width * marks[2 * i + 1, row, column]]
            points += [top + height * marks[2 * i, row, column]]
        score = float(heat[0, row, column])
        cells.append((score, left, top, left + width, top + height, *points))
    return cells


def test_agrees_with_the_sums_of_its_authors(
    network: Network, detector: Detector, astronaut: RgbImage
) -> None:
    pair = np.ascontiguousarray(np.hstack([astronaut[:320, 60:380]] * 2))
    cells = np.array(read_cell_by_cell(network, pair), np.float32)
    kept = cells[nms(cells[:, 1:5], cells[:, 0], 0.3)]
    alone = OneShotDetector("centerface", network, CENTERFACE, CENTERFACE.form, 20, detector)
    faces = alone.detect(pair)
    assert len(faces) == len(kept) == 2
    for face, row in zip(faces, kept, strict=True):
        assert face.score == pytest.approx(row[0], abs=1e-3)
        assert face.box_xyxy == pytest.approx(row[1:5], abs=0.05)
        assert face.landmarks.ravel() == pytest.approx(row[5:], abs=0.05)


def test_finds_all_six_of_the_group(
    centerface: Detector, detector: Detector, shared_data: Path
) -> None:
    group = read_picture(shared_data / "faces" / "group_of_six.jpg")
    faces, others = centerface.detect(group), detector.detect(group)
    assert len(faces) == len(others) == 6
    overlaps = iou(*(np.stack([face.box_xyxy for face in each]) for each in (faces, others)))
    for face, row in zip(faces, overlaps, strict=True):
        assert row.max() > 0.6
        same = others[int(row.argmax())]
        assert np.abs(face.landmarks - same.landmarks).max() < 0.12 * face.height


@pytest.mark.parametrize("shape", [(480, 640), (300, 900), (700, 400), (1500, 2000)])
def test_boxes_are_in_the_pictures_pixels(
    centerface: Detector, astronaut: RgbImage, shape: tuple[int, int]
) -> None:
    image = np.zeros((*shape, 3), np.uint8)
    face = astronaut[30:230, 120:320]
    image[50:250, 100:300] = face
    (found,) = centerface.detect(image)
    (alone,) = centerface.detect(face)
    shift = np.array([100, 50], np.float32)
    assert iou((found.box_xyxy - np.tile(shift, 2))[np.newaxis], alone.box_xyxy[np.newaxis]) > 0.8
    assert np.abs(found.landmarks - shift - alone.landmarks).max() < 10


def test_a_face_that_fills_the_picture_is_found(centerface: Detector, astronaut: RgbImage) -> None:
    assert len(centerface.detect(astronaut[62:172, 181:268])) == 1


def test_colours_in_their_order(network: Network, centerface: Detector, shared_data: Path) -> None:
    """Read in BGR it is less sure."""
    group = read_picture(shared_data / "faces" / "group_of_six.jpg")
    small = cv2.resize(group, (640, 320))
    right, wrong = (
        np.ascontiguousarray(picture.transpose(2, 0, 1)[np.newaxis], np.float32)
        for picture in (small, small[..., ::-1])
    )
    assert network(right)[0].max() > network(wrong)[0].max()


def test_what_it_finds_is_followed_in_a_film(centerface: Detector, shared_data: Path) -> None:
    """As in the live loop: detected in one frame, followed in the next three."""
    boxes = np.empty((0, 4), np.float32)
    with VideoFileSource(shared_data / "video" / "webcam" / "A-yes.mkv") as source:
        for index, frame in zip(range(12), iter(source.read, None), strict=False):
            if index % 4 == 0:
                faces = centerface.detect_part(frame.image, 0, boxes)
            else:
                faces = centerface.follow(frame.image, boxes)
            assert len(faces) == 1
            (exact,) = centerface.detect(frame.image)
            assert iou(faces[0].box_xyxy[np.newaxis], exact.box_xyxy[np.newaxis]) > 0.7
            assert np.abs(faces[0].landmarks - exact.landmarks).max() < 0.12 * exact.height
            boxes = faces[0].box_xyxy[np.newaxis]
