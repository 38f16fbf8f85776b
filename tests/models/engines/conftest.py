from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from models.engines.engine import Engine
from models.engines.onnxruntime import OnnxRuntimeEngine
from models.engines.torch.engine import TorchEngine
from models.engines.torch.remote import RemoteTorchEngine


@pytest.fixture(scope="session")
def remote_torch() -> Iterator[RemoteTorchEngine]:
    engine = RemoteTorchEngine("cpu")
    yield engine
    engine.close()


@pytest.fixture(params=["openvino", "onnxruntime", "torch", "remote torch"])
def any_engine(
    request: pytest.FixtureRequest, engine: Engine, remote_torch: RemoteTorchEngine
) -> Engine:
    """Each runtime in turn, on the processor."""
    match request.param:
        case "onnxruntime":
            return OnnxRuntimeEngine()
        case "torch":
            return TorchEngine("cpu")
        case "remote torch":
            return remote_torch
    return engine


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
