"""The interface of a runtime: it loads a model file and runs it on arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from common.errors import EngineError
from common.sentence import Sentence

Array = NDArray[Any]
FloatArray = NDArray[np.float32]


BATCH_SIZES = (4, 8, 12, 16, 24, 32, 48, 64)
"""The sizes to which batches are filled up; larger ones are filled up to multiples of 64."""


class Network(Protocol):
    """A loaded model. One thread at a time may call it."""

    def __call__(self, *inputs: Array) -> tuple[FloatArray, ...]:
        """Run the model on its inputs, in the order in which the file lists them.

        The outputs come in the file's order. They are valid until the next call.
        Raises EngineError where the device fails.
        """


class Engine(Protocol):
    """A runtime on a device."""

    @property
    def name(self) -> str:
        """Return runtime and device as the setting `device` names them, such as "openvino:CPU"."""

    @property
    def has_eight_bits(self) -> bool:
        """Return whether models of models/conversion/quantize.py run here, and run quicker."""

    def load(self, model: Path, *, rounded: bool = False) -> Network:
        """Compile an ONNX file; OpenVINO's engine reads TFLite files, too.

        Raises EngineError where the device refuses it.

        rounded: whether to compute in bfloat16, with a mantissa of 8 bits, where the device is
        quicker so: SFace then takes 2.2 ms, not 3.7. With the networks that are loaded so,
        `facedesk evaluate` gives the same figures; R-Net is not loaded so, or the mean overlap of
        followed boxes would fall by 0.002.
        """


def check_onnx(model: Path, runtime: str) -> None:
    """Raise EngineError for a TFLite file, which this runtime does not read."""
    if model.suffix == ".tflite":
        raise EngineError(
            Sentence("a model in the format ONNX, which {} reads", runtime),
            Sentence("{} is TFLite, which OpenVINO reads alone", model.name),
            "Set device to openvino:CPU",
        )


class DeferredNetwork:
    """A network that is loaded at its first call, which then raises what Engine.load() raises."""

    def __init__(self, load: Callable[[], Network]) -> None:
        self._load = load

    def __call__(self, *inputs: Array) -> tuple[FloatArray, ...]:
        return self._network(*inputs)

    @cached_property
    def _network(self) -> Network:
        return self._load()


def padded(batch: FloatArray) -> FloatArray:
    """Return a batch (n, ...) with zeros added at its end, so that there are few different n.

    An engine takes milliseconds to prepare for each n that it sees for the first time.
    """
    count = len(batch)
    size = next((size for size in BATCH_SIZES if size >= count), -(-count // 64) * 64)
    filled = np.zeros((size, *batch.shape[1:]), np.float32)
    filled[:count] = batch
    return filled
