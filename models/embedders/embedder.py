"""What an embedder must offer, and how a face is embedded with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from common.errors import EngineError
from common.picture import RgbImage
from common.sentence import Sentence
from models.embedders.figures import EmbedderFigures
from models.engines.engine import Array, FloatArray, Network
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
    """Run the network as raw_embeddings() does: (n, dimension) float32, unit rows."""
    rows = raw_embeddings(network, dimension, crops, prepared)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def raw_embeddings(
    network: Network,
    dimension: int,
    crops: Sequence[RgbImage],
    prepared: Callable[[RgbImage], Array],
    output: int = 0,
) -> FloatArray:
    """Run the network on one crop after another: (n, dimension) float32, as it gives them.

    In a batch a crop's row would depend on the others. prepared: makes the network's input, a batch
    whose first picture is the crop. output: which one is read.
    Raises EngineError where it is not there, or has another length.
    """
    rows = np.empty((len(crops), dimension), np.float32)
    for row, crop in zip(rows, crops, strict=True):
        outputs = network(prepared(crop))
        found = outputs[output][0].ravel() if output < len(outputs) else outputs[0][:0]
        if len(found) != dimension:
            raise EngineError(
                Sentence("a model that gives {} numbers for a face", dimension),
                Sentence("it gives {}", len(found)),
                "Correct its description, or add it again",
            )
        row[:] = found
    return rows


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
