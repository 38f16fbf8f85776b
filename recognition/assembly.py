"""Puts detector, embedder and gallery together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gallery.index import Gallery
from gallery.store import Store
from models.detectors.detector import Detector, load_detector
from models.embedders.embedder import Embedder, load_embedder
from models.engines.openvino import OpenVinoEngine
from recognition.recognizer import FPIR, Recognizer


@dataclass(frozen=True)
class Choice:
    """Which models, where they run, and how sure a name must be. The settings say it."""

    detector: str = "mtcnn"
    smallest_face_px: float = 40.0
    embedder: str = "sface"
    embedder_weights: Path | None = None
    device: str = "CPU"
    fpir: float = FPIR


def load_models(choice: Choice, cache: Path) -> tuple[Detector, Embedder]:
    """Raises WeightsError and EngineError. The first time on a machine it converts the models,
    which takes some seconds."""
    engine = OpenVinoEngine(cache / "openvino", choice.device)
    detector = load_detector(choice.detector, engine, cache / "models", choice.smallest_face_px)
    embedder = load_embedder(choice.embedder, engine, cache / "models", choice.embedder_weights)
    return detector, embedder


def load_recognizer(choice: Choice, cache: Path, gallery: Path) -> Recognizer:
    """The recognizer for the gallery in a file, which is made where there is none.

    The caller closes `recognizer.gallery`. Raises GalleryError, too.
    """
    detector, embedder = load_models(choice, cache)
    store = Store(gallery)
    try:
        known = Gallery(store, embedder.model_id, embedder.dimension)
    except BaseException:
        store.close()
        raise
    return Recognizer(detector, embedder, known, choice.fpir)
