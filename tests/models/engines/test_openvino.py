from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from facedesk_errors import EngineError
from models.engines.engine import Engine
from models.engines.openvino import OpenVinoEngine


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Inputs a (n, 3), b (3,); outputs a - b, a * b, in this order."""
    rows = helper.make_tensor_value_info("a", TensorProto.FLOAT, ["n", 3])
    row = helper.make_tensor_value_info("b", TensorProto.FLOAT, [3])
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["n", 3]) for n in ("z", "y")]
    nodes = [helper.make_node("Sub", ["a", "b"], ["z"]), helper.make_node("Mul", ["a", "b"], ["y"])]
    graph = helper.make_graph(nodes, "toy", [rows, row], outputs)
    path = tmp_path / "mô hình.onnx"
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), str(path))
    return path


def test_inputs_and_outputs_keep_the_files_order(engine: Engine, model: Path) -> None:
    network = engine.load(model)
    b = np.array([1, 2, 3], np.float32)
    for count in (1, 4):
        a = np.arange(count * 3, dtype=np.float32).reshape(count, 3)
        difference, product = network(a, b)
        assert np.array_equal(difference, a - b)
        assert np.array_equal(product, a * b)


def test_arithmetic_is_in_full_precision(engine: Engine, model: Path) -> None:
    """Not in bf16, which some processors report: it has 8 bits."""
    a = np.full((1, 3), 1 + 2**-20, np.float32)
    _, product = engine.load(model)(a, np.ones(3, np.float32))
    assert np.array_equal(product, a)


def test_it_says_its_name(engine: Engine) -> None:
    assert engine.name == "openvino CPU"


def test_an_unknown_device_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        EngineError, match=r"named TPU for OpenVINO, but this computer offers .*CPU"
    ):
        OpenVinoEngine(tmp_path, "TPU")


def test_a_cache_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(EngineError, match="let FACEDESK_CACHE name a folder"):
        OpenVinoEngine(tmp_path / "file" / "openvino")


def test_a_file_that_is_no_model_is_refused(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "text.onnx"
    path.write_text("no model")
    with pytest.raises(EngineError, match=r"OpenVINO to run text\.onnx on CPU, but it refused: \S"):
        engine.load(path)


def test_nothing_is_sent_to_its_maker(engine: Engine) -> None:
    """The part of OpenVINO that reports usage can no longer be imported."""
    assert sys.modules["openvino.tools.ovc"] is None
    assert not [n for n, m in sys.modules.items() if "telemetry" in n and m is not None]
