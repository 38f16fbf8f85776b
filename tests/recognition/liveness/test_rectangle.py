from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from common.picture import RgbImage
from models.detectors.protocol import Detector
from models.face import Face
from recognition.liveness.evidence import FindingKind
from recognition.liveness.observation import Observation
from recognition.liveness.rectangle import (
    COVERED,
    LOOKS,
    STRENGTH,
    RectangleAround,
    rectangle_share,
)

FACE = Face(
    np.array([270, 170, 370, 300], np.float32),
    0.99,
    np.array([[300, 220], [340, 220], [320, 245], [303, 265], [337, 265]], np.float32),
)


def room() -> RgbImage:
    """A wall with noise, and a blob for a head."""
    random = np.random.default_rng(0)
    image = np.clip(random.normal(120, 2, (480, 640, 3)), 0, 255).astype(np.uint8)
    cv2.ellipse(image, (320, 235), (60, 78), 0, 0, 360, (190, 150, 130), -1, cv2.LINE_AA)
    return image


def with_sheet(lean: float, size: tuple[int, int] = (230, 300), grey: int = 30) -> RgbImage:
    """The same on a phone whose frame is grey, before another wall."""
    image = np.clip(np.random.default_rng(1).normal(150, 2, (480, 640, 3)), 0, 255)
    corners = cv2.boxPoints(((320.0, 235.0), (float(size[0]), float(size[1])), lean))
    behind = image.astype(np.uint8)
    mask = np.zeros((480, 640), np.uint8)
    cv2.fillPoly(mask, [np.round(corners * 16).astype(np.int32)], 1, cv2.LINE_AA, 4)
    shown = np.where(mask[..., np.newaxis] > 0, room(), behind)
    cv2.polylines(shown, [np.round(corners).astype(np.int32)], True, (grey,) * 3, 8, cv2.LINE_AA)
    return np.asarray(shown, np.uint8)


@pytest.mark.parametrize("lean", [-20.0, 0.0, 9.0, 25.0])
def test_the_frame_of_a_phone(lean: float) -> None:
    assert rectangle_share(with_sheet(lean), FACE) >= COVERED


def test_a_phone_larger_than_the_picture_is_high() -> None:
    assert rectangle_share(with_sheet(0.0, (260, 700)), FACE) >= COVERED


def test_a_wall_and_a_door_post_are_none() -> None:
    wall = room()
    assert rectangle_share(wall, FACE) < 0.5
    wall[:, 450:458] = 40
    assert rectangle_share(wall, FACE) < 0.5


def test_at_the_border_of_the_picture() -> None:
    outside = Face(FACE.box_xyxy + 2000, 0.9, FACE.landmarks + 2000)
    assert rectangle_share(room(), outside) == 0


def test_it_is_said_once_and_stays() -> None:
    cue = RectangleAround()
    shown = [*[with_sheet(5.0)] * LOOKS, *[room()] * LOOKS]
    told = [cue.see(Observation(i * 0.3, 1, FACE, image)) for i, image in enumerate(shown)]
    strengths = [(f.kind, f.strength) for f in told if f is not None]
    assert strengths == [(FindingKind.RECTANGLE, STRENGTH)]


def test_looks_are_apart() -> None:
    cue = RectangleAround()
    image = with_sheet(0.0)
    assert all(cue.see(Observation(i / 200, 1, FACE, image)) is None for i in range(20))


def test_rooms_of_real_people(shared_data: Path, detector: Detector) -> None:
    shares = []
    for film in sorted((shared_data / "video" / "webcam").iterdir()):
        if film.suffix == ".mkv":
            image = np.ascontiguousarray(cv2.VideoCapture(str(film)).read()[1][..., ::-1])
            shares.append(rectangle_share(image, detector.detect(image)[0]))
    assert max(shares) < COVERED
