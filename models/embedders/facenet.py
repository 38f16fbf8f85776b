"""FaceNet (Schroff et al. 2015): InceptionResnetV1 as facenet-pytorch publishes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from common.picture import RgbImage
from models.crop import margin_crop
from models.embedders import sface
from models.embedders.embedder import unit_embeddings
from models.engines.engine import FloatArray, Network
from models.face import Face


class FacenetEmbedder:
    """Reads 160x160 margin crops. One thread at a time may call it.

    Its figures are not measured here, where no weights could be had. The non-mated laws are
    wide enough that the threshold comes out near 0.5, on the careful side of the 0.4 that
    facenet-pytorch's users take from LFW; `facedesk evaluate` measures them. All others are
    estimated from these laws and SFace's figures. `facedesk doctor` says so.
    """

    dimension = 512
    figures = sface.FIGURES.estimated_for(nonmated=(0.05, 0.14), nonmated_pairs=(0.05, 0.14))

    def __init__(self, network: Network, model_id: str) -> None:
        self._network = network
        self.model_id = model_id

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        return margin_crop(image, face)

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        return unit_embeddings(self._network, self.dimension, crops, _scaled)

    def embed_thoroughly(self, crops: Sequence[RgbImage]) -> FloatArray:
        """As embed(): what more looks would gain was measured for SFace alone."""
        return self.embed(crops)


def _scaled(crop: RgbImage) -> FloatArray:
    return np.asarray((crop[np.newaxis].astype(np.float32) - 127.5) / 128, np.float32)
