"""Embedders by their name."""

from __future__ import annotations

from pathlib import Path

from models import export, weights
from models.compiled import compiled
from models.embedders.embedder import Embedder
from models.embedders.facenet import FacenetEmbedder
from models.embedders.sface import SfaceEmbedder
from models.engines.engine import Engine


def load_embedder(
    name: str, engine: Engine, cache: Path, given_weights: Path | None = None
) -> Embedder:
    """The embedder of that name, its model converted if need be.

    name: "sface", "facenet-vggface2" or "facenet-casia-webface".
    given_weights: a file for FaceNet, where its download is not possible.
    Raises WeightsError where its weights are missing or damaged.
    """
    if name == "sface":
        published = weights.locate(weights.SFACE)
        file = compiled(
            cache,
            "sface",
            weights.SFACE.sha256,
            lambda target: export.fold_quantized(published, target),
        )
        return SfaceEmbedder(engine.load(file, rounded=True))
    if name.startswith("facenet-"):
        trained_on = name.removeprefix("facenet-")
        state = weights.facenet_weights(trained_on, given_weights)
        digest = weights.sha256(state)
        file = compiled(cache, name, digest, lambda target: export.export_facenet(state, target))
        return FacenetEmbedder(engine.load(file), f"{name}-{digest[:8]}")
    raise ValueError(f"unknown embedder: {name}")
