from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from bench.liveness.heads import HEAD, Camera, Points, turns
from models.face import Face
from recognition.liveness.observation import Observation

Look = Callable[..., Face]


def seen(points: Points, yaw: float = 0.0, pitch: float = 0.0, z: float = 12.0) -> Points:
    """(5, 2) pixels of points turned by degrees, 640x480, without any noise."""
    angles = (np.radians([angle]) for angle in (yaw, pitch, 0.0))
    return Camera().see(points @ turns(*angles)[0].T + np.array([0, 0, z]))


@pytest.fixture
def head() -> Points:
    """A nose of the mean depth that MTCNN sees."""
    points = HEAD.copy()
    points[2, 2] = -0.43
    return points


@pytest.fixture
def flat_head(head: Points) -> Points:
    return head * np.array([1, 1, 0])


@pytest.fixture
def still_image() -> np.ndarray:
    return np.random.default_rng(0).integers(40, 200, (480, 640, 3), dtype=np.uint8)


@pytest.fixture
def face() -> Callable[[Points], Face]:
    """face(landmarks): with a box around them, as large as MTCNN's."""

    def face(landmarks: Points) -> Face:
        middle = landmarks[[0, 1, 3, 4]].mean(axis=0)
        half = np.array([55, 70])
        box = np.concatenate([middle - half, middle + half]).astype(np.float32)
        return Face(box, 0.99, landmarks.astype(np.float32))

    return face


@pytest.fixture
def observe(face: Callable[[Points], Face], still_image: np.ndarray) -> Callable[..., Observation]:
    """observe(at, landmarks, similarity=..., track_id=...)."""

    def observe(
        at: float, landmarks: Points, similarity: float | None = 0.7, track_id: int = 1
    ) -> Observation:
        return Observation(at, track_id, face(landmarks), still_image, similarity)

    return observe
