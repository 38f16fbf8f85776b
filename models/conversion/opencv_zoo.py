"""Turns OpenCV Zoo's block-quantized networks, SFace and YuNet, into plain ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx


def fold_quantized(source: Path, target: Path) -> None:
    """Turn an ONNX file with block-quantized weights into the same network in plain fp32.

    The sources are OpenCV Zoo's `*_int8bq.onnx`: int8 weights behind DequantizeLinear with a
    block size (opset 21), which few runtimes read, some of them listed as graph inputs too.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(source))
    graph = model.graph
    constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    kept = []
    for node in graph.node:
        operands = [constants[name] for name in node.input if name in constants]
        if len(operands) < len(node.input):
            kept.append(node)
        elif node.op_type == "DequantizeLinear":
            constants[node.output[0]] = _dequantized(node, *operands[:3])
        elif node.op_type == "Reshape":
            constants[node.output[0]] = operands[0].reshape(operands[1])
        else:
            kept.append(node)

    used = {name for node in kept for name in node.input}
    del graph.node[:], graph.initializer[:]
    graph.node.extend(kept)
    graph.initializer.extend(
        numpy_helper.from_array(np.ascontiguousarray(constants[name]), name)
        for name in sorted(used & constants.keys())
    )
    inputs = [value for value in graph.input if value.name not in constants]
    del graph.input[:], graph.value_info[:]
    graph.input.extend(value for value in inputs if value.name in used)
    onnx.save(model, str(target))


def _dequantized(
    node: onnx.NodeProto, quantized: NDArray[Any], scale: NDArray[Any], zero: NDArray[Any]
) -> NDArray[np.float32]:
    """Compute DequantizeLinear of the ONNX specification, opset 21, with its block size."""
    attributes = {a.name: a.i for a in node.attribute}
    axis, block = attributes.get("axis", 1), attributes.get("block_size", 0)

    def spread(parameter: NDArray[Any]) -> NDArray[Any]:
        if not block:
            shape = [-1 if i == axis else 1 for i in range(quantized.ndim)]
            return parameter.reshape(shape) if parameter.ndim == 1 else parameter
        wide = np.repeat(parameter, block, axis=axis)
        return wide.take(range(quantized.shape[axis]), axis=axis)

    values = quantized.astype(np.float32) - spread(zero).astype(np.float32)
    return np.asarray(values * spread(scale), np.float32)
