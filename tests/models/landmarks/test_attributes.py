from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from common.picture import RgbImage
from models.conversion import weights
from models.detectors.protocol import Detector
from models.landmarks.attributes import FaceAnalyzer
from models.landmarks.face_mesh import FaceMesh
from models.landmarks.iris import IrisLandmarks
from models.landmarks.loading import load_face_analyzer, load_realigner
from tests.models.landmarks.conftest import published


def test_a_portrait_is_told(
    face_mesh: FaceMesh, iris_landmarks: IrisLandmarks, detector: Detector, astronaut: RgbImage
) -> None:
    (face,) = detector.detect(astronaut)
    told = FaceAnalyzer(face_mesh, iris_landmarks).analyze(astronaut, face)
    assert abs(told.angles.yaw_deg) < 10
    assert abs(told.angles.pitch_deg) < 12
    assert told.eye_opening > 0.2
    assert told.presence > 0.99
    without_iris = FaceAnalyzer(face_mesh, None).analyze(astronaut, face)
    assert without_iris.angles == told.angles
    assert without_iris.eye_opening != told.eye_opening > 0.2


def test_what_is_published_is_loaded(
    models_cache: Path, detector: Detector, astronaut: RgbImage
) -> None:
    for network in (weights.FACE_MESH, weights.IRIS):
        published(network)
    analyzer = load_face_analyzer(models_cache / "openvino")
    assert analyzer is not None
    (face,) = detector.detect(astronaut)
    assert analyzer.analyze(astronaut, face).eye_opening > 0.2


def test_without_weights_there_is_no_analyzer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path))
    elsewhere = replace(weights.FACE_MESH, file="nowhere_to_be_found/face_mesh.xml", beside=())
    monkeypatch.setattr(weights, "FACE_MESH", elsewhere)
    assert load_face_analyzer(tmp_path / "openvino") is None
    assert load_realigner(tmp_path / "openvino") is None
