"""Loads FaceMesh and the iris model, for what tells a face's attributes or aligns it."""

from __future__ import annotations

from pathlib import Path

from common.errors import EngineError, WeightsError
from models.conversion import weights
from models.embedders.realignment import Realigner
from models.engines.engine import Network
from models.engines.openvino import OpenVinoEngine
from models.landmarks.attributes import FaceAnalyzer
from models.landmarks.face_mesh import FaceMesh
from models.landmarks.iris import IrisLandmarks


def load_realigner(openvino_cache: Path, threads: int | None = None) -> Realigner | None:
    """Load FaceMesh to align faces. Returns None where load_face_analyzer() does.

    threads: see OpenVinoEngine.
    """
    mesh = _network(weights.FACE_MESH, openvino_cache, threads)
    return Realigner(FaceMesh(mesh)) if mesh is not None else None


def load_face_mesh(openvino_cache: Path) -> FaceMesh | None:
    """Load FaceMesh alone. Returns None where load_face_analyzer() does."""
    mesh = _network(weights.FACE_MESH, openvino_cache)
    return FaceMesh(mesh) if mesh is not None else None


def load_face_analyzer(openvino_cache: Path) -> FaceAnalyzer | None:
    """Load FaceMesh and, where its weights are there, the iris model.

    Both are published in forms that OpenVINO alone reads, and are so small that its CPU does for
    every computer. Returns None where FaceMesh's weights are missing or damaged, or OpenVINO
    refuses it: what it tells is a help that everything works without.
    """
    mesh = _network(weights.FACE_MESH, openvino_cache)
    if mesh is None:
        return None
    iris = _network(weights.IRIS, openvino_cache)
    return FaceAnalyzer(FaceMesh(mesh), IrisLandmarks(iris) if iris is not None else None)


def _network(
    published: weights.PackagedWeights, openvino_cache: Path, threads: int | None = None
) -> Network | None:
    try:
        return OpenVinoEngine(openvino_cache, threads=threads).load(weights.locate(published))
    except (WeightsError, EngineError):
        return None
