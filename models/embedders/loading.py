"""Embedders by their name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from common.errors import GalleryError, WeightsError
from common.sentence import Sentence
from models.conversion import weights
from models.conversion.compiled import ready_source
from models.conversion.facenet import FACENET_FILES, facenet_weights
from models.conversion.preparation import Conversion, Preparation
from models.described.description import ModelDescription
from models.described.installed import (
    InstalledModel,
    installed_model,
    installed_models,
    installed_names,
)
from models.described.presets import PRESETS
from models.embedders.described import DescribedEmbedder, careful_figures
from models.embedders.embedder import Embedder
from models.embedders.figures import EmbedderFigures
from models.embedders.fusion import (
    MOST_PARTS,
    SEPARATOR,
    FusedEmbedder,
    equal_weights,
    estimated_figures,
)
from models.embedders.head import MARK, headed, kept_heads, load_head
from models.embedders.realignment import Realigner
from models.embedders.sface import SfaceEmbedder
from models.engines.engine import Engine

DOWNLOAD_LIMIT_S = 3600.0
"""For 110 MB: on a slow line. The window may be closed meanwhile."""


BUILT_IN = ("sface", *(f"facenet-{data}" for data in FACENET_FILES))
"""The embedders that need not be added; a user's own FaceNet may take the place of one."""


def embedder_names() -> list[str]:
    """Return the names that load_embedder() takes: the built-in ones, and those that were added.

    Each stands there again with every head that was learned for it; see HeadedEmbedder.

    Raises WeightsError where the folder of the added models cannot be read.
    """
    added = (model.description for model in installed_models())
    names = [*BUILT_IN, *(d.name for d in added if d.use == "compares faces")]
    names += [headed(name, head) for base, head in _heads() for name in names if makes(name, base)]
    return list(dict.fromkeys(names))


def check_embedder(name: str) -> None:
    """Raise WeightsError, which names those that there are, where there is no such embedder.

    name: also two or three of them, with + between.
    """
    parts = name.split(SEPARATOR)
    if len(parts) > 1:
        for part in parts:
            check_embedder(part)
        if len(set(parts)) < len(parts) or len(parts) > MOST_PARTS:
            raise WeightsError(
                Sentence("two or three different embedders to be fused"),
                Sentence("{} was given", name),
                "Join their names with +, such as sface+facenet-vggface2",
            )
        return
    names = embedder_names()
    if name in names:
        return
    found = Sentence("{} is none of {}", repr(name), ", ".join(names))
    if _added(name) is not None:
        found = Sentence("the model {} finds faces", name)
    raise WeightsError(
        "the name of an embedder",
        found,
        "facedesk models use NAME sets another one, and facedesk models add FILE adds one",
    )


def load_embedder(
    name: str,
    engine: Engine,
    cache: Path,
    given_weights: Path | None = None,
    preparation: Preparation | None = None,
    load_realigner: Callable[[], Realigner | None] = lambda: None,
) -> Embedder:
    """The embedder of that name, its model converted if need be.

    name: one of embedder_names(), or two or three of them with + between: see FusedEmbedder.
    given_weights: a file for FaceNet, where its download is not possible.
    load_realigner: see SfaceEmbedder.
    Raises WeightsError where there is none of that name, its weights are missing or damaged, and
    what convert() raises.
    """
    if SEPARATOR in name:
        check_embedder(name)
        parts = [
            load_embedder(part, engine, cache, given_weights, preparation, load_realigner)
            for part in name.split(SEPARATOR)
        ]
        return FusedEmbedder(parts)
    base, mark, head = name.partition(MARK)
    if mark:
        kept = load_head(head, weights.weights_folder())
        plain = load_embedder(base, engine, cache, given_weights, preparation, load_realigner)
        return kept.on(plain)
    added = _added(name)
    if added is not None:
        check_embedder(name)
        return DescribedEmbedder(engine.load(added.verified()), added.description)
    preparation = preparation or Preparation()
    models = embedder_models(name, cache, given_weights, preparation)
    (file,) = preparation.convert(cache, models)
    if name == "sface":
        return SfaceEmbedder(engine.load(file, rounded=True), load_realigner)
    source = models[0].source
    described = facenet_description(name, file.name, source)
    return DescribedEmbedder(engine.load(file), described, f"{name}-{source[:8]}")


def makes(name: str, model_id: str) -> bool:
    """Return whether the embedder of that name is the one with that model_id.

    Of FaceNet, whose weights may not be here, the name alone is compared.
    """
    if SEPARATOR in name or SEPARATOR in model_id:
        names, ids = name.split(SEPARATOR), model_id.split(SEPARATOR)
        return len(names) == len(ids) and all(map(makes, names, ids))
    (base, _, head), (base_id, _, head_id) = name.partition(MARK), model_id.partition(MARK)
    if head or head_id:
        return head == head_id and makes(base, base_id)
    added = _added(name)
    if added is not None:
        return added.description.model_id == model_id
    if name == "sface":
        return model_id == SfaceEmbedder.model_id
    return model_id.rpartition("-")[0] == name


def embedder_name(model_id: str) -> str | None:
    """Return the name that load_embedder() takes for the embedder with that model_id.

    None is returned where it is not here (any more). Raises what embedder_names() raises.
    """
    names = embedder_names()
    parts = [
        next((name for name in names if makes(name, part)), None)
        for part in model_id.split(SEPARATOR)
    ]
    known = [part for part in parts if part is not None]
    return SEPARATOR.join(known) if len(known) == len(parts) else None


def figures_of(model_id: str) -> EmbedderFigures:
    """The figures of the embedder with that model_id, which is not loaded for it.

    Raises GalleryError for an id that no embedder here has: a gallery has it from elsewhere.
    """
    if SEPARATOR in model_id:
        parts = [figures_of(part) for part in model_id.split(SEPARATOR)]
        return estimated_figures(parts, equal_weights(len(parts)))
    base_id, mark, head = model_id.partition(MARK)
    if mark:
        kept = load_head(head, weights.weights_folder())
        return figures_of(base_id).estimated_for(kept.nonmated, kept.nonmated_pairs)
    if model_id == SfaceEmbedder.model_id:
        return SfaceEmbedder.figures
    for model in installed_models():
        if model.description.model_id == model_id:
            return careful_figures(model.description)
    name = model_id.rpartition("-")[0]
    if name in BUILT_IN:
        return careful_figures(facenet_description(name, f"{name}.onnx", ""))
    raise GalleryError(
        "a gallery of an embedder that this Facedesk has",
        Sentence("it is of the model {}", model_id),
        "Add that model, update Facedesk, or use the one that made the gallery",
    )


def embedder_models(
    name: str, cache: Path, given_weights: Path | None, preparation: Preparation
) -> tuple[Conversion, ...]:
    """The models that load_embedder() has converted; an added one needs no conversion.

    FaceNet's weights are downloaded where they are neither here nor converted already.

    Raises WeightsError where they cannot be had, or there is no embedder of that name.
    """
    if SEPARATOR in name:
        check_embedder(name)
        return tuple(
            model
            for part in name.split(SEPARATOR)
            for model in embedder_models(part, cache, given_weights, preparation)
        )
    base, mark, _ = name.partition(MARK)
    if mark:
        return embedder_models(base, cache, given_weights, preparation)
    if _added(name) is not None:
        return ()
    check_embedder(name)
    if name == "sface":
        return (Conversion("sface", weights.SFACE.sha256, weights.SFACE),)
    trained_on = name.removeprefix("facenet-")
    state = facenet_weights(trained_on, given_weights)
    if not state.is_file():
        converted_from = ready_source(cache, name)
        if converted_from is not None:
            return (Conversion(name, converted_from, state),)
        with preparation.process() as process:
            process.call("download_weights", trained_on, limit_s=DOWNLOAD_LIMIT_S)
    return (Conversion(name, weights.sha256(state), state),)


def facenet_description(name: str, file: str, source: str) -> ModelDescription:
    """The description of FaceNet as it is converted from facenet-pytorch's weights.

    source: the SHA-256 of these.
    """
    preset = PRESETS[name]
    return ModelDescription(
        name=name,
        use=preset.use,
        family=name,
        file=file,
        sha256=source,
        input_size=preset.input_size,
        layout="NHWC",
        colour=preset.colour,
        mean=preset.mean,
        scale=preset.scale,
        licence=preset.licence,
        crop=preset.crop,
        margin=preset.margin,
        dimension=preset.dimensions[0],
        metric=preset.metric,
    )


def _heads() -> list[tuple[str, str]]:
    """Return the heads that were learned, each with the id of the embedder that it is for."""
    try:
        return kept_heads(weights.weights_folder())
    except WeightsError:  # there is no such folder, and so nothing in it
        return []


def _added(name: str) -> InstalledModel | None:
    """Return the added model of that name, if it is one. Raises what installed_model() raises."""
    return installed_model(name) if name in installed_names() else None
