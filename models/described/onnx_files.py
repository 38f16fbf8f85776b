"""Looks into ONNX files before a runtime does: what is wrong with one is said in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from common.errors import WeightsError
from common.sentence import Sentence

if TYPE_CHECKING:
    import onnx

_STANDARD = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
"""The domains of operators that a runtime may know: ONNX's own, and ONNX Runtime's, some of which
OpenVINO has too."""

Values = NDArray[np.float64]

_LONGEST_SCALING = 16
"""Nodes; no file has more at its beginning."""

_SCALED = 4.0
"""Networks read numbers about -1 to 1, or 0 to 1, or within some standard deviations of ImageNet's
colours: none of these is above this one."""


def read_onnx(path: Path) -> tuple[onnx.ModelProto, bool]:
    """Return a model, with the weights that lie in files beside it, and whether any do.

    Raises WeightsError where it is none, is damaged, needs an operator that is not ONNX's, or its
    weights lie outside its folder.
    """
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load(str(path), load_external_data=False)
    except (DecodeError, ValueError) as error:
        raise _refused(Sentence("{} is none, or was cut short", path)) from error
    if not model.graph.node or not model.graph.output:
        raise _refused(Sentence("{} is none, or was cut short: it holds no network", path))
    for node in _nodes(model):
        if node.domain not in _STANDARD and not _defines(model, node):
            raise WeightsError(
                "a model of ONNX's own operators",
                Sentence("{} needs {}, which is another's", path, f"{node.domain}.{node.op_type}"),
                "Export it without custom operators",
            )
    return model, _load_beside(model, path)


def scales_itself(model: onnx.ModelProto) -> bool:
    """Return whether the network begins with the scaling of a picture's values from 0 to 255.

    insightface's files from MXNet do: whoever scales for them, scales twice.
    """
    constants = _small_constants(model)
    given = [value.name for value in model.graph.input if value.name not in constants]
    name, ends, is_scaled = given[0] if given else "", (np.zeros(1), np.full(1, 255.0)), False
    for _ in range(_LONGEST_SCALING):
        readers = [node for node in model.graph.node if name in node.input]
        if len(readers) != 1 or not readers[0].output:
            break
        others = [other for other in readers[0].input if other != name]
        if others:
            applied = _applied(readers[0], name, constants, ends)
            if applied is None:
                break
            ends, is_scaled = applied, True
        elif readers[0].op_type not in ("Cast", "Identity", "Transpose"):
            break
        name = readers[0].output[0]
    return bool(is_scaled and max(np.abs(end).max() for end in ends) < _SCALED)


def _small_constants(model: onnx.ModelProto) -> dict[str, Values]:
    """Return the constants that may be a mean or a scale, by name: (1,) or (3,) float64."""
    from onnx import numpy_helper

    tensors = {value.name: value for value in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant":
            for name in node.output[:1]:
                tensors.update((name, a.t) for a in node.attribute if a.name == "value")
    found = {}
    for name, tensor in tensors.items():
        is_real = tensor.data_type in (tensor.FLOAT, tensor.FLOAT16, tensor.DOUBLE)
        if is_real and prod(tensor.dims) in (1, 3) and tensor.data_location != tensor.EXTERNAL:
            with suppress(ValueError, TypeError):  # it is damaged, which the runtime will say
                values = numpy_helper.to_array(tensor).astype(np.float64).ravel()
                if np.isfinite(values).all():
                    found[name] = values
    return found


def _applied(
    node: onnx.NodeProto, name: str, constants: Mapping[str, Values], ends: tuple[Values, Values]
) -> tuple[Values, Values] | None:
    """Return what a node makes of the least and the greatest value; None where it scales none."""
    others = [other for other in node.input if other != name]
    operand = constants.get(others[0]) if len(others) == 1 else None
    if operand is None:
        return None
    low, high = ends
    is_first = node.input[0] == name
    match node.op_type:
        case "Add":
            return low + operand, high + operand
        case "Mul":
            return low * operand, high * operand
        case "Sub" if is_first:
            return low - operand, high - operand
        case "Div" if is_first and operand.all():
            return low / operand, high / operand
    return None


def _nodes(model: onnx.ModelProto) -> Iterator[onnx.NodeProto]:
    """Yield all nodes, those of inner graphs and of the model's own functions too."""
    waiting = [model.graph.node, *(function.node for function in model.functions)]
    while waiting:
        for node in waiting.pop():
            yield node
            for attribute in node.attribute:
                waiting.extend(graph.node for graph in (attribute.g, *attribute.graphs))


def _defines(model: onnx.ModelProto, node: onnx.NodeProto) -> bool:
    return any((f.domain, f.name) == (node.domain, node.op_type) for f in model.functions)


def _tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    yield from model.graph.initializer
    for node in _nodes(model):
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors, *attribute.g.initializer)
            for graph in attribute.graphs:
                yield from graph.initializer


def _load_beside(model: onnx.ModelProto, path: Path) -> bool:
    """Read the weights that lie in other files of the model's folder; return whether any do.

    Raises WeightsError where one is missing, too short, or lies elsewhere: a model could otherwise
    carry away what is in any file of this computer.
    """
    import onnx
    from onnx.external_data_helper import load_external_data_for_model

    beside = [t for t in _tensors(model) if t.data_location == onnx.TensorProto.EXTERNAL]
    folder = path.resolve().parent
    for tensor in beside:
        told = {entry.key: entry.value for entry in tensor.external_data}
        location = told.get("location", "")
        file = folder / location
        try:
            is_within = file.resolve().is_relative_to(folder) and not file.is_symlink()
            size = file.stat().st_size if is_within and file.is_file() else None
        except (OSError, ValueError):
            is_within, size = True, None
        if not is_within:
            raise WeightsError(
                "a model whose weights lie in its own folder",
                Sentence("{} asks for {}", path, repr(location)),
                "Do not use this file",
            )
        try:
            end = int(told.get("offset", "0")) + int(told.get("length", "0"))
        except ValueError:
            end = -1
        if size is None or not 0 <= end <= size:
            raise WeightsError(
                Sentence("the weights {} beside {}", repr(location), path),
                "they are missing or were cut short",
                "Bring the file as it was exported with the model, into the same folder",
            )
    try:
        load_external_data_for_model(model, str(folder))
    except (OSError, ValueError, onnx.checker.ValidationError) as error:
        raise _refused(
            Sentence("the weights beside {} cannot be read ({})", path, error)
        ) from error
    return bool(beside)


def _refused(found: Sentence) -> WeightsError:
    return WeightsError("a model in the format ONNX", found, "Give another file, or get it again")
