"""FaceMesh and the iris model; tests that need them are skipped where their weights are not."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from common.errors import WeightsError
from common.picture import RgbImage
from models.conversion import weights
from models.engines.engine import Engine
from models.landmarks.face_mesh import FaceMesh
from models.landmarks.iris import IrisLandmarks


def published(network: weights.PackagedWeights) -> Path:
    try:
        return weights.locate(network)
    except WeightsError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def face_mesh(engine: Engine) -> FaceMesh:
    return FaceMesh(engine.load(published(weights.FACE_MESH)))


@pytest.fixture(scope="session")
def iris_landmarks(engine: Engine) -> IrisLandmarks:
    return IrisLandmarks(engine.load(published(weights.IRIS)))


def film_frames(path: Path, *wanted: int) -> list[RgbImage]:
    """Those frames of a film, (H, W, 3) uint8 RGB, counted from 0."""
    film = cv2.VideoCapture(str(path))
    frames = []
    for index in range(max(wanted) + 1):
        ok, frame = film.read()
        assert ok, f"{path} has no frame {index}"
        if index in wanted:
            frames.append(np.ascontiguousarray(frame[..., ::-1]))
    film.release()
    return frames
