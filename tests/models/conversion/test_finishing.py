"""Batch norms that may be folded are, others are not, and the network computes the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from common.errors import WeightsError
from models.conversion.finishing import save_finished


def made(*, has_bias: bool, is_read_twice: bool = False, is_first: bool = False) -> Any:
    random = np.random.default_rng(0)
    numbers = {
        "kernel": random.normal(0, 1, (4, 3, 3, 3)),
        "bias": random.normal(0, 1, 4),
        **{name: random.uniform(0.5, 1.5, 3 if is_first else 4) for name in ("g", "b", "m", "v")},
    }
    if not has_bias:
        del numbers["bias"]
    operands = ["kernel", *["bias"] * has_bias]
    if is_first:
        nodes = [
            helper.make_node("BatchNormalization", ["x", "g", "b", "m", "v"], ["n"], epsilon=1e-3),
            helper.make_node("Conv", ["n", *operands], ["y"], pads=[1, 1, 1, 1]),
        ]
    else:
        nodes = [
            helper.make_node("Conv", ["x", *operands], ["c"]),
            helper.make_node("BatchNormalization", ["c", "g", "b", "m", "v"], ["n"], epsilon=1e-3),
            helper.make_node("Add", ["n", "c"], ["y"])
            if is_read_twice
            else helper.make_node("Relu", ["n"], ["y"]),
        ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 6, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", None, None, None])],
        [numpy_helper.from_array(v.astype(np.float32), name) for name, v in numbers.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


@pytest.mark.parametrize(
    ("options", "norms"),
    [
        ({"has_bias": True}, 0),
        ({"has_bias": False}, 0),
        ({"has_bias": True, "is_read_twice": True}, 1),
        ({"has_bias": True, "is_first": True}, 1),
    ],
)
def test_it_computes_the_same(tmp_path: Path, options: dict[str, bool], norms: int) -> None:
    model = made(**options)
    pictures = np.random.default_rng(1).normal(0, 1, (2, 3, 6, 6)).astype(np.float32)
    (expected,) = ReferenceEvaluator(model).run(None, {"x": pictures})
    save_finished(model, Path("net"), tmp_path / "net.onnx")
    finished = onnx.load(str(tmp_path / "net.onnx"))
    assert [node.op_type for node in finished.graph.node].count("BatchNormalization") == norms
    used = {name for node in finished.graph.node for name in node.input}
    assert {constant.name for constant in finished.graph.initializer} <= used
    (found,) = ReferenceEvaluator(finished).run(None, {"x": pictures})
    assert found == pytest.approx(expected, abs=1e-4)
    assert [side.dim_value for side in finished.graph.output[0].type.tensor_type.shape.dim][1] == 4


def test_layers_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    model = made(has_bias=False)
    flat = np.zeros((4, 3, 3), np.float32)
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(flat, "kernel"))
    with pytest.raises(WeightsError, match="whose layers fit together, in net, but they do not"):
        save_finished(model, Path("net"), tmp_path / "net.onnx")
    assert not list(tmp_path.iterdir())
