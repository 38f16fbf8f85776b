"""Embedders by their name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from common.errors import GalleryError
from common.sentence import Sentence
from models.conversion import weights
from models.conversion.compiled import ready_source
from models.conversion.facenet import facenet_weights
from models.conversion.preparation import Conversion, Preparation
from models.embedders.embedder import Embedder
from models.embedders.facenet import FacenetEmbedder
from models.embedders.figures import EmbedderFigures
from models.embedders.realignment import Realigner
from models.embedders.sface import SfaceEmbedder
from models.engines.engine import Engine

DOWNLOAD_LIMIT_S = 3600.0
"""For 110 MB: on a slow line. The window may be closed meanwhile."""


def load_embedder(
    name: str,
    engine: Engine,
    cache: Path,
    given_weights: Path | None = None,
    preparation: Preparation | None = None,
    load_realigner: Callable[[], Realigner | None] = lambda: None,
) -> Embedder:
    """The embedder of that name, its model converted if need be.

    name: "sface", "facenet-vggface2" or "facenet-casia-webface".
    given_weights: a file for FaceNet, where its download is not possible.
    load_realigner: see SfaceEmbedder.
    Raises WeightsError where its weights are missing or damaged, and what convert() raises.
    """
    preparation = preparation or Preparation()
    model = embedder_model(name, cache, given_weights, preparation)
    (file,) = preparation.convert(cache, [model])
    if name == "sface":
        return SfaceEmbedder(engine.load(file, rounded=True), load_realigner)
    return FacenetEmbedder(engine.load(file), f"{name}-{model.source[:8]}")


def figures_of(model_id: str) -> EmbedderFigures:
    """The figures of the embedder with that model_id, which is not loaded for it.

    Raises GalleryError for an id that no embedder here has: a gallery has it from elsewhere.
    """
    if model_id == SfaceEmbedder.model_id:
        return SfaceEmbedder.figures
    if model_id.startswith("facenet-"):
        return FacenetEmbedder.figures
    raise GalleryError(
        "a gallery of an embedder that this Facedesk has",
        Sentence("it is of the model {}", model_id),
        "Update Facedesk, or use the one that made the gallery",
    )


def embedder_model(
    name: str, cache: Path, given_weights: Path | None, preparation: Preparation
) -> Conversion:
    """The model that load_embedder() loads.

    FaceNet's weights are downloaded where they are neither here nor converted already.

    Raises WeightsError where they cannot be had.
    """
    if name == "sface":
        return Conversion("sface", weights.SFACE.sha256, weights.SFACE)
    if not name.startswith("facenet-"):
        raise ValueError(f"unknown embedder: {name}")
    trained_on = name.removeprefix("facenet-")
    state = facenet_weights(trained_on, given_weights)
    if not state.is_file():
        converted_from = ready_source(cache, name)
        if converted_from is not None:
            return Conversion(name, converted_from, state)
        with preparation.process() as process:
            process.call("download_weights", trained_on, limit_s=DOWNLOAD_LIMIT_S)
    return Conversion(name, weights.sha256(state), state)
