"""Makes what Keras 2 wrote readable for Keras 3, and lets it mean the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

_UNREAD = {
    "DepthwiseConv2D": ("groups",),
    "SeparableConv2D": (
        *("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint"),
    ),
}
"""What Keras 2 wrote of these layers, always the same and without a meaning; Keras 3 refuses it."""

_MODELS = ("Functional", "Model", "Sequential")


def is_keras_2(version: str) -> bool:
    """Return whether a version is from before Keras 3."""
    return version.startswith(("1.", "2."))


def modernized(path: Path, folder: Path) -> Path:
    """Write a copy of an .h5 file with a network to a folder; return its path."""
    import h5py

    copy = folder / "modern.h5"
    shutil.copyfile(path, copy)
    with h5py.File(copy, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        _modernize(config)
        file.attrs["model_config"] = json.dumps(config)
    return copy


def set_back_activations(model: Any) -> None:
    """Give a model's layers the hard sigmoid of Keras 2; since Keras 3 it is another function."""
    import keras

    def hard_sigmoid_of_keras_2(x: Any) -> Any:
        return keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)

    for layer in model.layers:
        if isinstance(layer, keras.Model):
            set_back_activations(layer)
        elif getattr(layer, "activation", None) is keras.activations.hard_sigmoid:
            layer.activation = hard_sigmoid_of_keras_2


def _modernize(described: dict[str, Any]) -> None:
    """Change the description of a layer or model, and of those in it."""
    config = described["config"]
    if isinstance(config.get("dtype"), dict):
        config["dtype"] = "float32"  # numbers are computed so in any case
    for word in _UNREAD.get(described["class_name"], ()):
        config.pop(word, None)
    if described["class_name"] not in _MODELS:
        return
    layers = config["layers"]
    for layer in layers:
        _modernize(layer)
    models = {layer.get("name") for layer in layers if layer["class_name"] in _MODELS}
    for key in ("input_layers", "output_layers"):
        _count_from_zero(config.get(key), models)
    for layer in layers:
        _count_from_zero(layer.get("inbound_nodes"), models)


def _count_from_zero(references: Any, models: set[str | None]) -> None:
    """Count calls of models from 0, as Keras 3 does; in Keras 2 the making of one was its first.

    references: lists of (name, call, output), however deep they lie.
    """
    if not isinstance(references, list):
        return
    if len(references) >= 3 and isinstance(references[0], str):
        if references[0] in models and references[1]:
            references[1] -= 1
        return
    for inner in references:
        _count_from_zero(inner, models)
