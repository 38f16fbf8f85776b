from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from models.conversion import mtcnn, weights
from models.conversion.quantize import ONET_RANGES, quantize
from models.engines.engine import Engine


@pytest.fixture(scope="module")
def onet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onet") / "onet.onnx"
    mtcnn.write_onet(weights.locate(weights.MTCNN_ONET), path)
    return path


def test_only_the_named_convolutions_change(onet: Path, tmp_path: Path) -> None:
    quantize(onet, tmp_path / "eight.onnx", ONET_RANGES)
    graph = onnx.load(str(tmp_path / "eight.onnx")).graph
    onnx.checker.check_model(str(tmp_path / "eight.onnx"))
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    eight = [i for i, node in enumerate(convolutions) if "eight_bits" in node.input[0]]
    assert eight == list(ONET_RANGES)


def test_the_runtime_computes_what_the_file_says(
    onet: Path, tmp_path: Path, engine: Engine
) -> None:
    """As onnx's own reference does, and near to the network in full precision."""
    quantize(onet, tmp_path / "eight.onnx", ONET_RANGES)
    crops = np.random.default_rng(0).uniform(-1, 1, (4, 48, 48, 3)).astype(np.float32)
    found = [output.copy() for output in engine.load(tmp_path / "eight.onnx")(crops)]
    reference = ReferenceEvaluator(str(tmp_path / "eight.onnx")).run(None, {"crops": crops})
    exact = engine.load(onet)(crops)
    for output, expected, full in zip(found, reference, exact, strict=True):
        assert output == pytest.approx(expected, abs=0.01)
        assert 0 < np.abs(output - full).max() < 0.06


def test_values_out_of_range_are_clipped(onet: Path, tmp_path: Path, engine: Engine) -> None:
    quantize(onet, tmp_path / "narrow.onnx", {1: (-0.1, 0.1)})
    crops = np.random.default_rng(0).uniform(-1, 1, (4, 48, 48, 3)).astype(np.float32)
    narrow = engine.load(tmp_path / "narrow.onnx")(crops)[0]
    assert np.isfinite(narrow).all()
    assert np.abs(narrow - engine.load(onet)(crops)[0]).max() > 0.01
