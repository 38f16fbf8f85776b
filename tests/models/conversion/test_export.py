"""The converted networks against the ones that they were made from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from facenet_pytorch.models.mtcnn import ONet, PNet, RNet
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from models.conversion import export, weights
from models.engines.engine import Engine


@pytest.mark.parametrize(
    ("network", "side", "convert"),
    [
        (PNet, 12, export.export_patch_pnet),
        (RNet, 24, export.export_rnet),
        (ONet, 48, export.export_onet),
    ],
)
def test_crop_networks_agree_with_torch(
    engine: Engine,
    tmp_path: Path,
    network: type[torch.nn.Module],
    side: int,
    convert: Callable[[Path], None],
) -> None:
    convert(tmp_path / "net.onnx")
    loaded = engine.load(tmp_path / "net.onnx")
    for count in (1, 7):
        crops = np.random.default_rng(count).uniform(-1, 1, (count, side, side, 3))
        crops = crops.astype(np.float32)
        with torch.no_grad():
            expected = network()(torch.from_numpy(crops).permute(0, 3, 1, 2))
        for found, output in zip(loaded(crops), expected, strict=True):
            assert found == pytest.approx(output.numpy(), abs=1e-5)


def test_pnet_agrees_with_torch(engine: Engine, tmp_path: Path) -> None:
    """An open mask changes nothing; the size is free."""
    export.export_pnet(tmp_path / "net.onnx")
    loaded = engine.load(tmp_path / "net.onnx")
    for height, width in ((40, 62), (24, 128)):
        picture = np.random.default_rng(height).uniform(-1, 1, (1, height, width, 3))
        picture = picture.astype(np.float32)
        mask = np.zeros((1, 1, height - 2, width - 2), np.float32)
        with torch.no_grad():
            regression, probabilities = PNet()(torch.from_numpy(picture).permute(0, 3, 1, 2))
        found = loaded(picture, mask)
        assert found[0] == pytest.approx(regression.numpy(), abs=1e-5)
        assert found[1] == pytest.approx(probabilities[:, 1].numpy(), abs=1e-5)


def test_pnet_for_sketches_agrees_with_torch(engine: Engine, tmp_path: Path) -> None:
    """But for half a grey level; the size is free."""
    export.export_sketch_pnet(tmp_path / "net.onnx")
    loaded = engine.load(tmp_path / "net.onnx")
    for height, width in ((40, 62), (24, 128)):
        canvas = np.random.default_rng(height).integers(0, 256, (1, height, width, 3), np.uint8)
        with torch.no_grad():
            normalized = (torch.from_numpy(canvas).permute(0, 3, 1, 2).float() - 128) / 128
            expected = PNet()(normalized)
        for found, output in zip(loaded(canvas), expected, strict=True):
            assert found == pytest.approx(output.numpy(), abs=1e-4)


@pytest.mark.parametrize("published", [weights.SFACE, weights.YUNET])
def test_folded_networks_are_plain(tmp_path: Path, published: weights.PackagedWeights) -> None:
    target = tmp_path / "folded.onnx"
    export.fold_quantized(weights.locate(published), target)
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
    export.fold_quantized(source, target)
    probe = {"x": rng.normal(size=(1, 6)).astype(np.float32)}
    expected = ReferenceEvaluator(str(source)).run(None, probe)[0]
    assert ReferenceEvaluator(str(target)).run(None, probe)[0] == pytest.approx(expected, rel=1e-5)
