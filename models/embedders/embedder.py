"""What an embedder must offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from models.embedders.figures import EmbedderFigures
from models.engines.engine import FloatArray
from models.face import Face, Image


class Embedder(Protocol):
    """Turns faces into vectors whose cosine says how alike they are.

    model_id: names the network and its weights; embeddings of two ids never compare.
    dimension: length of an embedding.
    figures: what its similarities mean; whoever judges one takes the number from there.
    """

    model_id: str
    dimension: int
    figures: EmbedderFigures

    def crop(self, image: Image, face: Face) -> Image:
        """What embed() wants to see of a face: (s, s, 3) uint8 RGB."""

    def embed(self, crops: Sequence[Image]) -> FloatArray:
        """(n, dimension) float32, unit rows. The same crop gives the same row, bit by bit,
        whatever the other crops are."""
