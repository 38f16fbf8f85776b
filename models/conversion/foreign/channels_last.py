"""Writes networks of TensorFlow and Keras, whose pictures have their channels last, as ONNX files.

ONNX's convolutions and pools have channels first. A value stays in the order in which it was made
until something needs the other one, so that a chain of convolutions is transposed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.conversion.onnx_graph import OnnxGraph
from models.engines.engine import Array

_TO_PLANES, _TO_LAST = [0, 3, 1, 2], [0, 2, 3, 1]
_PLANE_AXES = {0: 0, 1: 2, 2: 3, 3: 1}
"""Where the axes of (n, height, width, channels) are in (n, channels, height, width)."""


@dataclass(frozen=True)
class Value:
    """What a node gives.

    name: in the ONNX graph. rank: how many axes it has. is_planes: whether it has four, and there
    are (n, channels, height, width) where the source has (n, height, width, channels).
    """

    name: str
    rank: int
    is_planes: bool = False


Operand = Value | Array
"""A value, or numbers as the source has them."""


class ChannelsLastGraph(OnnxGraph):
    """A network that is being written. Axes, kernels and paddings are given as the source has them.

    Kernels are (height, width, read, given); paddings "same" or "valid", as TensorFlow means them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def picture(self, name: str, width: int, height: int, channels: int = 3) -> Value:
        """Add the input (n, height, width, channels)."""
        self.input(name, ["n", height, width, channels])
        return Value(name, 4)

    def vectors(self, x: Value, name: str) -> None:
        """Let a value be the output (n, dimension); axes of one are left out."""
        rows = self._numbers(np.array([0, -1], np.int64))
        self.node("Reshape", [self.last(x), rows], name)
        self.output(name, ["n", None])

    def planes_of(self, x: Value) -> str:
        """Return the name of a picture with channels first."""
        return x.name if x.is_planes else self.node("Transpose", [x.name], perm=_TO_PLANES)

    def last(self, x: Value) -> str:
        """Return the name of a value as the source has it."""
        return self.node("Transpose", [x.name], perm=_TO_LAST) if x.is_planes else x.name

    def conv(
        self,
        x: Value,
        kernel: Array,
        bias: Array | None = None,
        *,
        strides: Sequence[int] = (1, 1),
        padding: str = "valid",
        dilations: Sequence[int] = (1, 1),
        groups: int = 1,
    ) -> Value:
        weights = [np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))]
        inputs = [self.planes_of(x), *map(self._numbers, weights)]
        if bias is not None:
            inputs.append(self._numbers(bias))
        return self._planes(
            "Conv",
            inputs,
            kernel_shape=list(kernel.shape[:2]),
            strides=list(strides),
            dilations=list(dilations),
            group=groups,
            **_padded(padding),
        )

    def depthwise(
        self,
        x: Value,
        kernel: Array,
        bias: Array | None = None,
        *,
        strides: Sequence[int] = (1, 1),
        padding: str = "valid",
        dilations: Sequence[int] = (1, 1),
    ) -> Value:
        """kernel: (height, width, read, multiplier)."""
        height, width, read, multiplier = kernel.shape
        grouped = kernel.reshape(height, width, 1, read * multiplier)
        options: dict[str, Any] = {"strides": strides, "padding": padding, "dilations": dilations}
        return self.conv(x, grouped, bias, groups=read, **options)

    def batch_norm(
        self, x: Value, gamma: Array, beta: Array, mean: Array, variance: Array, epsilon: float
    ) -> Value:
        """Normalize along the last axis."""
        numbers = [self._numbers(part) for part in (gamma, beta, mean, variance)]
        name = self.planes_of(x) if x.rank == 4 else x.name
        normed = self.node("BatchNormalization", [name, *numbers], epsilon=epsilon)
        return Value(normed, x.rank, x.rank == 4)

    def pool(
        self,
        kind: str,
        x: Value,
        size: Sequence[int],
        strides: Sequence[int],
        padding: str = "valid",
    ) -> Value:
        """kind: MaxPool or AveragePool. What is padded does not count in an average."""
        options = {"kernel_shape": list(size), "strides": list(strides), **_padded(padding)}
        return self._planes(kind, [self.planes_of(x)], **options)

    def pad(self, x: Value, before: Sequence[int], after: Sequence[int]) -> Value:
        """Add zeros above and left, below and right."""
        sides = np.array([0, 0, *before, 0, 0, *after], np.int64)
        return self._planes("Pad", [self.planes_of(x), self._numbers(sides)])

    def dense(self, x: Value, kernel: Array, bias: Array | None = None) -> Value:
        """Multiply the last axis with a matrix (read, given)."""
        if x.rank == 2 and bias is not None:
            inputs = [x.name, self._numbers(kernel), self._numbers(bias)]
            return Value(self.node("Gemm", inputs), 2)
        product = self.node("MatMul", [self.last(x), self._numbers(kernel)])
        if bias is not None:
            product = self.node("Add", [product, self._numbers(bias)])
        return Value(product, x.rank)

    def each(self, operator: str, x: Value, **attributes: Any) -> Value:
        """Apply an operator to each number, or along an axis that its attributes name."""
        return Value(self.node(operator, [x.name], **attributes), x.rank, x.is_planes)

    def clip(self, x: Value, low: float | None, high: float | None) -> Value:
        bounds = [
            "" if bound is None else self._numbers(np.float32(bound)) for bound in (low, high)
        ]
        while bounds and not bounds[-1]:
            bounds.pop()
        return Value(self.node("Clip", [x.name, *bounds]), x.rank, x.is_planes)

    def softmax(self, x: Value) -> Value:
        return Value(self.node("Softmax", [self.last(x)], axis=-1), x.rank)

    def prelu(self, x: Value, slopes: Array) -> Value:
        """slopes: of the shape of a sample, or ones in it."""
        if x.is_planes:
            slopes = slopes.transpose(2, 0, 1) if slopes.ndim == 3 else slopes.reshape(-1, 1, 1)
        name = self._numbers(np.ascontiguousarray(slopes))
        return Value(self.node("PRelu", [x.name, name]), x.rank, x.is_planes)

    def combined(self, operator: str, *operands: Operand) -> Value:
        """Apply an operator to numbers at the same places, broadcast as numpy does."""
        values = [operand for operand in operands if isinstance(operand, Value)]
        rank = max(
            operand.rank if isinstance(operand, Value) else operand.ndim for operand in operands
        )
        is_planes = rank == 4 and any(value.is_planes for value in values)
        first, *rest = [self._aligned(operand, is_planes) for operand in operands]
        for other in rest:
            first = self.node(operator, [first, other])
        return Value(first, rank, is_planes)

    def concat(self, values: Sequence[Value], axis: int) -> Value:
        rank = values[0].rank
        axis %= rank
        if rank == 4:
            names = [self.planes_of(value) for value in values]
            return self._planes("Concat", names, axis=_PLANE_AXES[axis])
        return Value(self.node("Concat", [value.name for value in values], axis=axis), rank)

    def reduced(self, operator: str, x: Value, axes: Sequence[int], keepdims: bool) -> Value:
        """Apply ReduceMean and its like along axes."""
        axes = [axis % x.rank for axis in axes]
        name, is_planes = x.name, x.is_planes and keepdims
        # Over rows and columns the order of what is left is the same.
        if is_planes or (x.is_planes and sorted(axes) == [1, 2]):
            axes = [_PLANE_AXES[axis] for axis in axes]
        else:
            name = self.last(x)
        numbers = self._numbers(np.array(axes, np.int64))
        result = self.node(operator, [name, numbers], keepdims=int(keepdims))
        return Value(result, x.rank if keepdims else x.rank - len(axes), is_planes)

    def reshape(self, x: Value, shape: Sequence[int]) -> Value:
        """shape: with the samples' axis, for which 0 or -1 stands."""
        return self.reshaped(x, self._numbers(np.array(shape, np.int64)), len(shape))

    def reshaped(self, x: Value, shape: str, rank: int) -> Value:
        """Reshape to a shape that is itself in the graph."""
        return Value(self.node("Reshape", [self.last(x), shape]), rank)

    def inserted(self, x: Value, axes: Sequence[int]) -> Value:
        """Insert axes of one."""
        numbers = self._numbers(np.array(axes, np.int64))
        return Value(self.node("Unsqueeze", [self.last(x), numbers]), x.rank + len(axes))

    def squeezed(self, x: Value, axes: Sequence[int]) -> Value:
        """Leave out axes of one."""
        numbers = self._numbers(np.array([axis % x.rank for axis in axes], np.int64))
        return Value(self.node("Squeeze", [self.last(x), numbers]), x.rank - len(axes))

    def shape_of(self, x: Value) -> tuple[int, ...]:
        """Return the sizes of a value's axes as the source has them; -1 is free."""
        from onnx import shape_inference

        inferred = shape_inference.infer_shapes(self.model("a part")).graph
        known = {value.name: value for value in (*inferred.value_info, *inferred.input)}
        axes = known[x.name].type.tensor_type.shape.dim
        sides = [axis.dim_value if axis.HasField("dim_value") else -1 for axis in axes]
        return tuple(sides[axis] for axis in _TO_LAST) if x.is_planes else tuple(sides)

    def value_of(self, numbers: Array) -> Value:
        """Put numbers into the graph, as the source has them."""
        return Value(self._numbers(numbers), numbers.ndim)

    def _aligned(self, operand: Operand, is_planes: bool) -> str:
        if isinstance(operand, Value):
            if not is_planes:
                return self.last(operand)
            if operand.is_planes or not operand.rank:
                return operand.name
            wide = self.inserted(operand, range(4 - operand.rank)) if operand.rank < 4 else operand
            return self.planes_of(wide)
        if is_planes and operand.ndim:
            wide_numbers = operand.reshape(*[1] * (4 - operand.ndim), *operand.shape)
            return self._numbers(np.ascontiguousarray(wide_numbers.transpose(_TO_PLANES)))
        return self._numbers(operand)

    def _planes(self, operator: str, inputs: list[str], **attributes: Any) -> Value:
        return Value(self.node(operator, inputs, **attributes), 4, is_planes=True)

    def _numbers(self, numbers: Array | np.generic) -> str:
        self._count += 1
        return self.constant(f"numbers_{self._count}", numbers)


def _padded(padding: str) -> dict[str, str]:
    """TensorFlow's "same" puts what is odd below and right."""
    return {"auto_pad": "SAME_UPPER"} if padding == "same" else {}
