"""What a face detector must offer, and how one is loaded by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from models import export, weights
from models.compiled import compiled
from models.engines.engine import Engine, FloatArray
from models.face import Face, Image

DETECTORS = ("mtcnn", "yunet")


class Detector(Protocol):
    """Finds faces. One thread at a time may call it."""

    name: str

    def detect(self, image: Image) -> list[Face]:
        """All faces of an (H, W, 3) uint8 RGB picture, best first."""

    def parts(self, image: Image) -> int:
        """Into how many parts detect_part() cuts the work on pictures of this size."""

    def detect_part(self, image: Image, part: int, boxes: FloatArray) -> list[Face]:
        """What part `part` of a detection finds, and the faces near the given (n, 4) boxes.

        All parts in turn, on the same picture, find what detect() finds: in live video no
        single frame has to wait for all of it.
        """

    def follow(self, image: Image, boxes: FloatArray) -> list[Face]:
        """The faces near the given (n, 4) boxes, for much less time than detect()."""


def load_detector(name: str, engine: Engine, cache: Path, min_face_px: float) -> Detector:
    """The detector of that name (one of DETECTORS), its models converted if need be.

    min_face_px: the smallest face to find, in pixels of the picture. Faces that fill the
    picture or reach its border are looked at twice.
    Raises WeightsError where its weights are missing or damaged.
    """
    from models.detectors.close_up import FACE_SIDE, CloseUpDetector

    if name == "mtcnn":
        from models.detectors.mtcnn import MtcnnDetector

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
        return CloseUpDetector(
            MtcnnDetector(pnet, rnet, onet, min_face_px),
            MtcnnDetector(pnet, rnet, onet, FACE_SIDE / 2),
        )
    if name == "yunet":
        from models.detectors.yunet import YunetDetector

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
