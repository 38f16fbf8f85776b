"""Detectors by their name."""

from __future__ import annotations

from pathlib import Path

from models import export, quantize, weights
from models.compiled import compiled
from models.detectors.close_up import FACE_SIDE, CloseUpDetector
from models.detectors.detector import Detector
from models.detectors.mtcnn import MtcnnDetector
from models.detectors.yunet import YunetDetector
from models.engines.engine import Engine


def load_detector(name: str, engine: Engine, cache: Path, min_face_px: float) -> Detector:
    """The detector of that name ("mtcnn" or "yunet"), its models converted if need be.

    min_face_px: the smallest face to find, in pixels of the picture. Faces that fill the
    picture or reach its border are looked at twice.
    Raises WeightsError where its weights are missing or damaged.
    """
    if name == "mtcnn":
        builds = (
            ("mtcnn-pnet", weights.MTCNN_PNET, export.export_pnet),
            ("mtcnn-rnet", weights.MTCNN_RNET, export.export_rnet),
            ("mtcnn-onet", weights.MTCNN_ONET, export.export_onet),
        )
        files = []
        for model, source, build in builds:
            weights.locate(source)
            files.append(compiled(cache, model, source.sha256, build))
        pnet, rnet, onet = (engine.load(file) for file in files)
        following = None
        if engine.has_eight_bits:
            following = engine.load(_eight_bit_onet(files[2], cache))
        return CloseUpDetector(
            MtcnnDetector(pnet, rnet, onet, min_face_px, following_onet=following),
            MtcnnDetector(pnet, rnet, onet, FACE_SIDE / 2),
        )
    if name == "yunet":
        published = weights.locate(weights.YUNET)
        file = compiled(
            cache,
            "yunet",
            weights.YUNET.sha256,
            lambda target: export.fold_quantized(published, target),
        )
        network = engine.load(file)
        return CloseUpDetector(
            YunetDetector(network, min_face_px), YunetDetector(network, FACE_SIDE / 2)
        )
    raise ValueError(f"unknown detector: {name}")


def _eight_bit_onet(onet: Path, cache: Path) -> Path:
    source = f"{weights.MTCNN_ONET.sha256} {quantize.ONET_RANGES}"
    return compiled(
        cache,
        "mtcnn-onet-eight-bits",
        source,
        lambda target: quantize.quantize(onet, target, quantize.ONET_RANGES),
    )
