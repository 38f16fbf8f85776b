"""The ONNX operators that our models contain, in torch. Imports torch: import it late.

Each function takes the operator's inputs in order (None for one that is left out) and its
attributes by name, with the defaults of the ONNX specification, opset 21. What our models do
not use is left out; an attribute that a function does not take is refused when a model is loaded.

Tensors of whole numbers (shapes, indices) and Resize's scales stay on the CPU, where Python reads
them without waiting for the GPU.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  the name that torch's users know
from torch import Tensor

Ints = Sequence[int]


def average_pool(
    x: Tensor,
    /,
    *,
    kernel_shape: Ints,
    strides: Ints = (1, 1),
    pads: Ints = (0, 0, 0, 0),
    dilations: Ints = (1, 1),
    ceil_mode: int = 0,
    count_include_pad: int = 0,
    auto_pad: str = "NOTSET",
) -> Tensor:
    if ceil_mode or count_include_pad or tuple(dilations) != (1, 1):
        raise NotImplementedError("AveragePool of what lies beyond the border")

    def averaged(numbers: Tensor) -> Tensor:
        inner, around = _evened(numbers, 0.0, kernel_shape, strides, pads, dilations, auto_pad)
        return F.avg_pool2d(inner, tuple(kernel_shape), tuple(strides), around)

    # What is padded does not count.
    return averaged(x) / averaged(torch.ones_like(x[:1, :1]))


def batch_normalization(
    x: Tensor,
    scale: Tensor,
    bias: Tensor,
    mean: Tensor,
    variance: Tensor,
    /,
    *,
    epsilon: float = 1e-5,
    momentum: float = 0.9,
) -> Tensor:
    return F.batch_norm(x, mean, variance, scale, bias, eps=epsilon)


def clip(x: Tensor, low: Tensor | None = None, high: Tensor | None = None, /) -> Tensor:
    return torch.clamp(x, low, high)


def concat(*parts: Tensor, axis: int) -> Tensor:
    return torch.cat(parts, axis)


def constant(*, value: Tensor) -> Tensor:
    return value


def conv(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    /,
    *,
    kernel_shape: Ints = (),
    strides: Ints = (1, 1),
    pads: Ints = (0, 0, 0, 0),
    dilations: Ints = (1, 1),
    group: int = 1,
    auto_pad: str = "NOTSET",
) -> Tensor:
    sides = tuple(weight.shape[2:])
    x, around = _evened(x, 0.0, sides, strides, pads, dilations, auto_pad)
    return F.conv2d(x, weight, bias, tuple(strides), around, tuple(dilations), group)


def conv_transpose(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    /,
    *,
    kernel_shape: Ints = (),
    strides: Ints = (1, 1),
    pads: Ints = (0, 0, 0, 0),
    output_padding: Ints = (0, 0),
    dilations: Ints = (1, 1),
    group: int = 1,
    auto_pad: str = "NOTSET",
) -> Tensor:
    return F.conv_transpose2d(
        *(x, weight, bias, tuple(strides), _symmetric(pads, auto_pad)),
        *(tuple(output_padding), group, tuple(dilations)),
    )


def dropout(
    x: Tensor, ratio: Tensor | None = None, training: Tensor | None = None, /, *, seed: int = 0
) -> Tensor:
    return x


def expand(x: Tensor, shape: Tensor, /) -> Tensor:
    return x.expand(np.broadcast_shapes(tuple(x.shape), tuple(shape.tolist())))


def flatten(x: Tensor, /, *, axis: int = 1) -> Tensor:
    return x.reshape(prod(x.shape[:axis]), -1)


def gather(x: Tensor, index: Tensor, /, *, axis: int = 0) -> Tensor:
    if index.ndim == 0:
        return x.select(axis, int(index))
    rows = torch.index_select(x, axis, index.flatten().to(x.device))
    return rows.reshape(*x.shape[:axis], *index.shape, *x.shape[axis + 1 :])


def gemm(
    a: Tensor,
    b: Tensor,
    c: Tensor,
    /,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    transA: int = 0,  # noqa: N803
    transB: int = 0,  # noqa: N803
) -> Tensor:
    return torch.addmm(c, a.T if transA else a, b.T if transB else b, beta=beta, alpha=alpha)


def max_pool(
    x: Tensor,
    /,
    *,
    kernel_shape: Ints,
    strides: Ints = (1, 1),
    pads: Ints = (0, 0, 0, 0),
    dilations: Ints = (1, 1),
    ceil_mode: int = 0,
    storage_order: int = 0,
    auto_pad: str = "NOTSET",
) -> Tensor:
    x, around = _evened(x, -torch.inf, kernel_shape, strides, pads, dilations, auto_pad)
    return F.max_pool2d(
        *(x, tuple(kernel_shape), tuple(strides), around, tuple(dilations)),
        ceil_mode=bool(ceil_mode),
    )


def pad(x: Tensor, pads: Tensor, /, *, mode: str = "constant") -> Tensor:
    if mode != "constant":
        raise NotImplementedError(f"Pad with the mode {mode}")
    before, after = pads.reshape(2, -1).tolist()
    sides = [side for axis in reversed(range(x.ndim)) for side in (before[axis], after[axis])]
    return F.pad(x, sides)


def prelu(x: Tensor, slope: Tensor, /) -> Tensor:
    channels = (x.shape[1], *(1 for _ in x.shape[2:]))
    if slope.shape[1 - x.ndim :] != channels or slope.numel() != x.shape[1]:
        raise NotImplementedError(f"PRelu with slopes of shape {tuple(slope.shape)}")
    return F.prelu(x, slope.flatten())


def range_(start: Tensor, limit: Tensor, delta: Tensor, /) -> Tensor:
    return torch.arange(int(start), int(limit), int(delta))


def reduce_l2(
    x: Tensor, axes: Tensor, /, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    return x.square().sum(axes.tolist(), keepdim=bool(keepdims)).sqrt()


def reduce_mean(
    x: Tensor, axes: Tensor, /, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    return x.mean(axes.tolist(), keepdim=bool(keepdims))


def reshape(x: Tensor, shape: Tensor, /, *, allowzero: int = 0) -> Tensor:
    sides = shape.tolist()
    if not allowzero:  # then a zero means: as it is
        sides = [side or x.shape[i] for i, side in enumerate(sides)]
    return x.reshape(sides)


def resize(
    x: Tensor,
    region: Tensor | None,
    scales: Tensor,
    /,
    *,
    mode: str = "nearest",
    nearest_mode: str = "round_prefer_floor",
    coordinate_transformation_mode: str = "half_pixel",
    cubic_coeff_a: float = -0.75,
) -> Tensor:
    how = (mode, nearest_mode, coordinate_transformation_mode)
    if how != ("nearest", "floor", "asymmetric"):
        raise NotImplementedError(f"Resize with {', '.join(how)}")
    return F.interpolate(x, scale_factor=scales.tolist()[2:], mode="nearest")


def shape(x: Tensor, /, *, start: int = 0, end: int | None = None) -> Tensor:
    return torch.tensor(x.shape[start:end])


def softmax(x: Tensor, /, *, axis: int = -1) -> Tensor:
    return torch.softmax(x, axis)


def squeeze(x: Tensor, axes: Tensor | None = None, /) -> Tensor:
    return x.squeeze() if axes is None else x.squeeze(axes.tolist())


def transpose(x: Tensor, /, *, perm: Ints) -> Tensor:
    return x.permute(tuple(perm))


def unsqueeze(x: Tensor, axes: Tensor, /) -> Tensor:
    for axis in sorted(axes.tolist()):
        x = x.unsqueeze(axis)
    return x


def reduce_max(
    x: Tensor, axes: Tensor, /, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    return x.amax(axes.tolist(), keepdim=bool(keepdims))


def reduce_sum(
    x: Tensor, axes: Tensor, /, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    return x.sum(axes.tolist(), keepdim=bool(keepdims))


def hard_sigmoid(x: Tensor, /, *, alpha: float = 0.2, beta: float = 0.5) -> Tensor:
    return torch.clamp(alpha * x + beta, 0, 1)


def leaky_relu(x: Tensor, /, *, alpha: float = 0.01) -> Tensor:
    return F.leaky_relu(x, alpha)


def _evened(
    x: Tensor,
    fill: float,
    kernel: Ints,
    strides: Ints,
    pads: Ints,
    dilations: Ints,
    auto_pad: str,
) -> tuple[Tensor, tuple[int, int]]:
    """Return a picture, and the padding that torch is to put around it.

    Where opposite sides differ the picture is padded here. Raises NotImplementedError for another
    auto_pad than SAME_UPPER, which TensorFlow calls "same".
    """
    if auto_pad == "SAME_UPPER":
        before, after = [], []
        for side, size, stride, spread in zip(x.shape[2:], kernel, strides, dilations, strict=True):
            reach = (-(-side // stride) - 1) * stride + (size - 1) * spread + 1
            missing = max(reach - side, 0)
            before.append(missing // 2)
            after.append(missing - missing // 2)
        pads, auto_pad = (*before, *after), "NOTSET"
    top, left, bottom, right = pads
    if auto_pad != "NOTSET" or (top, left) == (bottom, right):
        return x, _symmetric(pads, auto_pad)
    return F.pad(x, (left, right, top, bottom), value=fill), (0, 0)


def _symmetric(pads: Ints, auto_pad: str) -> tuple[int, int]:
    """Return the padding of rows and columns from ONNX's top, left, bottom, right.

    Raises NotImplementedError where opposite sides differ.
    """
    top, left, bottom, right = pads
    if auto_pad != "NOTSET" or (top, left) != (bottom, right):
        raise NotImplementedError(f"padding {auto_pad} {list(pads)}")
    return top, left


OPERATORS: dict[str, Callable[..., Tensor]] = {
    "Abs": lambda x: torch.abs(x),
    "Add": lambda a, b: a + b,
    "AveragePool": average_pool,
    "BatchNormalization": batch_normalization,
    "Clip": clip,
    "Concat": concat,
    "Constant": constant,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Div": lambda a, b: a / b,
    "Dropout": dropout,
    "Expand": expand,
    "Flatten": flatten,
    "Gather": gather,
    "Gemm": gemm,
    "HardSigmoid": hard_sigmoid,
    "LeakyRelu": leaky_relu,
    "MatMul": lambda a, b: a @ b,
    "Max": lambda a, b: torch.maximum(a, b),
    "MaxPool": max_pool,
    "Min": lambda a, b: torch.minimum(a, b),
    "Mul": lambda a, b: a * b,
    "Neg": lambda x: -x,
    "PRelu": prelu,
    "Pad": pad,
    "Range": range_,
    "Reciprocal": lambda x: torch.reciprocal(x),
    "ReduceL2": reduce_l2,
    "ReduceMax": reduce_max,
    "ReduceMean": reduce_mean,
    "ReduceSum": reduce_sum,
    "Relu": lambda x: torch.relu(x),
    "Reshape": reshape,
    "Resize": resize,
    "Shape": shape,
    "Sigmoid": lambda x: torch.sigmoid(x),
    "Softmax": softmax,
    "Sqrt": lambda x: torch.sqrt(x),
    "Squeeze": squeeze,
    "Sub": lambda a, b: a - b,
    "Tanh": lambda x: torch.tanh(x),
    "Transpose": transpose,
    "Unsqueeze": unsqueeze,
}
