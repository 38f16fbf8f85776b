"""Writes MTCNN's networks as ONNX files, from the state dicts that facenet-pytorch publishes.

The layers are facenet-pytorch's (facenet_pytorch/models/mtcnn.py), and so are the names of the
weights. Each function writes one file and is called once for each machine (see compiled.py).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.conversion.state_dict import read_state_dict
from models.conversion.state_dict_graph import StateDictGraph

_REMEDY = "Get it again: facedesk models fetch"


def write_pnet(published: Path, target: Path) -> None:
    """Write P-Net, made to read a whole image pyramid from one canvas.

    Inputs: canvas (1, H, W, 3) float32, normalized; mask (1, 1, H-2, W-2) float32, added
    before the pooling. A level with an odd side ends in half a pooling window; on a canvas
    the other half would see the neighbour, so the mask is very negative there.
    Outputs: regression (1, 4, h, w), face probability (1, h, w).
    Raises WeightsError where the published file is not P-Net's state dict.
    """
    net = _MtcnnLayers(published)
    net.input("canvas", [1, "height", "width", 3])
    net.input("mask", [1, 1, "height - 2", "width - 2"])
    x = net.planes("canvas")
    x = net.node("Add", [net.prelu(net.conv(x, "conv1"), "prelu1"), "mask"])
    _write_pnet_cells(net, x)
    face = net.constant("face", np.int64(1))
    net.node("Gather", ["probabilities", face], output="probability", axis=1)
    net.output("regression", [1, 4, "rows", "columns"])
    net.output("probability", [1, "rows", "columns"])
    net.save(target)


def write_sketch_pnet(published: Path, target: Path) -> None:
    """Write P-Net for a canvas of bytes, without the mask.

    models/conversion/quantize.py makes it quick.

    Input: canvas (1, H, W, 3) uint8.
    Outputs: regression (1, 4, h, w), probabilities (1, 2, h, w).
    Raises WeightsError where the published file is not P-Net's state dict.
    """
    import onnx

    net = _MtcnnLayers(published)
    net.input("canvas", [1, "height", "width", 3], np.uint8)
    x = net.node("Cast", [net.planes("canvas")], to=onnx.TensorProto.FLOAT)
    # 128, not 127.5: then the bytes themselves are the first convolution's eight-bit input.
    middle = net.constant("middle", np.float32(128))
    x = net.node("Div", [net.node("Sub", [x, middle]), middle])
    _write_pnet_cells(net, net.prelu(net.conv(x, "conv1"), "prelu1"))
    net.output("regression", [1, 4, "rows", "columns"])
    net.output("probabilities", [1, 2, "rows", "columns"])
    net.save(target)


def write_patch_pnet(published: Path, target: Path) -> None:
    """Write P-Net for single cells. Input: (n, 12, 12, 3) float32, normalized.

    Outputs: regression (n, 4, 1, 1), probabilities (n, 2, 1, 1).
    Raises WeightsError where the published file is not P-Net's state dict.
    """
    net = _MtcnnLayers(published)
    net.input("crops", ["n", 12, 12, 3])
    _write_pnet_cells(net, net.prelu(net.conv(net.planes("crops"), "conv1"), "prelu1"))
    net.output("regression", ["n", 4, 1, 1])
    net.output("probabilities", ["n", 2, 1, 1])
    net.save(target)


def write_rnet(published: Path, target: Path) -> None:
    """Write R-Net. Input: (n, 24, 24, 3) float32, normalized.

    Outputs: regression (n, 4), probabilities (n, 2).
    Raises WeightsError where the published file is not R-Net's state dict.
    """
    net = _MtcnnLayers(published)
    net.input("crops", ["n", 24, 24, 3])
    x = net.prelu(net.conv(net.planes("crops"), "conv1"), "prelu1")
    x = net.prelu(net.conv(net.pool(x, 3), "conv2"), "prelu2")
    x = net.prelu(net.conv(net.pool(x, 3), "conv3"), "prelu3")
    x = net.prelu(net.linear(net.flat(x), "dense4"), "prelu4", axes=1)
    net.softmax(net.linear(x, "dense5_1"), "probabilities")
    net.linear(x, "dense5_2", output="regression")
    net.output("regression", ["n", 4])
    net.output("probabilities", ["n", 2])
    net.save(target)


def write_onet(published: Path, target: Path) -> None:
    """Write O-Net. Input: (n, 48, 48, 3) float32, normalized.

    Outputs: regression (n, 4), landmarks (n, 10: five x, then five y), probabilities (n, 2).
    Raises WeightsError where the published file is not O-Net's state dict.
    """
    net = _MtcnnLayers(published)
    net.input("crops", ["n", 48, 48, 3])
    x = net.prelu(net.conv(net.planes("crops"), "conv1"), "prelu1")
    x = net.prelu(net.conv(net.pool(x, 3), "conv2"), "prelu2")
    x = net.prelu(net.conv(net.pool(x, 3), "conv3"), "prelu3")
    x = net.prelu(net.conv(net.pool(x, 2), "conv4"), "prelu4")
    x = net.prelu(net.linear(net.flat(x), "dense5"), "prelu5", axes=1)
    net.softmax(net.linear(x, "dense6_1"), "probabilities")
    net.linear(x, "dense6_2", output="regression")
    net.linear(x, "dense6_3", output="landmarks")
    net.output("regression", ["n", 4])
    net.output("landmarks", ["n", 10])
    net.output("probabilities", ["n", 2])
    net.save(target)


def _write_pnet_cells(net: _MtcnnLayers, x: str) -> None:
    """Add what P-Net does after its first convolution: regression and probabilities."""
    x = net.prelu(net.conv(net.pool(x, 2), "conv2"), "prelu2")
    x = net.prelu(net.conv(x, "conv3"), "prelu3")
    net.softmax(net.conv(x, "conv4_1"), "probabilities")
    net.conv(x, "conv4_2", output="regression")


class _MtcnnLayers(StateDictGraph):
    """The layers of the three networks, with a state dict's weights."""

    def __init__(self, published: Path) -> None:
        state = read_state_dict(published, _REMEDY)
        super().__init__(state, published, "a state dict of one of MTCNN's networks", _REMEDY)

    def conv(self, x: str, layer: str, output: str = "") -> str:
        return self.node("Conv", [x, *self._weight_and_bias(layer)], output)

    def linear(self, x: str, layer: str, output: str = "") -> str:
        return self.node("Gemm", [x, *self._weight_and_bias(layer)], output, transB=1)

    def prelu(self, x: str, layer: str, axes: int = 3) -> str:
        """Axes: how many a sample has; its slopes are of the first."""
        slopes = self.weight(f"{layer}.weight")
        return self.node("PRelu", [x, self.constant(layer, slopes.reshape(-1, *[1] * (axes - 1)))])

    def pool(self, x: str, side: int) -> str:
        """Half the size, rounded up, as ceil_mode does."""
        sides, strides = [side, side], [2, 2]
        return self.node("MaxPool", [x], kernel_shape=sides, strides=strides, ceil_mode=1)

    def flat(self, x: str) -> str:
        """One row a sample, column by column: the networks were trained in Caffe on Matlab's."""
        rows = self.constant("rows_of_samples", np.array([0, -1], np.int64))
        return self.node("Reshape", [self.node("Transpose", [x], perm=[0, 3, 2, 1]), rows])

    def softmax(self, x: str, output: str) -> str:
        return self.node("Softmax", [x], output, axis=1)

    def _weight_and_bias(self, layer: str) -> tuple[str, str]:
        names = f"{layer}.weight", f"{layer}.bias"
        for name in names:
            self.constant(name, self.weight(name))
        return names
