from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.liveness.filmed.animation import blinked, turned
from common.errors import WeightsError
from common.picture import RgbImage
from models.conversion import weights
from models.detectors.protocol import Detector
from models.engines.openvino import OpenVinoEngine
from models.landmarks.face_mesh import DenseLandmarks, FaceMesh
from models.landmarks.head_pose import head_angles
from models.landmarks.openness import eye_openings


@pytest.fixture(scope="module")
def mesh(models_cache: Path) -> FaceMesh:
    try:
        return FaceMesh(
            OpenVinoEngine(models_cache / "openvino").load(weights.locate(weights.FACE_MESH))
        )
    except WeightsError as error:
        pytest.skip(str(error))


def located(mesh: FaceMesh, detector: Detector, image: RgbImage) -> DenseLandmarks:
    return mesh.locate(image, detector.detect(image)[0])


def test_the_eyes_are_seen_to_close(
    mesh: FaceMesh, detector: Detector, astronaut: RgbImage
) -> None:
    points = located(mesh, detector, astronaut)
    before = np.mean(eye_openings(points))
    closed = located(mesh, detector, blinked(astronaut, points.points, 1.0))
    assert np.mean(eye_openings(closed)) < 0.75 * before
    assert blinked(astronaut, points.points, 0.0) is astronaut


def test_the_head_is_seen_to_turn_and_nod(
    mesh: FaceMesh, detector: Detector, astronaut: RgbImage
) -> None:
    points = located(mesh, detector, astronaut)
    height = detector.detect(astronaut)[0].height
    before = head_angles(points)
    for yaw, pitch in ((0.4, 0.0), (-0.4, 0.0), (0.0, 0.3)):
        image = turned(astronaut, points.points, yaw, pitch, height)
        after = head_angles(located(mesh, detector, image))
        by = after.yaw_deg - before.yaw_deg, after.pitch_deg - before.pitch_deg
        wanted = np.degrees([yaw, pitch])
        assert np.dot(by, wanted) > 0.5 * np.dot(wanted, wanted)
        assert np.subtract(by, wanted) == pytest.approx(0, abs=12)
        assert (image[:40, :40] == astronaut[:40, :40]).all(), "what is far away stays"
