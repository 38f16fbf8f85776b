"""Loads a network of Keras, runs it, and writes it as an ONNX file.

This is called in PyTorch's own process (models/torch_process/tasks.py): no window is there, what
Keras writes goes to a temporary folder, and the process ends with the program. Keras runs on
OpenVINO there, which is installed in any case.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from common.errors import WeightsError
from common.extras import needing
from common.sentence import Sentence
from models.conversion.finishing import save_finished
from models.conversion.foreign.channels_last import ChannelsLastGraph, Value
from models.conversion.foreign.keras_2 import is_keras_2, modernized, set_back_activations
from models.conversion.foreign.keras_file import KerasFile, look_at, wrong
from models.conversion.foreign.keras_layers import UnsupportedLayerError, write_layer
from models.engines.engine import FloatArray
from models.engines.openvino import openvino_package


@dataclass(frozen=True)
class PictureSize:
    """What a network reads, pixels."""

    width: int
    height: int


class KerasNetwork:
    """A network that Keras has loaded from a file.

    preset: names the network whose numbers the file holds, where it holds numbers alone.
    Raises WeightsError where Keras is not installed, the file is no file of Keras or is damaged,
    and for a network that is not converted here.
    """

    def __init__(self, path: Path, preset: str | None = None) -> None:
        self._path = path
        _import_keras()
        file = look_at(path)
        model = _loaded(path, file) if file.has_network else _with_numbers(path, preset)
        self._model, self.size = _functional(path, model)

    def __call__(self, pictures: FloatArray) -> FloatArray:
        """Return the vectors (n, dimension) of pictures (n, height, width, 3)."""
        import keras

        # Not predict(), which rounds to bfloat16 where the CPU has it.
        given = keras.ops.convert_to_numpy(self._model(pictures, training=False))
        return np.asarray(given, np.float32).reshape(len(pictures), -1)

    def write(self, target: Path) -> None:
        """Write the network: (n, height, width, 3) float32 to (n, dimension) float32.


        Raises WeightsError for a layer that cannot be written, and numbers that are none.
        """
        graph = ChannelsLastGraph()
        picture = graph.picture("pictures", self.size.width, self.size.height)
        self._check_numbers()
        try:
            result = _written(graph, self._model, picture)
        except UnsupportedLayerError as error:
            found = Sentence("it has {}, which is not converted here", error)
            raise wrong(self._path, found) from error
        graph.vectors(result, "embedding")
        save_finished(graph.model(target.stem), self._path, target)

    def _check_numbers(self) -> None:
        import keras

        for variable in self._model.weights:
            if not np.isfinite(keras.ops.convert_to_numpy(variable)).all():
                found = Sentence("not everything in its {} is a number", variable.path)
                raise wrong(self._path, found)


def _import_keras() -> None:
    # Keras writes a file of settings to its folder as soon as it is imported.
    os.environ["KERAS_HOME"] = tempfile.gettempdir()
    os.environ["KERAS_BACKEND"] = "openvino"
    openvino_package()  # Keras would import it with what reports its use
    # It warns of what Keras 2 has written; nobody here can mend it.
    warnings.simplefilter("ignore")
    with needing("convert", Sentence("which reads the networks of Keras"), WeightsError):
        import h5py  # noqa: F401
        import keras  # noqa: F401
        import scipy  # noqa: F401


def _loaded(path: Path, file: KerasFile) -> Any:
    import keras

    is_old = is_keras_2(file.version)
    if file.is_archive and is_old:
        raise WeightsError(
            Sentence("a network that Keras has saved, in {}", path),
            Sentence("Keras {} wrote it as .keras, which Keras 3 cannot read", file.version),
            "Save it there as .h5: model.save('name.h5')",
        )
    try:
        with tempfile.TemporaryDirectory() as folder:
            readable = modernized(path, Path(folder)) if is_old else path
            model = keras.models.load_model(readable, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever comes up in it
        found = Sentence("Keras cannot read it ({})", _first_line(error))
        raise wrong(path, found) from error
    if is_old:
        set_back_activations(model)
    _compute_precisely(model)
    return model


def _compute_precisely(model: Any) -> None:
    """Let a network that was trained in half precision be computed in float32, as ONNX will be."""
    import keras

    for layer in model.layers:
        layer.dtype_policy = keras.DTypePolicy("float32")
        if isinstance(layer, keras.Model):
            _compute_precisely(layer)


def _with_numbers(path: Path, preset: str | None) -> Any:
    if preset != "vgg-face":
        raise WeightsError(
            Sentence("a network that Keras has saved, in {}", path),
            "it holds numbers alone, and not the network that they belong to",
            "Say --as vgg-face if it is deepface's vgg_face_weights.h5; otherwise save the whole "
            "network where it was made: model.save('name.keras')",
        )
    from models.conversion.foreign.vgg_face import vgg_face

    whole, embedding = vgg_face()
    try:
        whole.load_weights(path)
    except Exception as error:
        found = Sentence("these are not VGG-Face's numbers ({})", _first_line(error))
        raise wrong(path, found) from error
    return embedding


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _functional(path: Path, model: Any) -> tuple[Any, PictureSize]:
    """Return the network from its one picture to its one vector, and the picture's size."""
    import keras

    if not getattr(model, "inputs", None) or len(model.inputs) != 1 or len(model.outputs) != 1:
        raise wrong(path, Sentence("it does not read one picture and give one vector"))
    shape = model.inputs[0].shape
    if len(shape) != 4 or shape[3] != 3 or not shape[1] or not shape[2]:
        raise wrong(path, Sentence("it reads {}, not pictures of one size", tuple(shape)))
    return keras.Model(model.inputs[0], model.outputs[0]), PictureSize(shape[2], shape[1])


def _written(graph: ChannelsLastGraph, model: Any, x: Value) -> Value:
    """Write a model, which reads x; return what it gives."""
    import keras

    inner = keras.Model(model.inputs[0], model.outputs[0])
    source = keras.Input(batch_shape=model.inputs[0].shape)
    values = {id(source): x}
    kept = [source]  # an id may only be had once

    def call(layer: Any, *arguments: Any, **options: Any) -> Any:
        given = layer(*arguments, **options)
        inputs = [values[id(each)] for each in keras.tree.flatten(arguments)]
        (output,) = keras.tree.flatten(given)  # a model in a model may give a list of one
        if isinstance(layer, keras.Model):
            values[id(output)] = _written(graph, layer, *inputs)
        else:
            values[id(output)] = write_layer(graph, layer, inputs)
        kept.append(output)
        return given

    copied = keras.models.clone_model(
        inner, input_tensors=source, clone_function=lambda layer: layer, call_function=call
    )
    return values[id(copied.outputs[0])]
