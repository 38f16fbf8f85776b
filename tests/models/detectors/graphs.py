"""Writes ONNX files with the outputs of detectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.detectors.one_shot import DetectorFamily

from .encoding import YOLO_ANCHORS

SIDE = 24.0
"""The side of the boxes that write_finder()'s networks give, in pixels of the canvas."""


class Nodes:
    """The nodes of a network that is being written."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: NDArray[np.generic]) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, operator: str, *inputs: str, **attributes: object) -> str:
        name = f"{operator}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def save(self, path: Path, input_shape: Sequence[int | str], outputs: Sequence[str]) -> Path:
        graph = helper.make_graph(
            self.nodes,
            "detector",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, input_shape)],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            self.constants,
        )
        opset = [helper.make_opsetid("", 18)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), str(path))
        return path


def write_heads(path: Path, heads: Sequence[NDArray[np.float32]], width: int, height: int) -> Path:
    """A network that reads a picture of that size and gives these heads, whatever it shows."""
    net = Nodes()
    nothing = net.node(
        "Mul", net.node("ReduceMean", "input", keepdims=0), net.constant(np.float32(0))
    )
    return net.save(
        path,
        [1, 3, height, width],
        [net.node("Add", net.constant(head), nothing) for head in heads],
    )


Columns = dict[int, float]
"""The biases of a head's channels; those that are not there are 0."""


def write_finder(path: Path, family: DetectorFamily, side: float = SIDE) -> Path:
    """A network for any size that finds green patches: boxes of `side`, with a cross of points.

    It has all outputs and strides of its family, and as many layers as it needs for that.
    """
    net = Nodes()
    finder = {
        "yolov5-face": _yolo_finder,
        "scrfd": _scrfd_finder,
        "retinaface": _retina_finder,
        "centerface": _center_finder,
    }[family.name]
    outputs = finder(net, _Head(net, family.form.scale[0]), side)
    return net.save(path, [1, 3, "height", "width"], outputs)


CROSS = np.float32([[-0.2, -0.2], [0.2, -0.2], [0, 0], [-0.15, 0.25], [0.15, 0.25]])
"""The landmarks that they give, from the middle of the patch's cell, in sides of the box."""


class _Head:
    """Makes heads: a convolution 1x1 over the mean of each cell."""

    def __init__(self, net: Nodes, scale: float) -> None:
        self._net, self._scale = net, scale

    def __call__(
        self, stride: int, channels: int, biases: Columns, found: dict[int, tuple[float, float]]
    ) -> str:
        """found: of the channels that tell a patch, their values on gray and on green."""
        weight = np.zeros((channels, 3, 1, 1), np.float32)
        bias = np.zeros(channels, np.float32)
        for channel, value in biases.items():
            bias[channel] = value
        for channel, (gray, green) in found.items():
            # Green stands in the middle in RGB and in BGR.
            slope = (green - gray) * self._scale / 255
            weight[channel, :, 0, 0] = np.float32([-0.5, 1, -0.5]) * slope
            bias[channel] = gray
        net = self._net
        cells = net.node(
            "AveragePool", "input", kernel_shape=[stride, stride], strides=[stride, stride]
        )
        return net.node("Conv", cells, net.constant(weight), net.constant(bias))


def _rows(net: Nodes, maps: str, shape: Sequence[int]) -> str:
    last = net.node("Transpose", maps, perm=[0, 2, 3, 1])
    return net.node("Reshape", last, net.constant(np.array(shape, np.int64)))


def _yolo_finder(net: Nodes, head: Callable[..., str], side: float) -> list[str]:
    heads = []
    for level, anchors in enumerate(YOLO_ANCHORS):
        each = []
        for index, (wide, high) in enumerate(anchors):
            finds = (level, index) == (0, 2)
            biases = {4: -20.0, 15: -20.0}
            if finds:
                share = np.sqrt(side / np.array([wide, high])) / 2
                biases = dict(enumerate(np.log(share / (1 - share)), 2))
            # The cell's middle is 4 pixels from its corner.
            marks = ((CROSS * side + 4) / (wide, high)).ravel()
            biases |= {5 + i: float(value) for i, value in enumerate(marks)}
            found = {4: (-20.0, 20.0), 15: (-20.0, 20.0)} if finds else {}
            maps = head(8 << level, 16, biases, found)
            last = net.node("Transpose", maps, perm=[0, 2, 3, 1])
            each.append(net.node("Unsqueeze", last, net.constant(np.array([1], np.int64))))
        heads.append(net.node("Concat", *each, axis=1))
    return heads


def _scrfd_finder(net: Nodes, head: Callable[..., str], side: float) -> list[str]:
    by_kind: dict[int, list[str]] = {1: [], 4: [], 10: []}
    for level in range(3):
        stride = 8 << level
        near, far = (side / 2 - 4) / stride, (side / 2 + 4) / stride
        # Only the first of two anchors of the smallest stride finds anything.
        found = {0: (-20.0, 20.0)} if level == 0 else {}
        scores = net.node(
            "Sigmoid", head(stride, 2, {1: -20.0} if found else {0: -20.0, 1: -20.0}, found)
        )
        boxes = {
            4 * anchor + i: v for anchor in (0, 1) for i, v in enumerate((near, near, far, far))
        }
        points = ((CROSS * side + 4) / stride).ravel()
        marks = {10 * anchor + i: float(points[i]) for anchor, i in product((0, 1), range(10))}
        by_kind[1].append(_rows(net, scores, [-1, 1]))
        by_kind[4].append(_rows(net, head(stride, 8, boxes, {}), [-1, 4]))
        by_kind[10].append(_rows(net, head(stride, 20, marks, {}), [-1, 10]))
    return [*by_kind[1], *by_kind[4], *by_kind[10]]


def _retina_finder(net: Nodes, head: Callable[..., str], side: float) -> list[str]:
    offsets, classes, marks = [], [], []
    for level in range(3):
        stride = 8 << level
        logits = {0: (20.0, -20.0), 1: (-20.0, 20.0)} if level == 0 else {}
        size = float(np.log(side / 16) / 0.2)
        points = (CROSS * side / 16 / 0.1).ravel()
        of_marks = {i: float(points[i % 10]) for i in range(20)}
        offsets.append(_rows(net, head(stride, 8, {2: size, 3: size}, {}), [1, -1, 4]))
        classes.append(
            _rows(
                net,
                head(stride, 4, {2: 9.0} | ({} if level == 0 else {0: 9.0}), logits),
                [1, -1, 2],
            )
        )
        marks.append(_rows(net, head(stride, 20, of_marks, {}), [1, -1, 10]))
    joined = [net.node("Concat", *rows, axis=1) for rows in (marks, offsets, classes)]
    return [joined[1], net.node("Softmax", joined[2], axis=2), joined[0]]


def _center_finder(net: Nodes, head: Callable[..., str], side: float) -> list[str]:
    size = float(np.log(side / 4))
    points = (CROSS + 0.5)[:, ::-1].ravel()
    heat = net.node("Sigmoid", head(4, 1, {}, {0: (-20.0, 20.0)}))
    return [
        heat,
        head(4, 2, {0: size, 1: size}, {}),
        head(4, 2, {}, {}),
        head(4, 10, {i: float(v) for i, v in enumerate(points)}, {}),
    ]
