from __future__ import annotations

import cv2
import numpy as np
import pytest
from facenet_pytorch.models.utils.detect_face import extract_face
from skimage.transform import estimate_transform

from common.picture import RgbImage
from models.crop import ALIGNED_LANDMARKS, ALIGNED_SIDE, aligned_crop, alignment, margin_crop
from models.detectors.protocol import Detector
from models.engines.engine import FloatArray
from models.face import Face


def face_with(landmarks: FloatArray) -> Face:
    box = np.concatenate([landmarks.min(axis=0), landmarks.max(axis=0)])
    return Face(box, 1.0, landmarks)


def boxed(*box: float) -> Face:
    return Face(np.array(box, np.float32), 1.0, np.zeros((5, 2), np.float32))


def moved_template(scale: float, degrees: float, shift: tuple[float, float]) -> FloatArray:
    angle = np.radians(degrees)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(scale * ALIGNED_LANDMARKS @ rotation.T + shift, np.float32)


@pytest.mark.parametrize(
    ("scale", "degrees", "shift"),
    [(1, 0, (0, 0)), (2.5, 20, (150, 90)), (0.4, -75, (60, 200)), (1.3, 180, (300, 300))],
)
def test_a_moved_template_is_brought_back(
    scale: float, degrees: float, shift: tuple[float, float]
) -> None:
    landmarks = moved_template(scale, degrees, shift)
    matrix = alignment(landmarks)
    assert landmarks @ matrix[:, :2].T + matrix[:, 2] == pytest.approx(ALIGNED_LANDMARKS, abs=1e-3)


@pytest.mark.parametrize("seed", range(8))
def test_agrees_with_scikit_images_estimate(seed: int) -> None:
    rng = np.random.default_rng(seed)
    landmarks = moved_template(rng.uniform(0.3, 4), rng.uniform(-90, 90), (200, 150))
    landmarks += rng.normal(0, 6, (5, 2)).astype(np.float32)
    source, target = landmarks.astype(float), ALIGNED_LANDMARKS.astype(float)
    expected = estimate_transform("similarity", source, target)
    assert alignment(landmarks) == pytest.approx(expected.params[:2], abs=1e-9)


def test_landmarks_in_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="landmarks coincide"):
        alignment(np.full((5, 2), 7, np.float32))


def test_landmarks_lie_on_the_template_of_the_crop() -> None:
    """Dots painted at the landmarks come out at the template's places."""
    landmarks = moved_template(1.7, 25, (120, 60))
    image = np.zeros((320, 400, 3), np.uint8)
    for x, y in landmarks:
        cv2.circle(image, (round(x * 16), round(y * 16)), 48, (255, 255, 255), -1, shift=4)
    crop = aligned_crop(image, face_with(landmarks))
    assert crop.shape == (ALIGNED_SIDE, ALIGNED_SIDE, 3)
    count, _, _, centres = cv2.connectedComponentsWithStats((crop[..., 0] > 60).astype(np.uint8))
    assert count == 6
    for x, y in ALIGNED_LANDMARKS:
        assert np.linalg.norm(centres[1:] - (x, y), axis=1).min() < 0.6


@pytest.mark.parametrize(
    ("size", "left_eye"), [((224, 224), (76.6, 103.4)), ((96, 112), (30.3, 51.7))]
)
def test_crops_of_other_sizes(size: tuple[int, int], left_eye: tuple[float, float]) -> None:
    landmarks = moved_template(1.7, 25, (120, 60))
    image = np.zeros((320, 400, 3), np.uint8)
    cv2.circle(image, [round(float(v)) for v in landmarks[0]], 6, (255, 255, 255), -1)
    crop = aligned_crop(image, face_with(landmarks), size)
    assert crop.shape == (size[1], size[0], 3)
    y, x = np.argwhere(crop[..., 0] > 128).mean(axis=0)
    assert np.hypot(x - left_eye[0], y - left_eye[1]) < 0.8


def test_black_past_the_border_and_colours_in_their_order() -> None:
    image = np.full((60, 60, 3), (200, 100, 50), np.uint8)
    crop = aligned_crop(image, face_with(moved_template(1, 0, (-40, -40))))
    assert crop[80, 80].tolist() == [200, 100, 50]
    assert crop[20, 20].tolist() == [0, 0, 0]


@pytest.mark.parametrize("seed", range(6))
def test_margin_crop_is_facenet_pytorchs(astronaut: RgbImage, seed: int) -> None:
    """Boxes inside the picture and over each border, of any shape."""
    rng = np.random.default_rng(seed)
    for _ in range(20):
        x, y = rng.uniform(-60, 480, 2)
        face = boxed(x, y, x + rng.uniform(65, 300), y + rng.uniform(65, 300))
        box = [float(v) for v in face.box_xyxy]
        for side, margin in ((160, 20), (160, 0), (112, 14)):
            expected = extract_face(astronaut, box, side, margin).permute(1, 2, 0).numpy()
            crop = margin_crop(astronaut, face, (side, side), margin / side)
            assert crop.dtype == np.uint8
            assert np.array_equal(crop, expected)


def test_margin_crop_of_a_detected_face(detector: Detector, astronaut: RgbImage) -> None:
    (face,) = detector.detect(astronaut)
    expected = extract_face(astronaut, face.box_xyxy.astype(float), 160, 20)
    assert np.array_equal(margin_crop(astronaut, face), expected.permute(1, 2, 0).numpy())


@pytest.mark.parametrize("box", [(600, 10, 700, 90), (10, -200, 90, -100), (50, 50, 50, 90)])
def test_a_face_outside_the_picture_has_no_margin_crop(
    astronaut: RgbImage, box: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match="outside a picture of 512x512"):
        margin_crop(astronaut, boxed(*box), margin=0)
