"""The ONNX operators that move a window over a picture, in torch. Imports torch: import it late.

They are called as those in operators.py are. ONNX may pad each side of a picture differently, and
torch pads opposite sides alike.
"""

from __future__ import annotations

from collections.abc import Sequence

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
