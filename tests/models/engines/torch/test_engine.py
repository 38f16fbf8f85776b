"""Every operator against onnx's own reference implementation."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from common.errors import EngineError
from models.engines.torch.engine import TorchEngine
from models.engines.torch.operators import OPERATORS

_rng = np.random.default_rng(0)


def _random(*shape: int) -> np.ndarray:
    return _rng.normal(size=shape).astype(np.float32)


def _whole(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


MAPS, ROWS = _random(2, 4, 7, 9), _random(3, 4)
NO_REGION = np.empty(0, np.float32)

CASES: list[tuple[str, list[np.ndarray], dict[str, Any]]] = [
    ("Abs", [ROWS], {}),
    ("Add", [MAPS, _random(4, 1, 1)], {}),
    ("AveragePool", [MAPS], {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 0, 0, 1]}),
    ("AveragePool", [MAPS], {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("BatchNormalization", [MAPS, *_random(3, 4), abs(_random(4))], {"epsilon": 1e-3}),
    ("Clip", [ROWS, np.float32(-0.2), np.float32(0.3)], {}),
    ("Clip", [ROWS, np.float32(0.1)], {}),
    ("Concat", [ROWS, ROWS + 1, ROWS[:, :1]], {"axis": 1}),
    ("Constant", [], {"value": numpy_helper.from_array(ROWS)}),
    ("Conv", [MAPS, _random(6, 4, 3, 3), _random(6)], {"pads": [1, 1, 1, 1]}),
    ("Conv", [MAPS, _random(4, 1, 3, 3)], {"group": 4, "strides": [2, 2]}),
    ("Conv", [MAPS, _random(2, 4, 1, 3)], {"pads": [0, 2, 0, 2], "dilations": [1, 2]}),
    ("Conv", [MAPS, _random(2, 4, 3, 3)], {"pads": [0, 0, 1, 1], "strides": [2, 2]}),
    ("Conv", [MAPS, _random(2, 4, 3, 2)], {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    ("Div", [ROWS, abs(ROWS[:, :1]) + 1], {}),
    ("Dropout", [ROWS, np.float32(0.5)], {}),
    ("Expand", [ROWS[:, :1], _whole(2, 1, 4)], {}),
    ("Flatten", [MAPS], {}),
    ("Flatten", [MAPS], {"axis": 2}),
    ("Gather", [ROWS, np.array(1)], {"axis": 1}),
    ("Gather", [ROWS, np.array([[2, 0], [1, 1]])], {"axis": 0}),
    ("Gemm", [ROWS, _random(5, 4), _random(5)], {"transB": 1}),
    ("Gemm", [ROWS, _random(3, 5), _random(4, 5)], {"transA": 1, "alpha": 0.5, "beta": 2.0}),
    ("HardSigmoid", [ROWS], {"alpha": 1 / 6}),
    ("LeakyRelu", [ROWS], {"alpha": 0.3}),
    ("MatMul", [_random(2, 3, 4), _random(4, 5)], {}),
    ("Max", [ROWS, -ROWS], {}),
    ("MaxPool", [MAPS], {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
    ("MaxPool", [MAPS], {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("MaxPool", [MAPS], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}),
    ("MaxPool", [MAPS], {"kernel_shape": [2, 2], "strides": [2, 2], "auto_pad": "SAME_UPPER"}),
    ("Min", [ROWS, -ROWS], {}),
    ("Mul", [MAPS, _random(4, 1, 1)], {}),
    ("Neg", [ROWS], {}),
    ("PRelu", [MAPS, _random(4, 1, 1)], {}),
    ("PRelu", [MAPS, _random(1, 4, 1, 1)], {}),
    ("PRelu", [ROWS, _random(4)], {}),
    ("Range", [np.array(2), np.array(11), np.array(3)], {}),
    ("Pad", [MAPS, _whole(0, 0, 1, 2, 0, 0, 0, 3)], {}),
    ("Reciprocal", [abs(ROWS) + 1], {}),
    ("ReduceL2", [ROWS, _whole(1)], {}),
    ("ReduceMax", [MAPS, _whole(2, 3)], {"keepdims": 0}),
    ("ReduceMean", [MAPS, _whole(-1, -2)], {"keepdims": 0}),
    ("ReduceSum", [MAPS, _whole(1)], {}),
    ("Relu", [ROWS], {}),
    ("Reshape", [MAPS, _whole(0, -1)], {}),
    ("Reshape", [MAPS, _whole(8, -1)], {"allowzero": 1}),
    (
        "Resize",
        [MAPS, NO_REGION, np.array([1, 1, 2, 3], np.float32)],
        {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
    ),
    ("Shape", [MAPS], {"start": 1, "end": 3}),
    ("Sigmoid", [ROWS], {}),
    ("Softmax", [MAPS], {"axis": 1}),
    ("Sqrt", [abs(ROWS)], {}),
    ("Squeeze", [ROWS[np.newaxis, :, :1]], {}),
    ("Squeeze", [ROWS[np.newaxis, :, :1], _whole(0)], {}),
    ("Sub", [MAPS, _random(4, 1, 1)], {}),
    ("Tanh", [ROWS], {}),
    ("Transpose", [MAPS], {"perm": [0, 2, 3, 1]}),
    ("Unsqueeze", [ROWS, _whole(3, 0)], {}),
]


def _saved(
    folder: Path, operator: str, operands: list[np.ndarray], attributes: dict[str, Any]
) -> Path:
    """A model of that operator alone; its first operand, if of fractions, is the input."""
    names = [f"operand {i}" for i in range(len(operands))]
    inputs = [name for name, x in list(zip(names, operands, strict=True))[:1] if x.dtype != int]
    constants = [
        numpy_helper.from_array(np.ascontiguousarray(x).reshape(x.shape), name)
        for name, x in zip(names, operands, strict=True)
        if name not in inputs
    ]
    graph = helper.make_graph(
        [helper.make_node(operator, names, ["result"], **attributes)],
        "one operator",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in inputs],
        [helper.make_empty_tensor_value_info("result")],
        constants,
    )
    opset = [helper.make_opsetid("", 21)]
    path = folder / f"{operator}.onnx"
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), str(path))
    return path


@pytest.mark.parametrize(("operator", "operands", "attributes"), CASES)
def test_an_operator(
    operator: str, operands: list[np.ndarray], attributes: dict[str, Any], tmp_path: Path
) -> None:
    path = _saved(tmp_path, operator, operands, attributes)
    fed = {"operand 0": x for x in operands[:1] if x.dtype != int}  # noqa: B035  one at most
    (expected,) = ReferenceEvaluator(str(path)).run(None, fed)
    (result,) = TorchEngine("cpu").load(path)(*fed.values())
    assert result.shape == expected.shape
    assert result.dtype == expected.dtype
    assert np.allclose(result, expected, rtol=1e-5, atol=1e-6)


def test_every_operator_is_tried() -> None:
    assert {operator for operator, _, _ in CASES} == set(OPERATORS)


@pytest.mark.parametrize(
    ("operator", "operands", "attributes", "said"),
    [
        ("Erf", [ROWS], {}, "operator .*Erf with 1 outputs is unknown"),
        ("MaxPool", [MAPS], {"kernel_shape": [2, 2], "auto_pad": "SAME_LOWER"}, "SAME_LOWER"),
        ("Conv", [MAPS, _random(4, 4, 2, 2)], {"auto_pad": "SAME_LOWER"}, "padding"),
        ("ReduceL2", [ROWS], {"axes": [1]}, "known otherwise: .*axes"),
        ("PRelu", [MAPS, _random(1)], {}, "slopes"),
        ("Resize", [MAPS, NO_REGION, _random(4)], {}, "round_prefer_floor"),
    ],
)
def test_what_is_not_known_is_refused(
    operator: str,
    operands: list[np.ndarray],
    attributes: dict[str, Any],
    said: str,
    tmp_path: Path,
) -> None:
    path = _saved(tmp_path, operator, operands, attributes)
    with pytest.raises(EngineError, match=said):
        TorchEngine("cpu").load(path)(operands[0])


def test_it_says_its_name() -> None:
    assert TorchEngine("cpu").name == "torch:cpu"


@pytest.mark.parametrize("device", ["cuda:99", "tpu", "cpu:1", "cuda:one"])
def test_an_unknown_device_is_refused(device: str) -> None:
    with pytest.raises(EngineError, match=f"a device named {device} for torch, but torch .* finds"):
        TorchEngine(device)


def test_where_torch_is_not_installed_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(EngineError, match=r"\[torch\]'?, or set device to auto"):
        TorchEngine()
