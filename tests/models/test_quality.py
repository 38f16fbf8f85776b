from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from common.picture import RgbImage
from models.detectors.protocol import Detector
from models.face import Face
from models.quality import FULL_SIZE_PX, SHARP, Quality, measure

PERFECT = Quality(
    face_height_px=FULL_SIZE_PX,
    sharpness=SHARP,
    brightness=128.0,
    contrast=50.0,
    yaw=0.0,
    roll_deg=0.0,
    cut_off=False,
)


@pytest.fixture
def face(detector: Detector, astronaut: RgbImage) -> Face:
    (found,) = detector.detect(astronaut)
    return found


def with_nose_at(offset: float, roll_deg: float = 0.0) -> Face:
    """Eyes 40 pixels apart, the nose `offset` of that beside their middle, the head rolled."""
    points = np.array([[-20, 0], [20, 0], [40 * offset, 25], [-15, 45], [15, 45]], np.float64)
    angle = np.radians(roll_deg)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    landmarks = (points @ rotation.T + 100).astype(np.float32)
    return Face(np.array([50, 50, 150, 170], np.float32), 1.0, landmarks)


def test_a_real_frontal_face_is_good(astronaut: RgbImage, face: Face) -> None:
    quality = measure(astronaut, face)
    assert quality.face_height_px == face.height
    assert abs(quality.yaw) < 0.1
    assert abs(quality.roll_deg) < 8
    assert not quality.cut_off
    assert quality.score > 0.5


def test_blur_lowers_sharpness_and_score(astronaut: RgbImage, face: Face) -> None:
    measured = [measure(astronaut, face)]
    for sigma in (1.0, 2.0, 4.0):
        blurred = cv2.GaussianBlur(astronaut, (0, 0), sigma)
        measured.append(measure(np.asarray(blurred, np.uint8), face))
    for sharper, softer in pairwise(measured):
        assert softer.sharpness < 0.6 * sharper.sharpness
        assert softer.score < sharper.score


def test_light_shows_in_brightness_and_contrast(astronaut: RgbImage, face: Face) -> None:
    plain = measure(astronaut, face)
    dark = measure((astronaut * 0.3).astype(np.uint8), face)
    pale = measure((astronaut * 0.3 + 170).astype(np.uint8), face)
    assert dark.brightness == pytest.approx(0.3 * plain.brightness, abs=1)
    assert pale.brightness == pytest.approx(dark.brightness + 170, abs=1)
    assert dark.contrast == pytest.approx(0.3 * plain.contrast, rel=0.05)
    assert max(dark.score, pale.score) < plain.score


@pytest.mark.parametrize("roll_deg", [-20, 0, 35])
@pytest.mark.parametrize("offset", [-0.4, 0.0, 0.25])
def test_yaw_is_the_noses_offset_whatever_the_roll(offset: float, roll_deg: float) -> None:
    quality = measure(np.zeros((200, 200, 3), np.uint8), with_nose_at(offset, roll_deg))
    assert quality.yaw == pytest.approx(offset, abs=1e-4)
    assert quality.roll_deg == pytest.approx(roll_deg, abs=1e-3)


@pytest.mark.parametrize("side", range(4))
def test_a_box_over_any_border_is_cut_off(side: int) -> None:
    image = np.zeros((200, 200, 3), np.uint8)
    face = with_nose_at(0)
    assert not measure(image, face).cut_off
    box = face.box_xyxy.copy()
    box[side] = -1 if side < 2 else 201
    assert measure(image, replace(face, box_xyxy=box)).cut_off


def test_the_score_is_one_at_best() -> None:
    assert PERFECT.score == 1
    assert replace(PERFECT, face_height_px=500, sharpness=5000).score == 1


@pytest.mark.parametrize(
    ("worse", "score"),
    [
        (replace(PERFECT, face_height_px=FULL_SIZE_PX / 2), 0.5),
        (replace(PERFECT, sharpness=SHARP / 4), 0.5),
        (replace(PERFECT, yaw=0.25), 0.5),
        (replace(PERFECT, yaw=-0.25), 0.5),
        (replace(PERFECT, yaw=0.7), 0.0),
        (replace(PERFECT, brightness=32.0), 0.5),
        (replace(PERFECT, brightness=224.0), 0.5),
        (replace(PERFECT, brightness=0.0), 0.0),
        (replace(PERFECT, sharpness=0.0), 0.0),
    ],
)
def test_each_flaw_lowers_the_score(worse: Quality, score: float) -> None:
    assert worse.score == pytest.approx(score)
