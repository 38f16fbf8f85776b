"""Frees CenterFace's published file from the size of picture that it was exported with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import WeightsError
from common.sentence import Sentence

if TYPE_CHECKING:
    import onnx

CONVOLUTIONAL = frozenset({"Add", "BatchNormalization", "Conv", "ConvTranspose", "Relu", "Sigmoid"})
"""What the published network consists of. Each takes maps of any size."""


def free_sizes(source: Path, target: Path) -> None:
    """Write the same network for one picture of any size whose sides are multiples of 32.

    The published file says ten pictures of 32x32. It lists its weights among its inputs, too, as
    old files do: they are taken from there. A network with other operators, in which a size may be
    written somewhere, keeps its own. Raises WeightsError where the source is no ONNX file.
    """
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load(str(source))
    except DecodeError as error:
        raise WeightsError(
            "CenterFace as an ONNX file",
            Sentence("{} is damaged or something else", source),
            "Get the file again",
        ) from error
    graph = model.graph
    weights = {initializer.name for initializer in graph.initializer}
    inputs = [value for value in graph.input if value.name not in weights]
    del graph.input[:], graph.value_info[:]
    graph.input.extend(inputs)
    if {node.op_type for node in graph.node} <= CONVOLUTIONAL:
        for value in graph.input:
            _free(value, ("height", "width"))
        for value in graph.output:
            _free(value, ("rows", "columns"))
    onnx.save(model, str(target))


def _free(value: onnx.ValueInfoProto, sides: tuple[str, str]) -> None:
    """Let a value be one map with its channels, of any size."""
    axes = value.type.tensor_type.shape.dim
    for axis, size in zip((axes[0], *axes[2:]), (1, *sides), strict=True):
        axis.Clear()
        if isinstance(size, int):
            axis.dim_value = size
        else:
            axis.dim_param = size
