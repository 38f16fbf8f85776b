"""Small networks for tests, as ONNX and as TFLite: they average a picture's cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def averaging_network(
    *,
    size: tuple[int, int] = (112, 112),
    layout: str = "NCHW",
    batch: int | str = "n",
    cells: int = 8,
    channels: tuple[float, float, float] = (1.0, 1.0, 1.0),
    scales_itself: bool = False,
    outputs: tuple[str, ...] = ("embedding",),
    numbers: int = TensorProto.FLOAT,
    is_open: bool = False,
    dimension: int | None = None,
    centre: float = 0.0,
) -> onnx.ModelProto:
    """A network that gives 3 * cells * cells numbers: each channel's averages in a grid.

    channels: what each channel is multiplied by, in the network's order. scales_itself: whether it
    reads values from 0 to 255. outputs: their names; all but the first one are one number.
    is_open: whether the file leaves the picture's size open. dimension: so many numbers are made of
    the averages, by a random projection. centre: what it takes off the numbers that it reads.
    """
    width, height = size
    sides: list[Any] = [3, "h", "w"] if is_open else [3, height, width]
    shape = [batch, *sides] if layout == "NCHW" else [batch, *sides[1:], sides[0]]
    steps: list[tuple[str, list[str], dict[str, Any]]] = []
    if numbers != TensorProto.FLOAT:
        steps.append(("Cast", [], {"to": TensorProto.FLOAT}))
    if layout == "NHWC":
        steps.append(("Transpose", [], {"perm": [0, 3, 1, 2]}))
    if scales_itself:
        steps += [("Sub", ["mean"], {}), ("Div", ["scale"], {})]
    pool = {"kernel_shape": [height // cells, width // cells]}
    if centre:
        steps.append(("Sub", ["centre"], {}))
    steps += [
        ("Mul", ["channels"], {}),
        ("AveragePool", [], {**pool, "strides": pool["kernel_shape"]}),
        ("Flatten", [], {}),
    ]
    if dimension is not None:
        steps.append(("MatMul", ["projection"], {}))
    nodes, last = [], "picture"
    for number, (kind, others, attributes) in enumerate(steps):
        result = outputs[0] if number == len(steps) - 1 else f"step{number}"
        nodes.append(helper.make_node(kind, [last, *others], [result], **attributes))
        last = result
    for name in outputs[1:]:
        nodes.append(helper.make_node("ReduceMean", [outputs[0]], [name], axes=[1], keepdims=1))
    count = 3 * cells * cells
    weights = {
        "mean": np.float32([[[127.5]]]),
        "scale": np.float32([[[128.0]]]),
        "centre": np.float32([[[centre]]]),
        "channels": np.float32(channels).reshape(1, 3, 1, 1),
        "projection": np.random.default_rng(0)
        .normal(size=(count, dimension or 0))
        .astype(np.float32),
    }
    used = {name for _, others, _ in steps for name in others}
    counts = [dimension or count] + [1] * (len(outputs) - 1)
    graph = helper.make_graph(
        nodes,
        "averages",
        [helper.make_tensor_value_info("picture", numbers, shape)],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, length])
            for name, length in zip(outputs, counts, strict=True)
        ],
        [numpy_helper.from_array(value, name) for name, value in weights.items() if name in used],
    )
    opset = [helper.make_opsetid("", 13)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8)


def write_network(path: Path, **options: Any) -> Path:
    """Write averaging_network() to a file; return its path."""
    onnx.save(averaging_network(**options), str(path))
    return path


_AVERAGE_POOL, _MUL, _RESHAPE = 1, 18, 22
_FLOAT32, _INT32 = 0, 2
_VALID = 1


def write_tflite(path: Path, *, side: int = 112, batch: int = 1, weight: float = 1.0) -> Path:
    """Write the same network as TFLite, NHWC, in the order of the picture's cells.

    Its file is put together by the published schema of TensorFlow Lite, version 3: tables' fields
    are given by their numbers there. weight: what the 48 averages are multiplied by.
    """
    builder = flatbuffers.Builder(4096)

    def table(fields: dict[int, tuple[str, Any]]) -> int:
        builder.StartObject(max(fields, default=-1) + 1)
        for slot, (kind, value) in fields.items():
            getattr(builder, f"Prepend{kind}Slot")(slot, value, 0)
        return int(builder.EndObject())

    def numbers(values: list[int]) -> int:
        return int(builder.CreateNumpyVector(np.array(values, np.int32)))

    def tables(offsets: list[int]) -> int:
        builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
        return int(builder.EndVector())

    def buffer(data: bytes) -> int:
        if not data:
            return table({})
        return table({0: ("UOffsetTRelative", builder.CreateByteVector(data))})

    def tensor(name: str, shape: list[int], kind: int, buffered: int) -> int:
        said, sides = builder.CreateString(name), numbers(shape)
        return table(
            {
                0: ("UOffsetTRelative", sides),
                1: ("Int8", kind),
                2: ("Uint32", buffered),
                3: ("UOffsetTRelative", said),
            }
        )

    def operator(code: int, reads: list[int], gives: list[int], kind: int, options: int) -> int:
        read, given = numbers(reads), numbers(gives)
        return table(
            {
                0: ("Uint32", code),
                1: ("UOffsetTRelative", read),
                2: ("UOffsetTRelative", given),
                3: ("Uint8", kind),
                4: ("UOffsetTRelative", options),
            }
        )

    cell, count = side // 4, 48
    buffers = [
        buffer(b""),
        buffer(np.array([batch, count], np.int32).tobytes()),
        buffer(np.full(count, weight, np.float32).tobytes()),
    ]
    tensors = [
        tensor("picture", [batch, side, side, 3], _FLOAT32, 0),
        tensor("averages", [batch, 4, 4, 3], _FLOAT32, 0),
        tensor("shape", [2], _INT32, 1),
        tensor("flat", [batch, count], _FLOAT32, 0),
        tensor("weights", [count], _FLOAT32, 2),
        tensor("embedding", [batch, count], _FLOAT32, 0),
    ]
    pool = table({0: ("Int8", _VALID), **dict.fromkeys((1, 2, 3, 4), ("Int32", cell))})
    reshape = table({0: ("UOffsetTRelative", numbers([batch, count]))})
    operators = [
        operator(0, [0], [1], 5, pool),
        operator(1, [1, 2], [3], 17, reshape),
        operator(2, [3, 4], [5], 21, table({})),
    ]
    graph = table(
        {
            0: ("UOffsetTRelative", tables(tensors)),
            1: ("UOffsetTRelative", numbers([0])),
            2: ("UOffsetTRelative", numbers([5])),
            3: ("UOffsetTRelative", tables(operators)),
        }
    )
    codes = [
        table({0: ("Int8", code), 2: ("Int32", 1), 3: ("Int32", code)})
        for code in (_AVERAGE_POOL, _RESHAPE, _MUL)
    ]
    model = table(
        {
            0: ("Uint32", 3),
            1: ("UOffsetTRelative", tables(codes)),
            2: ("UOffsetTRelative", tables([graph])),
            4: ("UOffsetTRelative", tables(buffers)),
        }
    )
    builder.Finish(model, b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path
