from __future__ import annotations

import cv2
import numpy as np
import pytest

from common.picture import RgbImage
from models.detectors.protocol import Detector
from models.face import Face
from models.landmarks.face_mesh import DenseLandmarks, FaceMesh

EYES_AND_MOUTH = ((33, 133), (362, 263), (61, 61), (291, 291))
"""FaceMesh's points whose means are the detector's eyes and corners of the mouth."""


def five_like(landmarks: DenseLandmarks) -> np.ndarray:
    return np.stack([landmarks.points[list(ends), :2].mean(axis=0) for ends in EYES_AND_MOUTH])


def eye_distance(face: Face) -> float:
    return float(np.hypot(*(face.landmarks[1] - face.landmarks[0])))


@pytest.mark.parametrize("degrees", [-25, 0, 25])
@pytest.mark.parametrize("scale", [0.4, 1.0])
def test_points_lie_where_the_detector_sees_eyes_and_mouth(
    face_mesh: FaceMesh, detector: Detector, astronaut: RgbImage, degrees: float, scale: float
) -> None:
    turned = cv2.getRotationMatrix2D((224, 112), degrees, scale)
    picture = np.asarray(cv2.warpAffine(astronaut, turned, (512, 512)), np.uint8)
    face = max(detector.detect(picture), key=lambda found: found.score)
    landmarks = face_mesh.locate(picture, face)
    assert landmarks.points.shape == (468, 3)
    assert landmarks.points.dtype == np.float32
    assert landmarks.presence > 0.99
    off = np.linalg.norm(five_like(landmarks) - face.landmarks[[0, 1, 3, 4]], axis=1)
    assert off.max() < 0.15 * eye_distance(face)


def test_the_nose_is_nearer_than_the_cheeks_by_a_part_of_the_face(
    face_mesh: FaceMesh, detector: Detector, astronaut: RgbImage
) -> None:
    (face,) = detector.detect(astronaut)
    depth = face_mesh.locate(astronaut, face).points[:, 2]
    assert 0.5 < (depth[[234, 454]].mean() - depth[1]) / eye_distance(face) < 3


def test_a_wall_is_no_face(face_mesh: FaceMesh, detector: Detector, astronaut: RgbImage) -> None:
    (face,) = detector.detect(astronaut)
    wall = np.full_like(astronaut, 128)
    assert face_mesh.locate(wall, face).presence < 0.5


def test_a_box_at_the_border_still_gives_points(
    face_mesh: FaceMesh, detector: Detector, astronaut: RgbImage
) -> None:
    (face,) = detector.detect(astronaut)
    x1, y1, x2, y2 = face.box_xyxy.astype(int)
    tight = np.ascontiguousarray(astronaut[y1:y2, x1:x2])
    corner = np.array([x1, y1], np.float32)
    moved = Face(face.box_xyxy - np.tile(corner, 2), face.score, face.landmarks - corner)
    inside = face_mesh.locate(tight, moved).points[:, :2] + corner
    whole = face_mesh.locate(astronaut, face).points[:, :2]
    assert np.linalg.norm(inside - whole, axis=1).mean() < 0.1 * eye_distance(face)
