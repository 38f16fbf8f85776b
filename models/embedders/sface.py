"""SFace (Zhong et al. 2021), from OpenCV's model zoo: small, quick, 128 numbers a face."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.crop import aligned_crop
from models.engines.engine import FloatArray, Network
from models.face import Face, Image


class SfaceEmbedder:
    """Reads five-point aligned 112x112 crops. One thread at a time may call it.

    The non-mated figures are of 2,508 probes against identities of five templates, and of
    76,032 pairs, 12 people of Glint360K; `facedesk evaluate` measures them anew.
    """

    model_id = "sface-2021dec-fb143eea"
    dimension = 128
    nonmated = (0.170, 0.074)
    nonmated_pairs = (0.105, 0.082)

    def __init__(self, network: Network) -> None:
        self._network = network

    def crop(self, image: Image, face: Face) -> Image:
        return aligned_crop(image, face)

    def embed(self, crops: Sequence[Image]) -> FloatArray:
        rows = np.empty((len(crops), self.dimension), np.float32)
        for row, crop in zip(rows, crops, strict=True):
            planes = np.ascontiguousarray(crop.transpose(2, 0, 1)[np.newaxis], np.float32)
            row[:] = self._network(planes)[0][0]
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
