"""A small built network stands for the one that nobody may ship."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from common.errors import WeightsError
from models.conversion.weights import sha256
from models.face import Face
from models.liveness_network import load_liveness_network

SIDE = 128
FACE = Face(
    np.array([40, 40, 60, 70], np.float32),
    0.9,
    np.array([[45, 50], [55, 50], [50, 57], [46, 63], [54, 63]], np.float32),
)


@pytest.fixture
def built(tmp_path: Path) -> Callable[..., Path]:
    """built(side): an ONNX file that says live where the square's first channel, blue, is more than
    128 in the mean."""

    def built(side: int = SIDE) -> Path:
        mean = helper.make_node("ReduceMean", ["in"], ["means"], axes=[2, 3], keepdims=0)
        weight = np.array([[1.0, 0, 0], [0, 0, 0], [0, 0, 0]], np.float32)
        bias = np.array([-128.0, 0, -1000.0], np.float32)
        gemm = helper.make_node("Gemm", ["means", "weight", "bias"], ["out"])
        graph = helper.make_graph(
            [mean, gemm],
            "live where blue",
            [helper.make_tensor_value_info("in", TensorProto.FLOAT, [1, 3, side, side])],
            [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 3])],
            [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")],
        )
        path = tmp_path / f"mạng-{side}.onnx"
        opset = [helper.make_opsetid("", 13)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), str(path))
        return path

    return built


def test_it_reads_blue_first_and_softens_the_maximum(
    built: Callable[..., Path], tmp_path: Path
) -> None:
    path = built()
    network = load_liveness_network(path, tmp_path / "cache")
    image = np.zeros((200, 300, 3), np.uint8)
    image[..., 2] = 130
    assert network.live(image, FACE) == pytest.approx(1 / (1 + np.exp(-2.0)), abs=1e-3)
    image[..., 2] = 100
    assert network.live(image, FACE) < 1e-3
    assert network.sha256 == sha256(path)
    assert not network.is_measured


def test_the_square_is_of_2_7_boxes_and_stays_in_the_picture(
    built: Callable[..., Path], tmp_path: Path
) -> None:
    network = load_liveness_network(built(), tmp_path / "cache")
    image = np.zeros((200, 300, 3), np.uint8)
    # 81 pixels around the face's middle: from 9.5 to 90.5 across, from 14.5 to 95.5 down.
    image[16:94, 11:89, 2] = 255
    assert network.live(image, FACE) > 0.99
    image[:] = 0
    image[96:, :, 2] = image[:, 92:, 2] = 255
    assert network.live(image, FACE) < 0.01
    at_border = Face(FACE.box_xyxy - [40, 40, 40, 40], 0.9, FACE.landmarks - 40)
    image[:] = 0
    image[:80, :80, 2] = 255
    assert network.live(image, at_border) > 0.99
    small = np.full((20, 20, 3), 255, np.uint8)
    assert network.live(small, FACE) > 0.99


def test_another_network_is_refused(built: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"it has .*64, 64"):
        load_liveness_network(built(64), tmp_path / "cache")


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.onnx", tmp_path):
        with pytest.raises(WeightsError, match="cannot be read"):
            load_liveness_network(path, tmp_path / "cache")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"this is no protocol buffer")
    with pytest.raises(WeightsError):
        load_liveness_network(broken, tmp_path / "cache")
