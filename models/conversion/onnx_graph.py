"""Collects a network's nodes and numbers, and writes them to an ONNX file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import onnx

_OPSET, _IR_VERSION = 20, 10
"""Those of 2024: every runtime that is meant here reads them."""

Axes = list[int | str | None]


class OnnxGraph:
    """A network that is being written. Values are known by their names."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, axes: Axes, dtype: type = np.float32) -> None:
        """Add an input. axes: sizes; free ones have names. None: it follows from the rest."""
        self._inputs.append(_described(name, axes, dtype))

    def output(self, name: str, axes: Axes) -> None:
        """Let a node's value, float32, be an output."""
        self._outputs.append(_described(name, axes, np.float32))

    def node(self, operator: str, inputs: list[str], output: str = "", **attributes: Any) -> str:
        """Add an operator with one output; return the output's name."""
        from onnx import helper

        output = output or f"{operator.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, name: str, value: Any) -> str:
        """Add numbers under that name, unless they are there; return the name."""
        from onnx import numpy_helper

        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.asarray(value), name)
        return name

    def planes(self, x: str) -> str:
        """Channels first; the program's pictures have them last."""
        return self.node("Transpose", [x], perm=[0, 3, 1, 2])

    def model(self, name: str) -> onnx.ModelProto:
        from onnx import helper

        constants = list(self._constants.values())
        graph = helper.make_graph(self._nodes, name, self._inputs, self._outputs, constants)
        opset = [helper.make_opsetid("", _OPSET)]
        return helper.make_model(graph, opset_imports=opset, ir_version=_IR_VERSION)

    def save(self, target: Path) -> None:
        import onnx

        onnx.save(self.model(target.stem), str(target))


def _described(name: str, axes: Axes, dtype: type) -> onnx.ValueInfoProto:
    from onnx import helper

    return helper.make_tensor_value_info(
        name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), axes
    )
