"""Writes FaceNet's InceptionResnetV1 as an ONNX file, from facenet-pytorch's state dict.

The layers are facenet-pytorch's (facenet_pytorch/models/inception_resnet_v1.py), and so are the
names of the weights. The batch norms and the scales of the residual branches are folded into the
convolutions before them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from common.sentence import Sentence
from models.conversion.state_dict import read_state_dict
from models.conversion.state_dict_graph import StateDictGraph
from models.engines.engine import Array

DIMENSION = 512

REMEDY = Sentence(
    "Get 20180402-114759-vggface2.pt or 20180408-102900-casia-webface.pt of facenet-pytorch's "
    "release 2.2.9 again"
)

_SIDE = 160
_EPSILON = 1e-3
_IGNORED = ("logits.weight", "logits.bias")
"""The classifier that the network was trained with. The published files have it."""

_SMALLEST_NORM = 1e-12
"""torch.nn.functional.normalize's."""


def export_facenet(weights: Path, target: Path) -> None:
    """Write InceptionResnetV1.

    Input: (n, 160, 160, 3) float32, normalized; output: (n, 512) unit rows.

    weights: the state dict that facenet-pytorch publishes; its classifier is left out.
    Raises WeightsError where the file holds something else.
    """
    write_facenet(read_state_dict(weights, REMEDY), weights, target)


def is_facenet(state: Mapping[str, Array]) -> bool:
    """Return whether a state dict is of this network, or of one much like it."""
    return "conv2d_1a.conv.weight" in state and "last_linear.weight" in state


def write_facenet(state: Mapping[str, Array], weights: Path, target: Path) -> None:
    """Write InceptionResnetV1 as export_facenet() does. weights: where the state dict is from."""
    net = _FacenetLayers(state, weights)
    net.input("crops", ["n", _SIDE, _SIDE, 3])
    x = net.conv(net.planes("crops"), "conv2d_1a", (3, 32), 3, stride=2)
    x = net.conv(x, "conv2d_2a", (32, 32), 3)
    x = net.conv(x, "conv2d_2b", (32, 64), 3, pad=1)
    x = net.pool(x)
    x = net.conv(x, "conv2d_3b", (64, 80), 1)
    x = net.conv(x, "conv2d_4a", (80, 192), 3)
    x = net.conv(x, "conv2d_4b", (192, 256), 3, stride=2)
    for block in range(5):
        x = _block35(net, x, f"repeat_1.{block}")
    x = _mixed_6a(net, x)
    for block in range(10):
        x = _block17(net, x, f"repeat_2.{block}")
    x = _mixed_7a(net, x)
    for block in range(5):
        x = _block8(net, x, f"repeat_3.{block}", 0.2)
    x = _block8(net, x, "block8", 1.0, is_last=True)
    axes = net.constant("sides", np.array([2, 3], np.int64))
    x = net.node("ReduceMean", [x, axes], keepdims=0)
    net.unit_rows(net.linear(x), "embedding")
    net.output("embedding", ["n", DIMENSION])
    net.check_all_used(*_IGNORED)
    net.save(target)


def _block35(net: _FacenetLayers, x: str, at: str) -> str:
    first = net.conv(x, f"{at}.branch0", (256, 32), 1)
    second = net.conv(x, f"{at}.branch1.0", (256, 32), 1)
    second = net.conv(second, f"{at}.branch1.1", (32, 32), 3, pad=1)
    third = net.conv(x, f"{at}.branch2.0", (256, 32), 1)
    third = net.conv(third, f"{at}.branch2.1", (32, 32), 3, pad=1)
    third = net.conv(third, f"{at}.branch2.2", (32, 32), 3, pad=1)
    return net.residual(x, [first, second, third], at, (96, 256), 0.17)


def _block17(net: _FacenetLayers, x: str, at: str) -> str:
    first = net.conv(x, f"{at}.branch0", (896, 128), 1)
    second = net.conv(x, f"{at}.branch1.0", (896, 128), 1)
    second = net.conv(second, f"{at}.branch1.1", (128, 128), (1, 7), pad=(0, 3))
    second = net.conv(second, f"{at}.branch1.2", (128, 128), (7, 1), pad=(3, 0))
    return net.residual(x, [first, second], at, (256, 896), 0.1)


def _block8(net: _FacenetLayers, x: str, at: str, scale: float, is_last: bool = False) -> str:
    first = net.conv(x, f"{at}.branch0", (1792, 192), 1)
    second = net.conv(x, f"{at}.branch1.0", (1792, 192), 1)
    second = net.conv(second, f"{at}.branch1.1", (192, 192), (1, 3), pad=(0, 1))
    second = net.conv(second, f"{at}.branch1.2", (192, 192), (3, 1), pad=(1, 0))
    return net.residual(x, [first, second], at, (384, 1792), scale, is_last)


def _mixed_6a(net: _FacenetLayers, x: str) -> str:
    first = net.conv(x, "mixed_6a.branch0", (256, 384), 3, stride=2)
    second = net.conv(x, "mixed_6a.branch1.0", (256, 192), 1)
    second = net.conv(second, "mixed_6a.branch1.1", (192, 192), 3, pad=1)
    second = net.conv(second, "mixed_6a.branch1.2", (192, 256), 3, stride=2)
    return net.joined([first, second, net.pool(x)])


def _mixed_7a(net: _FacenetLayers, x: str) -> str:
    first = net.conv(x, "mixed_7a.branch0.0", (896, 256), 1)
    first = net.conv(first, "mixed_7a.branch0.1", (256, 384), 3, stride=2)
    second = net.conv(x, "mixed_7a.branch1.0", (896, 256), 1)
    second = net.conv(second, "mixed_7a.branch1.1", (256, 256), 3, stride=2)
    third = net.conv(x, "mixed_7a.branch2.0", (896, 256), 1)
    third = net.conv(third, "mixed_7a.branch2.1", (256, 256), 3, pad=1)
    third = net.conv(third, "mixed_7a.branch2.2", (256, 256), 3, stride=2)
    return net.joined([first, second, third, net.pool(x)])


_Pair = int | tuple[int, int]


class _FacenetLayers(StateDictGraph):
    """The network's layers."""

    def __init__(self, state: Mapping[str, Array], weights: Path) -> None:
        expected = "a file with FaceNet's weights, as facenet-pytorch publishes them"
        super().__init__(state, weights, expected, REMEDY)

    def conv(
        self,
        x: str,
        at: str,
        channels: tuple[int, int],
        kernel: _Pair,
        stride: int = 1,
        pad: _Pair = 0,
    ) -> str:
        """A convolution without bias, its batch norm, and ReLU. channels: read and given."""
        read, given = channels
        weight = self.weight(f"{at}.conv.weight", (given, read, *_pair(kernel)))
        weight, bias = self.with_norm(weight, None, f"{at}.bn", _EPSILON)
        wb = [self.constant(f"{at}.weight", weight), self.constant(f"{at}.bias", bias)]
        sides, pads = [stride, stride], [*_pair(pad), *_pair(pad)]
        return self.node("Relu", [self.node("Conv", [x, *wb], strides=sides, pads=pads)])

    def residual(
        self,
        x: str,
        branches: list[str],
        at: str,
        channels: tuple[int, int],
        scale: float,
        is_last: bool = False,
    ) -> str:
        """Add the joined branches' 1x1 convolution to x, and ReLU unless it is the last."""
        read, given = channels
        weight = self.weight(f"{at}.conv2d.weight", (given, read, 1, 1))
        bias = self.weight(f"{at}.conv2d.bias", (given,))
        wb = [
            self.constant(f"{at}.weight", np.float32(scale) * weight),
            self.constant(f"{at}.bias", np.float32(scale) * bias),
        ]
        added = self.node("Add", [x, self.node("Conv", [self.joined(branches), *wb])])
        return added if is_last else self.node("Relu", [added])

    def joined(self, branches: list[str]) -> str:
        return self.node("Concat", branches, axis=1)

    def pool(self, x: str) -> str:
        return self.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2])

    def linear(self, x: str) -> str:
        weight = self.weight("last_linear.weight", (DIMENSION, 1792))
        weight, bias = self.with_norm(weight, None, "last_bn", _EPSILON)
        wb = [self.constant("last.weight", weight), self.constant("last.bias", bias)]
        return self.node("Gemm", [x, *wb], transB=1)

    def unit_rows(self, x: str, output: str) -> None:
        axes = self.constant("row", np.array([1], np.int64))
        norm = self.node("ReduceL2", [x, axes], keepdims=1)
        smallest = self.constant("smallest", np.float32(_SMALLEST_NORM))
        self.node("Div", [x, self.node("Clip", [norm, smallest])], output)


def _pair(sides: _Pair) -> tuple[int, int]:
    return (sides, sides) if isinstance(sides, int) else sides
