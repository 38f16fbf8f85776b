from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from common.picture import RgbImage
from models.detectors.protocol import Detector
from models.face import Face
from recognition.liveness.evidence import VETO, FindingKind
from recognition.liveness.observation import Observation
from recognition.liveness.rectangle import (
    COVERED,
    LOOKS,
    STRENGTH,
    RectangleAround,
    best_rectangle,
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
    assert best_rectangle(with_sheet(lean), FACE).share >= COVERED


def test_a_phone_larger_than_the_picture_is_high() -> None:
    assert best_rectangle(with_sheet(0.0, (260, 700)), FACE).share >= COVERED


def test_a_wall_and_a_door_post_are_none() -> None:
    wall = room()
    assert best_rectangle(wall, FACE).share < 0.5
    wall[:, 450:458] = 40
    assert best_rectangle(wall, FACE).share < 0.5


def test_at_the_border_of_the_picture() -> None:
    outside = Face(FACE.box_xyxy + 2000, 0.9, FACE.landmarks + 2000)
    assert best_rectangle(room(), outside).share == 0


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
            shares.append(best_rectangle(image, detector.detect(image)[0]).share)
    assert max(shares) < COVERED


def shifted(image: RgbImage, across: float, down: float) -> RgbImage:
    matrix = np.array([[1, 0, across], [0, 1, down]], np.float64)
    return np.asarray(
        cv2.warpAffine(image, matrix, (640, 480), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def in_a_room(sheet_shift: float, room_shift: float = 0.0) -> RgbImage:
    """A phone before a wall with a board on it."""
    wall = np.full((480, 640, 3), 150, np.uint8)
    for at in ((30, 60), (560, 100), (560, 300), (30, 330)):
        cv2.rectangle(wall, at, (at[0] + 50, at[1] + 90), (60, 90, 160), -1)
    wall = shifted(wall, room_shift, room_shift)
    phone = shifted(with_sheet(4.0), sheet_shift, sheet_shift / 2)
    x, y = round(sheet_shift), round(sheet_shift / 2)
    wall[80 + y : 390 + y, 195 + x : 445 + x] = phone[80 + y : 390 + y, 195 + x : 445 + x]
    random = np.random.default_rng(round(10 * sheet_shift) + 1000)
    return np.clip(wall + random.normal(0, 1.5, wall.shape), 0, 255).astype(np.uint8)


def strengths(images: list[RgbImage]) -> list[float]:
    cue = RectangleAround()
    told = [cue.see(Observation(i * 0.3, 1, FACE, image)) for i, image in enumerate(images)]
    return [finding.strength for finding in told if finding is not None]


def test_a_phone_in_a_hand_is_refused() -> None:
    swaying = [in_a_room(float(4 * np.sin(i * 1.3))) for i in range(8)]
    assert strengths(swaying)[-1] == VETO


def test_a_phone_on_a_stand_is_not_and_neither_is_a_room_that_is_shaken() -> None:
    assert strengths([in_a_room(0.0) for _ in range(8)]) == [STRENGTH]
    shaken = [float(4 * np.sin(i * 1.3)) for i in range(8)]
    assert strengths([in_a_room(by, by) for by in shaken]) == [STRENGTH]
