"""Loads the networks that tell a face's attributes."""

from __future__ import annotations

from pathlib import Path

from common.errors import WeightsError
from models.conversion import weights
from models.engines.openvino import OpenVinoEngine
from models.landmarks.attributes import FaceAnalyzer
from models.landmarks.face_mesh import FaceMesh
from models.landmarks.iris import IrisLandmarks


def load_face_analyzer(openvino_cache: Path) -> FaceAnalyzer | None:
    """Load FaceMesh and, where its weights are there, the iris model.

    Both are published in forms that OpenVINO alone reads, and are so small that its CPU does for
    every computer. Returns None where FaceMesh's weights are missing or damaged: what it tells is
    a help that everything works without. Raises EngineError where OpenVINO refuses a network.
    """
    mesh = _published(weights.FACE_MESH)
    if mesh is None:
        return None
    engine = OpenVinoEngine(openvino_cache)
    iris = _published(weights.IRIS)
    return FaceAnalyzer(
        FaceMesh(engine.load(mesh)), IrisLandmarks(engine.load(iris)) if iris else None
    )


def _published(network: weights.PackagedWeights) -> Path | None:
    try:
        return weights.locate(network)
    except WeightsError:
        return None
