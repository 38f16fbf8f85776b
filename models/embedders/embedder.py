"""What an embedder must offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from models.engines.engine import FloatArray
from models.face import Face, Image


class Embedder(Protocol):
    """Turns faces into vectors whose cosine says how alike they are.

    model_id: names the network and its weights; embeddings of two ids never compare.
    dimension: length of an embedding.
    nonmated: mean and standard deviation of the normal law that the upper tail of non-mated
        similarities follows, a probe against an enrolled identity (see gallery/threshold.py).
    nonmated_pairs: the same for one picture against one other.
    """

    model_id: str
    dimension: int
    nonmated: tuple[float, float]
    nonmated_pairs: tuple[float, float]

    def crop(self, image: Image, face: Face) -> Image:
        """What embed() wants to see of a face: (s, s, 3) uint8 RGB."""

    def embed(self, crops: Sequence[Image]) -> FloatArray:
        """(n, dimension) float32, unit rows. The same crop gives the same row, bit by bit,
        whatever the other crops are."""
