"""What a model file says of itself, as OpenVINO reads it: its inputs, outputs and weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from common.errors import EngineError
from common.sentence import Sentence
from models.engines.openvino import core


@dataclass(frozen=True)
class Port:
    """An input or an output.

    shape: None for what the file leaves open. numbers: their type, in numpy's words.
    """

    name: str
    shape: tuple[int | None, ...]
    numbers: str

    @property
    def count(self) -> int | None:
        """How many numbers there are for one picture of a batch; None where that is open."""
        count = 1
        for side in self.shape[1:]:
            if side is None:
                return None
            count *= side
        return count if self.shape else None


@dataclass(frozen=True)
class ModelPorts:
    """inputs, outputs: in the file's order.

    not_finite: the name of a tensor of weights in which a number is NaN or infinite; empty where
    all are finite.
    """

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    not_finite: str = ""


def read_ports(model: Path) -> ModelPorts:
    """Read an ONNX or TFLite file. Raises EngineError where OpenVINO cannot read it."""
    try:
        network = core().read_model(str(model))
        return ModelPorts(
            tuple(map(_port, network.inputs)),
            tuple(map(_port, network.outputs)),
            _not_finite(network),
        )
    except (RuntimeError, UnicodeDecodeError) as error:  # the latter at names that are no text
        raise EngineError(
            "a model that OpenVINO can read",
            Sentence("it refused {}: {}", model.name, _last_line(error)),
            "Give another file",
        ) from error


def _port(port: Any) -> Port:
    shape = port.partial_shape
    sides = () if shape.rank.is_dynamic else tuple(shape)
    return Port(
        next(iter(sorted(port.names)), ""),
        tuple(side.get_length() if side.is_static else None for side in sides),
        "float32" if port.element_type.is_dynamic() else port.element_type.to_dtype().name,
    )


def _not_finite(network: Any) -> str:
    for node in network.get_ops():
        if node.get_type_name() == "Constant" and node.get_element_type().is_real():
            values = np.asarray(node.data)
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                return str(node.get_friendly_name())
    return ""


def _last_line(error: Exception) -> str:
    return str(error).strip().splitlines()[-1].strip()
