"""Writes insightface's iresnet, the backbone of ArcFace, as an ONNX file from its state dict.

The layers are those of insightface (recognition/arcface_torch/backbones/iresnet.py), and so are the
names of the weights. Batch norms behind a convolution are folded into it. Those before one are
not: the zeros around a picture are not normalized.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from common.sentence import Sentence
from models.conversion.finishing import save_finished
from models.conversion.state_dict_graph import StateDictGraph
from models.engines.engine import Array

SIDE = 112

_EPSILON = 1e-5
_LAST_SIDE = SIDE // 16
_BLOCK = re.compile(r"layer([1-4])\.(\d+)\.conv1\.weight")


def is_iresnet(state: Mapping[str, Array]) -> bool:
    """Return whether a state dict is of this network, or of one much like it."""
    return {"layer1.0.bn3.weight", "layer1.0.prelu.weight", "features.weight"} <= state.keys()


def write_iresnet(state: Mapping[str, Array], weights: Path, target: Path) -> None:
    """Write iresnet of any depth: (n, 3, 112, 112) float32, normalized, to (n, dimension) float32.

    weights: where the state dict is from. Raises WeightsError where a tensor is missing, is of
    another shape, or is one that the network has not.
    """
    net = _IresnetLayers(state, weights)
    net.input("pictures", ["n", 3, SIDE, SIDE])
    x = net.prelu(net.norm(net.conv("pictures", "conv1"), "bn1"), "prelu")
    for layer, block in sorted(
        (int(found[1]), int(found[2])) for name in state if (found := _BLOCK.fullmatch(name))
    ):
        x = _block(net, x, f"layer{layer}.{block}", 1 if block else 2)
    net.features(net.norm(x, "bn2"), "embedding")
    net.output("embedding", ["n", None])
    net.check_all_used()
    save_finished(net.model(target.stem), weights, target)


def _block(net: _IresnetLayers, x: str, at: str, stride: int) -> str:
    y = net.conv(net.norm(x, f"{at}.bn1"), f"{at}.conv1")
    y = net.prelu(net.norm(y, f"{at}.bn2"), f"{at}.prelu")
    y = net.norm(net.conv(y, f"{at}.conv2", stride), f"{at}.bn3")
    if stride > 1:
        x = net.norm(net.conv(x, f"{at}.downsample.0", stride), f"{at}.downsample.1")
    return net.sum(y, x)


class _IresnetLayers(StateDictGraph):
    """The network's layers."""

    def __init__(self, state: Mapping[str, Array], weights: Path) -> None:
        remedy = "Take the backbone's file, which train_v2.py saves as model.pt"
        super().__init__(state, weights, "a state dict of insightface's iresnet", remedy)
        self._channels = {"pictures": 3}

    def conv(self, x: str, at: str, stride: int = 1) -> str:
        """A convolution without bias, of 1x1 or 3x3, that keeps the size but for its stride."""
        weight = self.weight(f"{at}.weight")
        shape = weight.shape
        if len(shape) != 4 or shape[1] != self._channels[x] or shape[2:] not in ((1, 1), (3, 3)):
            raise self.wrong(Sentence("its {} has the shape {}", f"{at}.weight", shape))
        pads, strides = [shape[2] // 2] * 4, [stride] * 2
        wide = self.constant(at, weight)
        return self._known(self.node("Conv", [x, wide], pads=pads, strides=strides), shape[0])

    def norm(self, x: str, at: str) -> str:
        channels = self._channels[x]
        parts = zip(
            ["gamma", "beta", "mean", "variance"], self.norm_numbers(at, channels), strict=True
        )
        numbers = [self.constant(f"{at}.{name}", part) for name, part in parts]
        return self._known(
            self.node("BatchNormalization", [x, *numbers], epsilon=_EPSILON), channels
        )

    def prelu(self, x: str, at: str) -> str:
        channels = self._channels[x]
        slopes = self.weight(f"{at}.weight", (channels,)).reshape(-1, 1, 1)
        return self._known(self.node("PRelu", [x, self.constant(f"{at}.weight", slopes)]), channels)

    def sum(self, x: str, y: str) -> str:
        return self._known(self.node("Add", [x, y]), self._channels[x])

    def features(self, x: str, output: str) -> None:
        """The linear layer, and its batch norm folded into it."""
        weight, bias = self.weight("fc.weight"), self.weight("fc.bias")
        expected = (len(bias), self._channels[x] * _LAST_SIDE**2)
        if weight.shape != expected:
            found = Sentence("its {} has the shape {}, not {}", "fc.weight", weight.shape, expected)
            raise self.wrong(found)
        weight, bias = self.with_norm(weight, bias, "features", _EPSILON)
        wb = [self.constant("fc.weight", weight), self.constant("fc.bias", bias)]
        self.node("Gemm", [self.node("Flatten", [x]), *wb], output, transB=1)

    def _known(self, value: str, channels: int) -> str:
        self._channels[value] = channels
        return value
