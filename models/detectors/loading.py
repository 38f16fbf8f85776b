"""Detectors by their name."""

from __future__ import annotations

import tempfile
from pathlib import Path

from models import export, quantize, weights
from models.compiled import compiled
from models.detectors.close_up import FACE_SIDE, CloseUpDetector
from models.detectors.detector import Detector
from models.detectors.mtcnn import LiveNetworks, MtcnnDetector
from models.detectors.proposals import QuickPNet
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
        live = _live_networks(engine, files[1], files[2], cache) if engine.has_eight_bits else None
        return CloseUpDetector(
            MtcnnDetector(pnet, rnet, onet, min_face_px, live=live),
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


def _live_networks(engine: Engine, rnet: Path, onet: Path, cache: Path) -> LiveNetworks:
    def sketch_pnet(target: Path) -> None:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            full = Path(folder) / target.name
            export.export_sketch_pnet(full)
            quantize.quantize(full, target, quantize.SKETCH_PNET_RANGES)

    def following_onet(target: Path) -> None:
        quantize.quantize(onet, target, quantize.ONET_RANGES)

    pnet, onet_source = weights.MTCNN_PNET.sha256, weights.MTCNN_ONET.sha256
    builds = (
        ("mtcnn-pnet-sketch", f"{pnet} {quantize.SKETCH_PNET_RANGES}", sketch_pnet),
        ("mtcnn-pnet-patch", pnet, export.export_patch_pnet),
        ("mtcnn-onet-eight-bits", f"{onet_source} {quantize.ONET_RANGES}", following_onet),
    )
    sketch, patch, following = (
        compiled(cache, model, source, build) for model, source, build in builds
    )
    return LiveNetworks(
        QuickPNet(engine.load(sketch, rounded=True), engine.load(patch)),
        engine.load(onet, rounded=True),
        engine.load(rnet),
        engine.load(following),
    )
