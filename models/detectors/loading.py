"""Loads detectors by their names."""

from __future__ import annotations

from pathlib import Path

from models.conversion import quantize, weights
from models.conversion.preparation import Conversion, Preparation
from models.detectors.close_up import FACE_SIDE, CloseUpDetector
from models.detectors.mtcnn.detector import LiveNetworks, MtcnnDetector
from models.detectors.mtcnn.proposals import QuickPNet
from models.detectors.protocol import Detector
from models.detectors.yunet import YunetDetector
from models.engines.engine import Engine


def load_detector(
    name: str,
    engine: Engine,
    cache: Path,
    min_face_px: float,
    preparation: Preparation | None = None,
) -> Detector:
    """Load the detector of that name ("mtcnn" or "yunet"); convert its models if need be.

    min_face_px: the smallest face to find, in pixels of the picture. Faces that fill the
    picture or reach its border are looked at twice.
    Raises WeightsError where its weights are missing or damaged, and what convert() raises.
    """
    models = detector_models(name, engine)
    files = (preparation or Preparation()).convert(cache, models)
    if name == "yunet":
        network = engine.load(files[0])
        return CloseUpDetector(
            YunetDetector(network, min_face_px), YunetDetector(network, FACE_SIDE / 2)
        )
    pnet, rnet, onet = (engine.load(file) for file in files[:3])
    live = _live_networks(engine, *files[1:]) if engine.has_eight_bits else None
    return CloseUpDetector(
        MtcnnDetector(pnet, rnet, onet, min_face_px, live=live),
        MtcnnDetector(pnet, rnet, onet, FACE_SIDE / 2),
    )


def detector_models(name: str, engine: Engine) -> tuple[Conversion, ...]:
    """Return the models that load_detector() loads on that engine, in that order.

    Raises WeightsError where their weights are missing or damaged.
    """
    if name == "yunet":
        published = weights.locate(weights.YUNET)
        return (Conversion("yunet", weights.YUNET.sha256, published),)
    if name != "mtcnn":
        raise ValueError(f"unknown detector: {name}")
    sources = weights.MTCNN_PNET, weights.MTCNN_RNET, weights.MTCNN_ONET
    for source in sources:
        weights.locate(source)
    pnet, rnet, onet = (source.sha256 for source in sources)
    exact = (
        Conversion("mtcnn-pnet", pnet),
        Conversion("mtcnn-rnet", rnet),
        Conversion("mtcnn-onet", onet),
    )
    live = (
        Conversion("mtcnn-pnet-sketch", f"{pnet} {quantize.SKETCH_PNET_RANGES}"),
        Conversion("mtcnn-pnet-patch", pnet),
        Conversion("mtcnn-onet-eight-bits", f"{onet} {quantize.ONET_RANGES}"),
    )
    return exact + live if engine.has_eight_bits else exact


def _live_networks(
    engine: Engine, rnet: Path, onet: Path, sketch: Path, patch: Path, following: Path
) -> LiveNetworks:
    return LiveNetworks(
        QuickPNet(engine.load(sketch, rounded=True), engine.load(patch)),
        engine.load(onet, rounded=True),
        engine.load(rnet),
        engine.load(following),
    )
