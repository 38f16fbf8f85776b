"""Reads TensorFlow's frozen graphs without TensorFlow.

A frozen graph is a GraphDef, a message of Protocol Buffers (tensorflow/core/framework/graph.proto,
node_def.proto, attr_value.proto, tensor.proto, tensor_shape.proto). What is read of it is
described here; other fields are skipped. Nothing in it is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from common.errors import WeightsError
from common.sentence import Sentence
from models.engines.engine import Array

_MOST_REPEATED = 1 << 24
"""The most numbers of a tensor that the file gives as one number and a shape."""

_OPTIONAL, _REPEATED = 1, 3
_DOUBLE, _FLOAT, _INT64, _INT32, _BOOL, _STRING, _MESSAGE, _BYTES = 1, 2, 3, 5, 8, 9, 11, 12
"""Labels and types of google/protobuf/descriptor.proto."""

_MESSAGES: dict[str, tuple[tuple[str, int, int, int, str], ...]] = {
    "Dim": (("size", 1, _OPTIONAL, _INT64, ""),),
    "Shape": (
        ("dim", 2, _REPEATED, _MESSAGE, "Dim"),
        ("unknown_rank", 3, _OPTIONAL, _BOOL, ""),
    ),
    "Tensor": (
        ("dtype", 1, _OPTIONAL, _INT32, ""),
        ("tensor_shape", 2, _OPTIONAL, _MESSAGE, "Shape"),
        ("tensor_content", 4, _OPTIONAL, _BYTES, ""),
        ("float_val", 5, _REPEATED, _FLOAT, ""),
        ("double_val", 6, _REPEATED, _DOUBLE, ""),
        ("int_val", 7, _REPEATED, _INT32, ""),
        ("int64_val", 10, _REPEATED, _INT64, ""),
        ("bool_val", 11, _REPEATED, _BOOL, ""),
    ),
    "List": (
        ("i", 3, _REPEATED, _INT64, ""),
        ("shape", 7, _REPEATED, _MESSAGE, "Shape"),
    ),
    "Attribute": (
        ("list", 1, _OPTIONAL, _MESSAGE, "List"),
        ("s", 2, _OPTIONAL, _BYTES, ""),
        ("i", 3, _OPTIONAL, _INT64, ""),
        ("f", 4, _OPTIONAL, _FLOAT, ""),
        ("b", 5, _OPTIONAL, _BOOL, ""),
        ("type", 6, _OPTIONAL, _INT32, ""),
        ("shape", 7, _OPTIONAL, _MESSAGE, "Shape"),
        ("tensor", 8, _OPTIONAL, _MESSAGE, "Tensor"),
    ),
    # On the wire a map is a repeated message of a key and a value.
    "Entry": (
        ("key", 1, _OPTIONAL, _BYTES, ""),
        ("value", 2, _OPTIONAL, _MESSAGE, "Attribute"),
    ),
    "Node": (
        ("name", 1, _OPTIONAL, _STRING, ""),
        ("op", 2, _OPTIONAL, _STRING, ""),
        ("input", 3, _REPEATED, _STRING, ""),
        ("attr", 5, _REPEATED, _MESSAGE, "Entry"),
    ),
    "Graph": (("node", 1, _REPEATED, _MESSAGE, "Node"),),
}
"""The fields that are read: name, number, label, type, and the message that it holds."""

_ONE_OF_MANY = "Attribute"
"""The message that has one of its fields."""

_NUMBERS: dict[int, tuple[str, str]] = {
    1: ("<f4", "float_val"),
    2: ("<f8", "double_val"),
    3: ("<i4", "int_val"),
    9: ("<i8", "int64_val"),
    10: ("?", "bool_val"),
}
"""TensorFlow's DataType, its numpy type, and the field of single numbers."""


@dataclass(frozen=True)
class GraphNode:
    """A node. inputs: "name", "name:output", or "^name" for one that only has to come before."""

    name: str
    operator: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    def ints(self, name: str, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        return tuple(self.attributes[name].list.i) if name in self.attributes else default

    def text(self, name: str, default: str = "") -> str:
        found = self.attributes.get(name)
        return default if found is None else found.s.decode("utf-8", "replace")

    def flag(self, name: str, default: bool = False) -> bool:
        return bool(self.attributes[name].b) if name in self.attributes else default

    def type_of(self, name: str) -> int:
        """Return an attribute that is one of TensorFlow's DataTypes; 0 where it is missing."""
        return self.attributes[name].type if name in self.attributes else 0

    def shape(self) -> tuple[int, ...] | None:
        """Return the shape of a placeholder, or of the first things in a queue; -1 is free."""
        if "shape" in self.attributes:
            shape = self.attributes["shape"].shape
            return None if shape.unknown_rank else tuple(dim.size for dim in shape.dim)
        if "shapes" in self.attributes and self.attributes["shapes"].list.shape:
            return (-1, *(dim.size for dim in self.attributes["shapes"].list.shape[0].dim))
        return None

    def numbers(self) -> Array:
        """Return a constant's numbers. Raises ValueError where they are not as they must be."""
        tensor = self.attributes["value"].tensor
        if tensor.dtype not in _NUMBERS:
            raise ValueError(f"the type {tensor.dtype} of {self.name} is unknown")
        dtype, field = _NUMBERS[tensor.dtype]
        shape = tuple(dim.size for dim in tensor.tensor_shape.dim)
        if any(side < 0 for side in shape):
            raise ValueError(f"{self.name} has a negative size")
        if tensor.tensor_content:
            return np.frombuffer(tensor.tensor_content, dtype).reshape(shape)
        few = np.array(getattr(tensor, field), dtype)
        count = prod(shape)
        if len(few) == count:
            return few.reshape(shape)
        if not len(few) or len(few) > count or count > _MOST_REPEATED:
            raise ValueError(f"{self.name} has another size than its shape")
        # The last one stands for all that are left out.
        return np.concatenate([few, np.full(count - len(few), few[-1])]).reshape(shape)


def read_frozen_graph(path: Path) -> dict[str, GraphNode]:
    """Return the nodes of a frozen graph by their names.

    Raises WeightsError where the file holds something else or is damaged, OSError where it cannot
    be read.
    """
    from google.protobuf.message import DecodeError

    graph = message_class("Graph")()
    try:
        graph.ParseFromString(path.read_bytes())
    except DecodeError as error:
        raise _wrong(path, Sentence("it is damaged or holds something else")) from error
    if not graph.node:
        raise _wrong(path, Sentence("there is no network in it"))
    return {node.name: node for node in map(_node, graph.node)}


def _wrong(path: Path, found: Sentence) -> WeightsError:
    if path.name == "saved_model.pb":
        found = Sentence("it is a SavedModel")
    return WeightsError(
        Sentence("a frozen graph of TensorFlow, in {}", path),
        found,
        "Take the file that freeze_graph.py wrote, or in TensorFlow save the model as .keras",
    )


def _node(node: Any) -> GraphNode:
    attributes = {entry.key.decode("utf-8", "replace"): entry.value for entry in node.attr}
    return GraphNode(node.name, node.op, tuple(node.input), attributes)


@cache
def message_class(name: str) -> Any:
    """Return the class of one of the messages: of "Graph", or of what is in one."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(
        name="facedesk_frozen_graph.proto", package="facedesk", syntax="proto3"
    )
    file.message_type.extend(_described(descriptor_pb2))
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"facedesk.{name}"))


def _described(kinds: Any) -> Iterator[Any]:
    for name, fields in _MESSAGES.items():
        message = kinds.DescriptorProto(name=name)
        if name == _ONE_OF_MANY:
            message.oneof_decl.add(name="value")
        for field, number, label, kind, of in fields:
            added = message.field.add(name=field, number=number, label=label, type=kind)
            if name == _ONE_OF_MANY:
                added.oneof_index = 0
            if of:
                added.type_name = f".facedesk.{of}"
        yield message
