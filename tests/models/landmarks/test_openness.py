from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.detectors.protocol import Detector
from models.landmarks.face_mesh import POINTS, DenseLandmarks, FaceMesh
from models.landmarks.iris import IrisLandmarks
from models.landmarks.openness import eye_openings, mouth_opening
from tests.models.landmarks.conftest import film_frames

OPEN_AND_CLOSED = [("A-no.mkv", 1, 55), ("A-brother.mkv", 5, 45), ("C-walk.mkv", 2, 83)]
"""Films, a frame with open eyes, and one in a blink."""


def drawn(**gaps: float) -> DenseLandmarks:
    """Eyes and mouth 20 wide, with those gaps."""
    points = np.zeros((POINTS, 3), np.float32)
    for name, corners, pairs in (
        ("left", (33, 133), ((160, 144), (159, 145), (158, 153))),
        ("right", (362, 263), ((385, 380), (386, 374), (387, 373))),
        ("mouth", (78, 308), ((82, 87), (13, 14), (312, 317))),
    ):
        points[corners[1], 0] = 20
        for above, below in pairs:
            points[below, 1] = gaps[name]
            points[above, 0] = points[below, 0] = 10
    return DenseLandmarks(points, 1.0)


def test_a_gap_is_counted_in_widths() -> None:
    landmarks = drawn(left=6, right=0, mouth=5)
    assert eye_openings(landmarks) == pytest.approx((0.3, 0.0))
    assert mouth_opening(landmarks) == pytest.approx(0.25)


@pytest.mark.parametrize(("film", "opened", "closed"), OPEN_AND_CLOSED)
def test_a_blink_is_seen(
    face_mesh: FaceMesh,
    iris_landmarks: IrisLandmarks,
    detector: Detector,
    shared_data: Path,
    film: str,
    opened: int,
    closed: int,
) -> None:
    by_mesh, by_iris = [], []
    for picture in film_frames(shared_data / "video" / "webcam" / film, opened, closed):
        face = max(detector.detect(picture), key=lambda found: found.height)
        landmarks = face_mesh.locate(picture, face)
        by_mesh.append(np.mean(eye_openings(landmarks)))
        by_iris.append(np.mean(iris_landmarks.eye_openings(picture, landmarks)))
    assert by_mesh[1] < 0.8 * by_mesh[0]
    assert by_iris[1] < 0.7 * by_iris[0]
    assert by_iris[1] < 0.18


def test_the_eyes_keep_their_sides_in_a_mirror_picture(
    face_mesh: FaceMesh, iris_landmarks: IrisLandmarks, detector: Detector, shared_data: Path
) -> None:
    """One eye is nearly closed, the other one is not."""
    (picture,) = film_frames(shared_data / "video" / "webcam" / "A-no.mkv", 55)
    told = []
    for image in (picture, np.ascontiguousarray(picture[:, ::-1])):
        face = max(detector.detect(image), key=lambda found: found.height)
        told.append(iris_landmarks.eye_openings(image, face_mesh.locate(image, face)))
    assert told[0][0] < 0.7 * told[0][1]
    assert told[1][1] < 0.7 * told[1][0]
