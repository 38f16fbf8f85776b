from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from common.errors import WeightsError
from models.conversion.centerface import free_sizes
from models.engines.engine import Engine


def write(path: Path, *last: onnx.NodeProto) -> Path:
    """As the published file is: for ten pictures of 32x32, its weights among its inputs."""
    weights = {
        "down": np.full((2, 3, 4, 4), 1 / 48, np.float32),
        "up": np.ones((2, 1, 2, 2), np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["picture", "down"], ["small"], strides=[4, 4]),
        helper.make_node("ConvTranspose", ["small", "up"], ["large"], strides=[2, 2]),
        *(last or [helper.make_node("Sigmoid", ["large"], ["out"])]),
    ]
    inputs = [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [10, 3, 32, 32])]
    inputs += [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, value.shape)
        for name, value in weights.items()
    ]
    outputs = [helper.make_tensor_value_info("out", TensorProto.FLOAT, [10, 1, 16, 16])]
    constants = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    graph = helper.make_graph(nodes, "toy", inputs, outputs, constants)
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), str(path))
    return path


def test_pictures_of_any_size_are_taken(tmp_path: Path, engine: Engine) -> None:
    free_sizes(write(tmp_path / "fixed.onnx"), tmp_path / "free.onnx")
    network = engine.load(tmp_path / "free.onnx")
    for height, width in ((32, 32), (64, 96), (480, 640)):
        picture = np.full((1, 3, height, width), 2, np.float32)
        (out,) = network(picture)
        assert out.shape == (1, 1, height // 2, width // 2)
        assert out == pytest.approx(1 / (1 + np.exp(-4)), abs=1e-5)


def test_a_network_with_a_size_written_in_it_keeps_it(tmp_path: Path) -> None:
    shape = helper.make_node("Flatten", ["large"], ["out"])
    free_sizes(write(tmp_path / "fixed.onnx", shape), tmp_path / "kept.onnx")
    (value,) = onnx.load(str(tmp_path / "kept.onnx")).graph.input
    assert [axis.dim_value for axis in value.type.tensor_type.shape.dim] == [10, 3, 32, 32]


def test_what_is_no_onnx_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(WeightsError, match=r"text\.onnx is damaged or something else"):
        free_sizes(tmp_path / "text.onnx", tmp_path / "out.onnx")
    assert not (tmp_path / "out.onnx").exists()
