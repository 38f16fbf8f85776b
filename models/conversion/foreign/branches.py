"""Which nodes of a frozen graph are reached when it is not trained.

TensorFlow 1 writes a condition as nodes: Switch hands a value on by one of two outputs, the other
one is dead; whatever reads something dead is dead; Merge hands on what is alive. davidsandberg's
FaceNet has such a condition, on phase_train, in each batch norm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from models.conversion.foreign.frozen_graph import GraphNode


class UnknownConditionError(Exception):
    """A condition is not known before the picture is. Its text is the name of the node."""


def split(reference: str) -> tuple[str, int]:
    """Return the node and the number of the output of an entry of GraphNode.inputs."""
    name, _, output = reference.removeprefix("^").partition(":")
    return name, int(output) if output.isdigit() else 0


def in_order(nodes: Mapping[str, GraphNode], last: str, given: Iterable[str]) -> list[GraphNode]:
    """Return the nodes that `last` needs, each after those that it needs itself.

    given: nodes whose own inputs are not looked at. Raises KeyError, with its name, for a node that
    is missing, and ValueError where nodes need each other.
    """
    ends = set(given)
    done: dict[str, GraphNode] = {}
    begun: set[str] = set()
    waiting: list[tuple[str, Iterator[str]]] = [(last, _needed(nodes[last], ends))]
    while waiting:
        name, needed = waiting[-1]
        begun.add(name)
        following = next((other for other in needed if other not in done), None)
        if following is None:
            done[name] = nodes[name]
            waiting.pop()
        elif following in begun:
            raise ValueError(f"{following} needs what it gives")
        else:
            waiting.append((following, _needed(nodes[following], ends)))
    return list(done.values())


def choices(
    order: Iterable[GraphNode], given: Iterable[str], conditions: Mapping[str, bool]
) -> dict[str, str]:
    """Return which input each Merge that is alive hands on, by the Merge's name.

    order, given: see in_order(). conditions: what those of the given are that are conditions.
    Raises UnknownConditionError.
    """
    ends = set(given)
    alive: set[tuple[str, int]] = set()
    known = dict(conditions)
    chosen: dict[str, str] = {}
    for node in order:
        reached = [reference for reference in node.inputs if split(reference) in alive]
        if node.operator == "Merge":
            if reached:
                chosen[node.name] = reached[0]
        elif node.name not in ends and len(reached) < len(node.inputs):
            continue
        _note_condition(node, known)
        alive |= {(node.name, output) for output in _outputs(node, known)}
    return chosen


def _outputs(node: GraphNode, known: Mapping[str, bool]) -> Iterable[int]:
    if node.operator == "Switch":
        condition = split(node.inputs[1])[0]
        if condition not in known:
            raise UnknownConditionError(condition)
        return (int(known[condition]),)
    return range(6)  # FusedBatchNormV3 has most


def _note_condition(node: GraphNode, known: dict[str, bool]) -> None:
    if node.operator in ("Identity", "Switch", "LogicalNot") and node.inputs:
        source = split(node.inputs[0])[0]
        if source in known:
            known[node.name] = known[source] ^ (node.operator == "LogicalNot")


def _needed(node: GraphNode, ends: set[str]) -> Iterator[str]:
    if node.name in ends:
        return iter(())
    return iter([split(reference)[0] for reference in node.inputs])
