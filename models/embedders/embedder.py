"""What an embedder must offer, and how a face is embedded with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from common.picture import RgbImage
from models.embedders.figures import EmbedderFigures
from models.engines.engine import FloatArray, Network
from models.face import Face


class Embedder(Protocol):
    """Turns faces into vectors whose cosine says how alike they are.

    model_id: names the network and its weights; embeddings of two ids never compare.
    dimension: length of an embedding.
    figures: what its similarities mean; whoever judges one takes the number from there.
    """

    model_id: str
    dimension: int
    figures: EmbedderFigures

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        """What embed() wants to see of a face: (s, s, 3) uint8 RGB."""

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        """(n, dimension) float32, unit rows. The same crop gives the same row, bit by bit,
        whatever the other crops are."""

    def embed_thoroughly(self, crops: Sequence[RgbImage]) -> FloatArray:
        """As embed(), with more looks at each crop where they help: for still pictures and
        enrollment, where the time does not matter. Its rows and embed()'s compare."""


def unit_embeddings(
    network: Network,
    dimension: int,
    crops: Sequence[RgbImage],
    prepared: Callable[[RgbImage], FloatArray],
) -> FloatArray:
    """Run the network on one crop after another: (n, dimension) float32, unit rows.

    In a batch a crop's row would depend on the others. prepared: makes the network's input, a batch
    of one, of a crop.
    """
    rows = np.empty((len(crops), dimension), np.float32)
    for row, crop in zip(rows, crops, strict=True):
        row[:] = network(prepared(crop))[0][0]
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


class EmbeddedFace(NamedTuple):
    """What an embedder makes of one face of a picture.

    crop: (s, s, 3) uint8 RGB, what it saw. embedding: (dimension,) float32, unit length.
    """

    crop: RgbImage
    embedding: FloatArray


def embed_face(
    embedder: Embedder, image: RgbImage, face: Face, *, thoroughly: bool = False
) -> EmbeddedFace:
    """Cut a face out of an (H, W, 3) uint8 RGB picture and embed it. Raises what crop() raises.

    thoroughly: whether by embed_thoroughly().
    """
    crop = embedder.crop(image, face)
    embed = embedder.embed_thoroughly if thoroughly else embedder.embed
    return EmbeddedFace(crop, embed([crop])[0])
