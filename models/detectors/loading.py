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
from models.engines.engine import DeferredNetwork, Engine


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
    """Return the models that load_detector() loads on that engine, in that order."""
    if name == "yunet":
        return (_conversion("yunet", weights.YUNET),)
    if name != "mtcnn":
        raise ValueError(f"unknown detector: {name}")
    exact = (
        _conversion("mtcnn-pnet", weights.MTCNN_PNET),
        _conversion("mtcnn-rnet", weights.MTCNN_RNET),
        _conversion("mtcnn-onet", weights.MTCNN_ONET),
    )
    live = (
        _conversion("mtcnn-pnet-sketch", weights.MTCNN_PNET, quantize.SKETCH_PNET_RANGES),
        _conversion("mtcnn-pnet-patch", weights.MTCNN_PNET),
        _conversion("mtcnn-onet-eight-bits", weights.MTCNN_ONET, quantize.ONET_RANGES),
    )
    return exact + live if engine.has_eight_bits else exact


def _conversion(name: str, published: weights.PackagedWeights, ranges: object = None) -> Conversion:
    source = published.sha256 if ranges is None else f"{published.sha256} {ranges}"
    return Conversion(name, source, published)


def _live_networks(
    engine: Engine, rnet: Path, onet: Path, sketch: Path, patch: Path, following: Path
) -> LiveNetworks:
    def deferred(file: Path, *, rounded: bool = False) -> DeferredNetwork:
        # Whoever looks at still pictures alone does not wait for them.
        return DeferredNetwork(lambda: engine.load(file, rounded=rounded))

    return LiveNetworks(
        QuickPNet(deferred(sketch, rounded=True), deferred(patch)),
        deferred(onet, rounded=True),
        deferred(rnet),
        deferred(following),
    )
