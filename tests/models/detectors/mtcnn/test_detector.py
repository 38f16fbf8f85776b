"""MTCNN here against facenet-pytorch's own, on the same pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from capture.stills import picture_paths, read_picture
from common.picture import RgbImage
from models.detectors.boxes import iou
from models.detectors.mtcnn import pyramid
from models.detectors.mtcnn.area import integral
from models.detectors.mtcnn.detector import THRESHOLDS, LiveNetworks, MtcnnDetector
from models.detectors.mtcnn.pyramid import plan_canvas
from models.engines.engine import FloatArray, Network
from models.face import Face

Compare = Callable[[RgbImage], int]


@pytest.fixture(scope="module")
def mtcnn(mtcnn_networks: tuple[Network, Network, Network]) -> MtcnnDetector:
    """With facenet-pytorch's smallest face, 20 pixels."""
    return MtcnnDetector(*mtcnn_networks)


@pytest.fixture(scope="module", params=["exact", "quick"])
def live_mtcnn(
    request: pytest.FixtureRequest,
    mtcnn_networks: tuple[Network, Network, Network],
    live_networks: LiveNetworks,
) -> MtcnnDetector:
    """Without quick networks, as on some engines, and with them."""
    return MtcnnDetector(*mtcnn_networks, live=live_networks if request.param == "quick" else None)


@pytest.fixture(scope="module")
def assert_agrees(mtcnn: MtcnnDetector) -> Compare:
    """Asserts that both find the same faces in a picture; returns their number."""
    import torch
    from facenet_pytorch import MTCNN

    torch.set_num_threads(1)  # more of them and OpenVINO's wait for each other
    reference = MTCNN(keep_all=True, thresholds=list(THRESHOLDS))

    def compare(image: RgbImage) -> int:
        boxes, scores, landmarks = reference.detect(image, landmarks=True)
        faces = mtcnn.detect(image)
        expected = 0 if boxes is None else len(boxes)
        assert len(faces) == expected
        for box, score, points in zip(*numeric(boxes, scores, landmarks), strict=True):
            face = nearest(faces, box)
            assert iou(box[np.newaxis], face.box_xyxy[np.newaxis]) >= 0.99
            assert np.abs(points - face.landmarks).max() <= 0.1
            assert face.score == pytest.approx(float(score), abs=1e-4)
        return expected

    return compare


def numeric(*arrays: Any) -> Iterator[FloatArray]:
    """facenet-pytorch gives arrays of objects, and None for no faces."""
    return ((np.empty(0) if a is None else np.asarray(a)).astype(np.float32) for a in arrays)


def nearest(faces: list[Face], box: FloatArray) -> Face:
    return faces[int(iou(box[np.newaxis], np.stack([f.box_xyxy for f in faces])).argmax())]


def test_agrees_on_the_astronaut(assert_agrees: Compare, astronaut: RgbImage) -> None:
    assert assert_agrees(astronaut) == 1


@pytest.mark.parametrize("seed", range(10))
def test_agrees_on_crops_and_scalings(
    assert_agrees: Compare, astronaut: RgbImage, seed: int
) -> None:
    """Odd sizes, faces cut off, small and large."""
    rng = np.random.default_rng(seed)
    left, top = rng.integers(0, 190), rng.integers(0, 90)
    right, bottom = rng.integers(250, 512), rng.integers(150, 512)
    scale = rng.uniform(0.4, 1.8)
    crop = cv2.resize(astronaut[top:bottom, left:right], None, fx=scale, fy=scale)
    assert_agrees(np.asarray(crop, np.uint8))


def test_agrees_on_several_faces(assert_agrees: Compare, astronaut: RgbImage) -> None:
    face = astronaut[20:220, 130:330]
    half, mirrored = cv2.resize(face, (101, 101)), face[:, ::-1]
    group = np.full((330, 630, 3), 96, np.uint8)
    group[40:240, 20:220] = face
    group[90:290, 240:440] = mirrored
    group[60:161, 480:581] = half
    assert assert_agrees(group) == 3


def test_agrees_on_real_pictures(assert_agrees: Compare, shared_data: Path) -> None:
    people = sorted((shared_data / "faces" / "people").iterdir())
    # One of them, jennifer_aniston/020.png, has two boxes of exactly the same score.
    sample = [path for i, person in enumerate(people) for path in picture_paths(person)[i % 4 :: 4]]
    assert sum(assert_agrees(read_picture(path)) for path in sample) >= len(sample)


def test_agrees_on_a_group_photograph(assert_agrees: Compare, shared_data: Path) -> None:
    assert assert_agrees(read_picture(shared_data / "faces" / "group_of_six.jpg")) >= 6


@pytest.mark.parametrize(
    ("size", "indices"), [((640, 480), range(0, 105, 10)), ((1280, 720), (52,))]
)
def test_agrees_on_a_video(
    assert_agrees: Compare, shared_data: Path, size: tuple[int, int], indices: range
) -> None:
    video = cv2.VideoCapture(str(shared_data / "video" / "five_people_1080p25.mp4"))
    faces = 0
    for index in range(max(indices) + 1):
        assert video.grab()
        if index in indices:
            frame = cv2.resize(video.retrieve()[1], size)
            faces += assert_agrees(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8))
    video.release()
    assert faces >= 3 * len(indices)


@pytest.mark.parametrize("size", [(240, 320), (177, 131), (95, 223)])
def test_levels_on_the_canvas_do_not_see_their_neighbours(
    mtcnn_networks: tuple[Network, Network, Network], size: tuple[int, int]
) -> None:
    """P-Net over the whole canvas gives what it gives for each level alone, odd sides too."""
    import torch
    from facenet_pytorch.models.mtcnn import PNet

    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    canvas = plan_canvas(*size, 20)
    assert canvas is not None
    drawn = canvas.draw(integral(image))
    regression, probability = mtcnn_networks[0](drawn, canvas.mask)
    for band, (rows, columns) in canvas.bands:
        top, left = 2 * rows.start, 2 * columns.start
        h, w = band.height, band.width
        alone = torch.from_numpy(drawn[:, top : top + h, left : left + w]).permute(0, 3, 1, 2)
        with torch.no_grad():
            moves, probabilities = PNet()(alone)
        found = probability[:, rows, columns]
        assert found == pytest.approx(probabilities[:, 1].numpy(), abs=1e-4)
        found = regression[:, :, rows, columns]
        assert found == pytest.approx(moves.numpy(), abs=1e-4)


@pytest.mark.parametrize("scale", [0.4, 1.0, 2.5])
def test_all_parts_together_find_what_a_whole_detection_finds(
    live_mtcnn: MtcnnDetector, astronaut: RgbImage, scale: float
) -> None:
    image = np.asarray(cv2.resize(astronaut, None, fx=scale, fy=scale), np.uint8)
    (whole,) = live_mtcnn.detect(image)
    boxes = np.empty((0, 4), np.float32)
    for part in range(live_mtcnn.parts(image)):
        found = live_mtcnn.detect_part(image, part, boxes)
        boxes = np.stack([face.box_xyxy for face in found]) if found else boxes
    assert len(found) == 1
    assert iou(whole.box_xyxy[np.newaxis], boxes)[0] > 0.85


def test_a_picture_in_pieces_has_the_same_faces(
    mtcnn: MtcnnDetector, astronaut: RgbImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pieces of so few rows that each face lies on seams."""
    picture = np.vstack([np.hstack([astronaut, astronaut[:, ::-1]]), np.hstack([astronaut] * 2)])
    expected = mtcnn.detect(picture)
    monkeypatch.setattr(pyramid, "PIECE_PIXELS", 30_000)
    assert len(pyramid.plan_pieces(*picture.shape[:2], 20)) > 20
    found = mtcnn.detect(picture)
    assert len(found) == len(expected) >= 4
    for face, same in zip(found, expected, strict=True):
        assert np.abs(face.box_xyxy - same.box_xyxy).max() < 0.01
        assert np.abs(face.landmarks - same.landmarks).max() < 0.01


def test_best_face_first(mtcnn: MtcnnDetector, astronaut: RgbImage) -> None:
    pair = np.hstack([astronaut, cv2.GaussianBlur(astronaut, (0, 0), 3)])
    scores = [face.score for face in mtcnn.detect(pair)]
    assert len(scores) == 2
    assert scores == sorted(scores, reverse=True)


def test_finds_nothing_where_there_is_nothing(mtcnn: MtcnnDetector) -> None:
    grey = np.full((240, 320, 3), 128, np.uint8)
    assert mtcnn.detect(grey) == []
    assert mtcnn.detect(grey[:10, :10]) == []
    assert mtcnn.follow(grey, np.array([[50, 50, 120, 140]], np.float32)) == []


def test_a_face_is_followed(live_mtcnn: MtcnnDetector, astronaut: RgbImage) -> None:
    (face,) = live_mtcnn.detect(astronaut)
    for shift in ((0, 0), (6, -4), (-8, 8)):
        (followed,) = live_mtcnn.follow(astronaut, face.box_xyxy[np.newaxis] + np.tile(shift, 2))
        assert iou(face.box_xyxy[np.newaxis], followed.box_xyxy[np.newaxis]) > 0.8
        assert np.abs(followed.landmarks - face.landmarks).max() < 0.05 * face.width


@pytest.mark.parametrize("place", ["corner", "outside"])
def test_following_bears_boxes_past_the_border(live_mtcnn: MtcnnDetector, place: str) -> None:
    grey = np.full((100, 100, 3), 128, np.uint8)
    box = {"corner": [-40, -40, 20, 30], "outside": [300, 300, 380, 390]}[place]
    assert live_mtcnn.follow(grey, np.array([box], np.float32)) == []
    assert live_mtcnn.follow(grey, -np.array([box], np.float32)[:, [2, 3, 0, 1]]) == []


def test_following_needs_no_model_without_boxes(live_mtcnn: MtcnnDetector) -> None:
    assert live_mtcnn.follow(np.zeros((9, 9, 3), np.uint8), np.empty((0, 4), np.float32)) == []


def test_following_extends_a_face_that_fills_the_picture(
    live_mtcnn: MtcnnDetector, astronaut: RgbImage
) -> None:
    """Black past the border, not squeezed: the landmarks stay where they were."""
    (face,) = live_mtcnn.detect(astronaut)
    x1, y1, x2, y2 = face.box_xyxy.astype(int)
    tight = astronaut[y1:y2, x1:x2]
    shift = np.array([x1, y1], np.float32)
    (found,) = live_mtcnn.follow(tight, (face.box_xyxy - np.tile(shift, 2))[np.newaxis])
    assert np.abs(found.landmarks + shift - face.landmarks).max() < 0.05 * face.width
