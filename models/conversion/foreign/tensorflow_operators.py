"""TensorFlow's operators in ONNX: what frozen graphs of FaceNet and its like contain.

Each function writes one node and returns its first output. What a node's attributes ask for beyond
that is refused with UnsupportedOperatorError.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from models.conversion.foreign.channels_last import ChannelsLastGraph, Operand, Value
from models.conversion.foreign.frozen_graph import GraphNode
from models.engines.engine import Array

Writer = Callable[[ChannelsLastGraph, GraphNode, Sequence[Operand]], Operand]


class UnsupportedOperatorError(Exception):
    """A node asks for something that is not written here. Its text says what."""


def _value(graph: ChannelsLastGraph, operand: Operand) -> Value:
    return operand if isinstance(operand, Value) else graph.value_of(operand)


def _numbers(node: GraphNode, operand: Operand) -> Array:
    if isinstance(operand, Value):
        raise UnsupportedOperatorError(f"{node.operator} whose numbers are computed")
    return operand


def _axes(node: GraphNode, operand: Operand) -> list[int]:
    return [int(axis) for axis in _numbers(node, operand).reshape(-1)]


def _spatial(node: GraphNode, name: str) -> tuple[int, int]:
    if node.text("data_format", "NHWC") != "NHWC":
        raise UnsupportedOperatorError(f"{node.operator} with channels first")
    _, height, width, _ = node.ints(name, (1, 1, 1, 1))
    return height, width


def _padding(node: GraphNode) -> str:
    padding = node.text("padding").lower()
    if padding not in ("same", "valid"):
        raise UnsupportedOperatorError(f"{node.operator} with the padding {padding}")
    return padding


def _convolution(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Value:
    x, kernel = _value(graph, inputs[0]), _numbers(node, inputs[1])
    write = graph.depthwise if node.operator.startswith("Depthwise") else graph.conv
    return write(
        x,
        kernel,
        strides=_spatial(node, "strides"),
        padding=_padding(node),
        dilations=_spatial(node, "dilations"),
    )


def _pool(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Value:
    kind = {"MaxPool": "MaxPool", "AvgPool": "AveragePool"}[node.operator]
    size, strides = _spatial(node, "ksize"), _spatial(node, "strides")
    return graph.pool(kind, _value(graph, inputs[0]), size, strides, _padding(node))


def _batch_norm(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Value:
    if node.flag("is_training", True):
        raise UnsupportedOperatorError(f"{node.operator} that is still trained")
    _spatial(node, "")
    epsilon = node.attributes["epsilon"].f if "epsilon" in node.attributes else 1e-4
    gamma, beta, mean, variance = (_numbers(node, part) for part in inputs[1:5])
    return graph.batch_norm(_value(graph, inputs[0]), gamma, beta, mean, variance, epsilon)


def _pad(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Value:
    sides = _numbers(node, inputs[1])
    if sides.shape != (4, 2) or sides[[0, 3]].any():
        raise UnsupportedOperatorError("Pad of another axis than rows and columns")
    before, after = sides[1:3].T.tolist()
    return graph.pad(_value(graph, inputs[0]), before, after)


def _matmul(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Value:
    kernel = _numbers(node, inputs[1])
    if node.flag("transpose_a"):
        raise UnsupportedOperatorError("MatMul of a transposed value")
    return graph.dense(
        _value(graph, inputs[0]),
        np.ascontiguousarray(kernel.T) if node.flag("transpose_b") else kernel,
    )


def _concat(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Operand:
    *parts, axis = inputs
    numbers = [part for part in parts if not isinstance(part, Value)]
    if len(numbers) == len(parts):
        return np.concatenate(numbers, int(_numbers(node, axis)))
    values = [_value(graph, part) for part in parts]
    return graph.concat(values, int(_numbers(node, axis)))


def _reduction(operator: str) -> Writer:
    def write(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Value:
        axes = _axes(node, inputs[1])
        return graph.reduced(operator, _value(graph, inputs[0]), axes, node.flag("keep_dims"))

    return write


def _reshape(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Operand:
    x, shape = inputs
    if isinstance(shape, Value):
        raise UnsupportedOperatorError("Reshape to a shape that depends on the picture")
    if not isinstance(x, Value):
        return x.reshape(shape)
    sides = [int(side) for side in shape]
    if sides.count(-1) > 1 and sides[0] == -1:
        sides[0] = 0  # as many samples as before, and whatever is left
    return graph.reshape(x, sides)


def _squeeze(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Operand:
    axes = node.ints("squeeze_dims") or node.ints("axis")
    x = inputs[0]
    if not isinstance(x, Value):
        return np.squeeze(x, axes or None)
    if not axes:
        raise UnsupportedOperatorError("Squeeze that does not say of what")
    return graph.squeezed(x, axes)


def _expand(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Operand:
    (axis,) = _axes(node, inputs[1])
    x = inputs[0]
    if not isinstance(x, Value):
        return np.expand_dims(x, axis)
    return graph.inserted(x, [axis if axis >= 0 else axis + x.rank + 1])


def _shape(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Array:
    """The samples' axis is -1, which Reshape takes for whatever is left."""
    x = inputs[0]
    return np.array(graph.shape_of(x) if isinstance(x, Value) else x.shape, np.int64)


def _part(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Array:
    """Return a part of a row of numbers: Slice's begin and size, StridedSlice's begin and end."""
    row, first, second = (_numbers(node, part) for part in inputs[:3])
    masks = [
        node.attributes[f"{name}_mask"].i if f"{name}_mask" in node.attributes else 0
        for name in ("begin", "end", "shrink_axis", "ellipsis", "new_axis")
    ]
    if row.ndim != 1 or masks[3] or masks[4] or any(mask > 1 for mask in masks):
        raise UnsupportedOperatorError(f"{node.operator} of more than a row of numbers")
    begin = None if masks[0] else int(first[0])
    if node.operator == "Slice":
        size = int(second[0])
        return row[begin:] if size < 0 else row[begin : int(first[0]) + size]
    if masks[2]:
        return np.asarray(row[int(first[0])])
    return row[begin : None if masks[1] else int(second[0]) : int(_numbers(node, inputs[3])[0])]


def _product(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Array:
    kept = node.flag("keep_dims")
    return np.asarray(_numbers(node, inputs[0]).prod(tuple(_axes(node, inputs[1])), keepdims=kept))


def _pack(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Array:
    return np.stack([_numbers(node, part) for part in inputs])


def _elementwise(operator: str, compute: Callable[..., Array]) -> Writer:
    """An operator on one or several operands; on numbers alone it is computed here."""

    def write(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Operand:
        numbers = [part for part in inputs if not isinstance(part, Value)]
        if len(numbers) == len(inputs):
            with np.errstate(all="ignore"):
                return np.asarray(compute(*numbers))
        if len(inputs) == 1:
            return graph.each(operator, _value(graph, inputs[0]))
        return graph.combined(operator, *inputs)

    return write


def _rsqrt(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Operand:
    root = _elementwise("Sqrt", np.sqrt)(graph, node, inputs)
    return _elementwise("Reciprocal", np.reciprocal)(graph, node, [root])


def _square(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Operand:
    return _elementwise("Mul", np.multiply)(graph, node, [inputs[0], inputs[0]])


def _squared_difference(
    graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]
) -> Operand:
    return _square(graph, node, [_elementwise("Sub", np.subtract)(graph, node, inputs)])


def _relu6(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Value:
    return graph.clip(_value(graph, inputs[0]), 0, 6)


def _leaky_relu(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Value:
    alpha = node.attributes["alpha"].f if "alpha" in node.attributes else 0.2
    return graph.each("LeakyRelu", _value(graph, inputs[0]), alpha=alpha)


def _softmax(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Value:
    return graph.softmax(_value(graph, inputs[0]))


def _same(graph: ChannelsLastGraph, node: GraphNode, inputs: Sequence[Operand]) -> Operand:
    return inputs[0]


def _relu(numbers: Array) -> Array:
    return np.maximum(numbers, 0)


def _sigmoid(numbers: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-numbers)))


_ADD = _elementwise("Add", np.add)
_DIVIDE = _elementwise("Div", np.divide)

OPERATORS: dict[str, Writer] = {
    "Abs": _elementwise("Abs", np.abs),
    "Add": _ADD,
    "AddV2": _ADD,
    "AvgPool": _pool,
    "BiasAdd": _ADD,
    "ConcatV2": _concat,
    "Conv2D": _convolution,
    "DepthwiseConv2dNative": _convolution,
    "Div": _DIVIDE,
    "ExpandDims": _expand,
    "FusedBatchNorm": _batch_norm,
    "FusedBatchNormV2": _batch_norm,
    "FusedBatchNormV3": _batch_norm,
    "Identity": _same,
    "LeakyRelu": _leaky_relu,
    "MatMul": _matmul,
    "MaxPool": _pool,
    "Maximum": _elementwise("Max", np.maximum),
    "Mean": _reduction("ReduceMean"),
    "Minimum": _elementwise("Min", np.minimum),
    "Mul": _elementwise("Mul", np.multiply),
    "Neg": _elementwise("Neg", np.negative),
    "Pack": _pack,
    "Pad": _pad,
    "Prod": _product,
    "RealDiv": _DIVIDE,
    "Relu": _elementwise("Relu", _relu),
    "Relu6": _relu6,
    "Reshape": _reshape,
    "Rsqrt": _rsqrt,
    "Shape": _shape,
    "Sigmoid": _elementwise("Sigmoid", _sigmoid),
    "Slice": _part,
    "Softmax": _softmax,
    "Sqrt": _elementwise("Sqrt", np.sqrt),
    "Square": _square,
    "SquaredDifference": _squared_difference,
    "Squeeze": _squeeze,
    "StopGradient": _same,
    "StridedSlice": _part,
    "Sub": _elementwise("Sub", np.subtract),
    "Switch": _same,
    "Sum": _reduction("ReduceSum"),
    "Tanh": _elementwise("Tanh", np.tanh),
}
