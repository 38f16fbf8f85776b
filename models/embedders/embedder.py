"""What an embedder must offer, and how one is loaded by its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from models import export, weights
from models.compiled import compiled
from models.engines.engine import Engine, FloatArray
from models.face import Face, Image

EMBEDDERS = ("sface", "facenet-vggface2", "facenet-casia-webface")


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


def load_embedder(
    name: str, engine: Engine, cache: Path, given_weights: Path | None = None
) -> Embedder:
    """The embedder of that name (one of EMBEDDERS), its model converted if need be.

    given_weights: a file for FaceNet, where its download is not possible.
    Raises WeightsError where its weights are missing or damaged.
    """
    if name == "sface":
        from models.embedders.sface import SfaceEmbedder

        published = weights.locate(weights.SFACE)
        file = compiled(
            cache,
            "sface",
            weights.SFACE.sha256,
            lambda target: export.fold_quantized(published, target),
        )
        return SfaceEmbedder(engine.load(file))
    if name.startswith("facenet-"):
        from models.embedders.facenet import FacenetEmbedder

        trained_on = name.removeprefix("facenet-")
        state = weights.facenet_weights(trained_on, given_weights)
        digest = weights.sha256(state)
        file = compiled(cache, name, digest, lambda target: export.export_facenet(state, target))
        return FacenetEmbedder(engine.load(file), f"{name}-{digest[:8]}")
    raise ValueError(f"unknown embedder: {name}")
