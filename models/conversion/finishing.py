"""Finishes networks that are given away as ONNX files: folded, with shapes, checked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from common.errors import WeightsError
from common.sentence import Sentence
from models.engines.engine import Array

if TYPE_CHECKING:
    import onnx

_EPSILON = 1e-5
"""ONNX's default."""


def save_finished(model: onnx.ModelProto, source: Path, target: Path) -> None:
    """Write a network with its batch norms folded, and with the shapes of all its values.

    source: what it is made from. Raises WeightsError where its layers do not fit together.
    """
    import onnx
    from onnx.checker import ValidationError
    from onnx.shape_inference import InferenceError

    fold_batch_norms(model)
    del model.graph.value_info[:]
    try:
        inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
        onnx.checker.check_model(inferred, full_check=True)
    except (InferenceError, ValidationError) as error:
        raise WeightsError(
            Sentence("a network whose layers fit together, in {}", source),
            Sentence("they do not ({})", str(error).strip().splitlines()[0]),
            "Take another file of the network",
        ) from error
    onnx.save(inferred, str(target))


def fold_batch_norms(model: onnx.ModelProto) -> None:
    """Fold each BatchNormalization into the convolution before it, where nothing else reads that.

    The network computes the same but for rounding.
    """
    from onnx import numpy_helper

    graph = model.graph
    constants = {constant.name: constant for constant in graph.initializer}
    makers = {node.output[0]: node for node in graph.node}
    readers = Counter(name for node in graph.node for name in node.input)
    readers.update(value.name for value in graph.output)
    for norm in [node for node in graph.node if node.op_type == "BatchNormalization"]:
        conv = makers.get(norm.input[0])
        if conv is None or conv.op_type != "Conv" or readers[norm.input[0]] > 1:
            continue
        names = [*conv.input[1:], *norm.input[1:]]
        if not all(name in constants and readers[name] == 1 for name in names):
            continue
        numbers = [numpy_helper.to_array(constants[name]) for name in names]
        weight, bias = _folded(numbers, len(conv.input) > 2, _epsilon(norm))
        for name, folded in ((names[0], weight), (norm.input[2], bias)):
            constants[name].CopyFrom(numpy_helper.from_array(folded, name))
        conv.input[:] = [conv.input[0], names[0], norm.input[2]]
        conv.output[0] = norm.output[0]
        makers[norm.output[0]] = conv
        graph.node.remove(norm)
    used = {name for node in graph.node for name in node.input}
    kept = [constant for constant in graph.initializer if constant.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _folded(numbers: list[Array], has_bias: bool, epsilon: float) -> tuple[Array, Array]:
    weight, *rest = (number.astype(np.float64) for number in numbers)
    bias = rest.pop(0) if has_bias else np.zeros(len(weight))
    gamma, beta, mean, variance = rest
    factor = gamma / np.sqrt(variance + epsilon)
    wide = factor.reshape(-1, *[1] * (weight.ndim - 1))
    return (weight * wide).astype(np.float32), ((bias - mean) * factor + beta).astype(np.float32)


def _epsilon(norm: Any) -> float:
    return next((float(each.f) for each in norm.attribute if each.name == "epsilon"), _EPSILON)
