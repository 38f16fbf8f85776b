"""What a runtime must offer: load a model file, run it on arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
FloatArray = NDArray[np.float32]


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
        """Runtime and device, as the setting `device` names them: "openvino:CPU"."""

    @property
    def has_eight_bits(self) -> bool:
        """Whether models of models/quantize.py run here, and are the quicker ones."""

    def load(self, model: Path) -> Network:
        """Compile an ONNX file. Raises EngineError where the device refuses it."""


def padded(batch: FloatArray, step: int) -> FloatArray:
    """(n, ...) with zeros behind, so that n is a multiple of `step`: an engine prepares anew for
    each number that it sees."""
    filled = np.zeros((-(-len(batch) // step) * step, *batch.shape[1:]), np.float32)
    filled[: len(batch)] = batch
    return filled
