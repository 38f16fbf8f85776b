"""Turns convolutions to eight bits: half the time where a processor multiplies bytes (VNNI)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from models.engines.engine import FloatArray

ONET_RANGES = {1: (-1.6, 6.9), 2: (-2.7, 5.7)}
"""The least and the greatest input of O-Net's second and third convolution, on 566 crops of 37
photographs and of a street video. These convolutions take four fifths of its time."""

_HEADS_READ = (-4.0, 13.0)

SKETCH_PNET_RANGES = {
    0: (-1.0, 127 / 128),
    1: (-2.0, 11.0),
    2: (-5.0, 11.5),
    3: _HEADS_READ,
    4: _HEADS_READ,
}
"""The same for P-Net as write_sketch_pnet() writes it: the range of its canvas's bytes, and ranges
that hold nearly all inputs of its other convolutions on 58 photographs and frames."""

_BYTE = 255


def quantize(source: Path, target: Path, ranges: Mapping[int, tuple[float, float]]) -> None:
    """Write the network of an ONNX file with some of its convolutions in eight bits.

    ranges: which convolutions, counted from 0 in the file's order, and between what values
    their input lies; what lies outside is clipped. Weights have a scale for each output
    channel and no offset, as the ONNX operators QuantizeLinear and DequantizeLinear have it.
    """
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(str(source))
    graph = model.graph
    initializers = {i.name: i for i in graph.initializer}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]

    def constant(name: str, value: object, dtype: type) -> str:
        graph.initializer.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    nodes = list(graph.node)
    for index, (least, most) in ranges.items():
        node = convolutions[index]
        name = f"eight_bits_{index}"
        scale = (most - least) / _BYTE
        grid = [
            constant(f"{name}_scale", scale, np.float32),
            constant(f"{name}_zero", round(-least / scale), np.uint8),
        ]
        quantized, scales = _per_channel(numpy_helper.to_array(initializers[node.input[1]]))
        kept = [
            constant(f"{name}_weight", quantized, np.int8),
            constant(f"{name}_weight_scale", scales, np.float32),
            constant(f"{name}_weight_zero", np.zeros(len(scales)), np.int8),
        ]
        place = nodes.index(node)
        nodes[place:place] = [
            helper.make_node("QuantizeLinear", [node.input[0], *grid], [f"{name}_q"]),
            helper.make_node("DequantizeLinear", [f"{name}_q", *grid], [f"{name}_in"]),
            helper.make_node("DequantizeLinear", kept, [f"{name}_kernel"], axis=0),
        ]
        graph.initializer.remove(initializers[node.input[1]])
        node.input[0], node.input[1] = f"{name}_in", f"{name}_kernel"
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, str(target))


def _per_channel(weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return weights (out, ...) as integers of -127..127, and each output channel's scale."""
    scales = np.abs(weight).reshape(len(weight), -1).max(axis=1) / 127
    spread = scales.reshape(-1, *[1] * (weight.ndim - 1))
    return np.rint(weight / spread), scales
