"""Turns TensorFlow's frozen graphs into ONNX files, and has OpenVINO read them, too.

davidsandberg's FaceNet is read from its node "input" and with "phase_train" false, and gives
"embeddings"; other graphs from their one placeholder to the one node that nothing else reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion.finishing import save_finished
from models.conversion.foreign.branches import UnknownConditionError, choices, in_order, split
from models.conversion.foreign.channels_last import ChannelsLastGraph, Operand, Value
from models.conversion.foreign.frozen_graph import GraphNode, read_frozen_graph
from models.conversion.foreign.tensorflow_operators import OPERATORS, UnsupportedOperatorError
from models.engines.engine import Array

_BOOL = 10
"""TensorFlow's DataType of conditions."""

_FACENET_SIDE = 160
"""What davidsandberg's networks read where the graph does not say it."""

_FACENET_SOURCES = ("input", "image_batch")
"""What davidsandberg's graphs read pictures from; both are fed by a queue."""

_MALFORMED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What comes of a node whose inputs or attributes are not what its operator has."""


@dataclass(frozen=True)
class FrozenNetwork:
    """A frozen graph, and what of it is the network.

    path: of its file. source, result: names of the nodes. width, height: of the picture that it
    reads, pixels. conditions: placeholders of conditions, all false.
    """

    path: Path
    nodes: Mapping[str, GraphNode]
    source: str
    result: str
    width: int
    height: int
    conditions: tuple[str, ...]


def frozen_network(path: Path) -> FrozenNetwork:
    """Read a frozen graph. Raises what read_frozen_graph() raises."""
    nodes = read_frozen_graph(path)
    conditions = tuple(
        node.name
        for node in nodes.values()
        if node.operator.startswith("Placeholder") and node.type_of("dtype") == _BOOL
    )
    source = _source(path, nodes, conditions)
    result = _result(path, nodes)
    height, width = _sides(path, nodes, source)
    return FrozenNetwork(path, nodes, source, result, width, height, conditions)


def write_frozen(network: FrozenNetwork, target: Path) -> None:
    """Write the network as an ONNX file: (n, height, width, 3) float32 to (n, dimension) float32.

    Raises WeightsError for what cannot be written so.
    """
    graph = ChannelsLastGraph()
    picture = graph.picture("pictures", network.width, network.height)
    result = _written(network, graph, picture)
    if not isinstance(result, Value):
        raise _wrong(network.path, Sentence("what it gives does not depend on the picture"))
    graph.vectors(result, "embedding")
    save_finished(graph.model(target.stem), network.path, target)


def write_reference(network: FrozenNetwork, target: Path) -> None:
    """Have OpenVINO read the graph by itself, and write it in OpenVINO's format (.xml and .bin).

    Raises WeightsError where it cannot.
    """
    from models.engines.openvino import openvino_package

    runtime = openvino_package()
    from openvino import frontend as failures
    from openvino.frontend import FrontEndManager

    try:
        frontend = FrontEndManager().load_by_framework("tf")
        model = frontend.load(str(network.path))
        source = model.get_place_by_tensor_name(f"{network.source}:0")
        conditions = [model.get_place_by_tensor_name(f"{name}:0") for name in network.conditions]
        model.override_all_inputs([source, *conditions])
        model.override_all_outputs([model.get_place_by_tensor_name(f"{network.result}:0")])
        shape = [-1, network.height, network.width, 3]
        model.set_partial_shape(source, runtime.PartialShape(shape))
        model.set_element_type(source, runtime.Type.f32)
        for condition in conditions:
            model.set_partial_shape(condition, runtime.PartialShape([]))
            model.set_element_type(condition, runtime.Type.boolean)
            model.set_tensor_value(condition, np.array(False))
        runtime.serialize(frontend.convert(model), str(target))
    except (
        *(failures.GeneralFailure, failures.InitializationFailure, failures.OpConversionFailure),
        *(failures.NotImplementedFailure, failures.OpValidationFailure, RuntimeError),
    ) as error:
        found = Sentence("OpenVINO cannot read it ({})", str(error).strip().splitlines()[-1])
        raise _wrong(network.path, found) from error


def _written(network: FrozenNetwork, graph: ChannelsLastGraph, picture: Value) -> Operand:
    """Write all nodes that are reached; return what the last one gives."""
    order, chosen = _order(network)
    done: dict[str, Operand] = {network.source: picture}
    for node in _reached(network, order, chosen):
        if node.operator == "Merge":
            done[node.name] = done[split(chosen[node.name])[0]]
        elif node.name not in done:
            done[node.name] = _node(network, graph, node, done)
    return done[network.result]


def _order(network: FrozenNetwork) -> tuple[list[GraphNode], dict[str, str]]:
    ends = (network.source, *network.conditions)
    try:
        order = in_order(network.nodes, network.result, ends)
        return order, choices(order, ends, dict.fromkeys(network.conditions, False))
    except KeyError as error:
        found = Sentence("its node {} is missing", error.args[0])
        raise _wrong(network.path, found) from error
    except UnknownConditionError as error:
        found = Sentence("its condition {} depends on the picture", error)
        raise _wrong(network.path, found) from error
    except (IndexError, ValueError) as error:
        found = Sentence("its nodes do not fit together ({})", error)
        raise _wrong(network.path, found) from error


def _reached(
    network: FrozenNetwork, order: list[GraphNode], chosen: Mapping[str, str]
) -> list[GraphNode]:
    """Return those nodes, in order, whose values the result is computed from."""
    wanted = {network.result}
    reached = []
    for node in reversed(order):
        if node.name not in wanted:
            continue
        reached.append(node)
        if node.operator == "Merge" and node.name not in chosen:
            raise _wrong(network.path, Sentence("nothing reaches its node {}", node.name))
        if node.name != network.source:
            inputs = [chosen[node.name]] if node.operator == "Merge" else _data(node)
            wanted |= {split(reference)[0] for reference in inputs}
    return reached[::-1]


def _data(node: GraphNode) -> list[str]:
    """Return the inputs that are values; a Switch only hands its first one on."""
    inputs = [reference for reference in node.inputs if not reference.startswith("^")]
    return inputs[:1] if node.operator == "Switch" else inputs


def _node(
    network: FrozenNetwork,
    graph: ChannelsLastGraph,
    node: GraphNode,
    done: Mapping[str, Operand],
) -> Operand:
    try:
        if node.operator == "Const":
            return _constant(network, node)
        references = [split(reference) for reference in _data(node)]
        if any(output and network.nodes[name].operator != "Switch" for name, output in references):
            raise UnsupportedOperatorError(f"a second output, for {node.operator}")
        if node.operator not in OPERATORS:
            raise UnsupportedOperatorError(node.operator)
        inputs = [done[name] for name, _ in references]
        return OPERATORS[node.operator](graph, node, inputs)
    except UnsupportedOperatorError as error:
        found = Sentence("its node {} needs {}, which is not converted here", node.name, error)
        raise _wrong(network.path, found) from error
    except _MALFORMED as error:
        found = Sentence("its node {} is not as it must be ({})", node.name, error)
        raise _wrong(network.path, found) from error


def _constant(network: FrozenNetwork, node: GraphNode) -> Array:
    numbers = node.numbers()
    if numbers.dtype.kind != "f":
        return numbers
    if not np.isfinite(numbers).all():
        found = Sentence("not everything in its {} is a number", node.name)
        raise _wrong(network.path, found)
    return numbers.astype(np.float32)


def _source(path: Path, nodes: Mapping[str, GraphNode], conditions: tuple[str, ...]) -> str:
    known = next((name for name in _FACENET_SOURCES if name in nodes), None)
    if known is not None:
        return known
    placeholders = [
        node.name
        for node in nodes.values()
        if node.operator == "Placeholder" and node.name not in conditions
    ]
    if len(placeholders) != 1:
        names = ", ".join(placeholders[:5]) or Sentence("none")
        raise _wrong(path, Sentence("its inputs are {}, where one picture should be", names))
    return placeholders[0]


def _result(path: Path, nodes: Mapping[str, GraphNode]) -> str:
    if "embeddings" in nodes:
        return "embeddings"
    read = {split(reference)[0] for node in nodes.values() for reference in node.inputs}
    ends = sorted(nodes.keys() - read)
    if len(ends) != 1:
        names = ", ".join(ends[:5]) or Sentence("nothing")
        raise _wrong(path, Sentence("it ends in {}, not in one vector", names))
    return ends[0]


def _sides(path: Path, nodes: Mapping[str, GraphNode], source: str) -> tuple[int, int]:
    """Return height and width of the picture, from the source or the queue that it is fed from."""
    try:
        order = in_order(nodes, source, ())
    except (KeyError, ValueError):
        order = [nodes[source]]
    for node in reversed(order):
        shape = node.shape()
        if shape is not None and len(shape) == 4 and min(shape[1:]) > 0:
            if shape[3] != 3:
                raise _wrong(path, Sentence("it reads {} channels, not 3", shape[3]))
            return shape[1], shape[2]
    return _FACENET_SIDE, _FACENET_SIDE


def _wrong(path: Path, found: Sentence) -> WeightsError:
    return WeightsError(
        Sentence("a frozen graph of a network that gives a vector for a face, in {}", path),
        found,
        "Take another file of the network, or convert it with tf2onnx where it was made",
    )
