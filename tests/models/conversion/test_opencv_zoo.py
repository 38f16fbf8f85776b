"""The folded networks against what the published ones say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from models.conversion import weights
from models.conversion.opencv_zoo import fold_quantized


@pytest.mark.parametrize("published", [weights.SFACE, weights.YUNET])
def test_folded_networks_are_plain(tmp_path: Path, published: weights.PackagedWeights) -> None:
    target = tmp_path / "folded.onnx"
    fold_quantized(weights.locate(published), target)
    folded = onnx.load(str(target))
    onnx.checker.check_model(folded, full_check=True)
    assert len(folded.graph.input) == 1
    assert "DequantizeLinear" not in {node.op_type for node in folded.graph.node}
    for initializer in folded.graph.initializer:
        assert initializer.data_type in (TensorProto.FLOAT, TensorProto.INT64)


@pytest.mark.parametrize(("axis", "block"), [(0, 0), (1, 0), (0, 2), (1, 2), (1, 4)])
def test_weights_are_folded_as_onnx_dequantizes(tmp_path: Path, axis: int, block: int) -> None:
    """Blocks along either axis, the last one cut short; one scale for each row or column."""
    rng = np.random.default_rng(axis + block)
    shape = [6, 8]
    scales = [-(-n // block) if i == axis else n for i, n in enumerate(shape)] if block else None
    scales = scales or [shape[axis]]
    constants = [
        helper.make_tensor("q", TensorProto.INT8, shape, rng.integers(-128, 128, 48).tolist()),
        helper.make_tensor("s", TensorProto.FLOAT, scales, rng.uniform(0.1, 1, np.prod(scales))),
        helper.make_tensor("z", TensorProto.INT8, scales, rng.integers(-9, 9, np.prod(scales))),
    ]
    block_size = {"block_size": block} if block else {}
    graph = helper.make_graph(
        [
            helper.make_node("DequantizeLinear", ["q", "s", "z"], ["w"], axis=axis, **block_size),
            helper.make_node("MatMul", ["x", "w"], ["y"]),
        ],
        "toy",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 8])],
        constants,
    )
    source, target = tmp_path / "source.onnx", tmp_path / "target.onnx"
    opset = [helper.make_opsetid("", 21)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), str(source))
    fold_quantized(source, target)
    probe = {"x": rng.normal(size=(1, 6)).astype(np.float32)}
    expected = ReferenceEvaluator(str(source)).run(None, probe)[0]
    assert ReferenceEvaluator(str(target)).run(None, probe)[0] == pytest.approx(expected, rel=1e-5)
