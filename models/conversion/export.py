"""Gives Facedesk's own networks as ONNX files: folded, with the shapes of all values."""

from __future__ import annotations

from pathlib import Path

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion import weights
from models.conversion.finishing import save_finished
from models.conversion.preparation import Conversion, Preparation
from models.described.installed import installed_model, installed_names
from models.embedders.loading import BUILT_IN, embedder_models

_DETECTORS = {
    "mtcnn-pnet": weights.MTCNN_PNET,
    "mtcnn-rnet": weights.MTCNN_RNET,
    "mtcnn-onet": weights.MTCNN_ONET,
    "yunet": weights.YUNET,
    "centerface": weights.CENTERFACE,
}

_ELSEWHERE = {
    "facemesh": Sentence("OpenVINO's format"),
    "iris": Sentence("TensorFlow Lite's format"),
}
"""Networks whose publishers give no ONNX file, and of which nothing here makes one."""


def export_network(
    name: str, cache: Path, preparation: Preparation, given_weights: Path | None, target: Path
) -> list[str]:
    """Write a network to the file `target`; return a line for each of its inputs and outputs.

    name: one of network_names(), or of a model that was added. given_weights: for FaceNet, see
    load_embedder(). Raises WeightsError for another name, where the weights cannot be had, and for
    an added model that is not ONNX.
    """
    import onnx
    from google.protobuf.message import DecodeError

    source = _source(name, cache, preparation, given_weights)
    try:
        model = onnx.load(str(source))
    except DecodeError as error:
        raise WeightsError(
            Sentence("the model {} to be an ONNX file", name),
            Sentence("{} is of another format", source),
            "Give the file itself away",
        ) from error
    save_finished(model, source, target)
    graph = onnx.load(str(target)).graph
    return [
        f"{'reads' if i < len(graph.input) else 'gives'} {_shown(value)}"
        for i, value in enumerate((*graph.input, *graph.output))
    ]


def network_names() -> list[str]:
    """Return the names of Facedesk's own networks that can be exported."""
    return [*_DETECTORS, *BUILT_IN]


def _source(name: str, cache: Path, preparation: Preparation, given_weights: Path | None) -> Path:
    if name in installed_names():  # it may take the place of a FaceNet
        return installed_model(name).verified()
    if name in _DETECTORS:
        published = _DETECTORS[name]
        models: tuple[Conversion, ...] = (Conversion(name, published.sha256, published),)
    elif name in BUILT_IN:
        models = embedder_models(name, cache, given_weights, preparation)
    else:
        raise _unknown(name)
    (file,) = preparation.convert(cache, models)
    return file


def _unknown(name: str) -> WeightsError:
    if name in _ELSEWHERE:
        return WeightsError(
            Sentence("a network that can be had as ONNX: {}", ", ".join(network_names())),
            Sentence("{} is published in {}", name, _ELSEWHERE[name]),
            "Take its own file: facedesk models list shows where it is",
        )
    found = Sentence("mtcnn is three networks") if name == "mtcnn" else Sentence("{} is none", name)
    return WeightsError(
        Sentence("one of {}, or a model that was added", ", ".join(network_names())),
        found,
        "facedesk models list shows all networks",
    )


def _shown(value: object) -> str:
    sides = value.type.tensor_type.shape.dim  # type: ignore[attr-defined]
    shape = ", ".join(side.dim_param or str(side.dim_value) for side in sides)
    return f"{value.name} ({shape})"  # type: ignore[attr-defined]
