from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from common.errors import WeightsError
from models.described.inspection import inspected
from tests.networks import averaging_network, write_network, write_tflite


@pytest.mark.parametrize(
    ("options", "layout", "size", "numbers", "batch"),
    [
        ({}, "NCHW", (112, 112), "float32", 1),
        ({"size": (96, 112), "batch": 4}, "NCHW", (96, 112), "float32", 4),
        ({"layout": "NHWC", "size": (160, 96)}, "NHWC", (160, 96), "float32", 1),
        ({"is_open": True}, "NCHW", None, "float32", 1),
        ({"is_open": True, "layout": "NHWC"}, "NHWC", None, "float32", 1),
        ({"numbers": TensorProto.UINT8}, "NCHW", (112, 112), "uint8", 1),
        ({"numbers": TensorProto.FLOAT16}, "NCHW", (112, 112), "float16", 1),
    ],
)
def test_what_an_onnx_file_says(
    options: dict[str, Any],
    layout: str,
    size: tuple[int, int] | None,
    numbers: str,
    batch: int,
    tmp_path: Path,
) -> None:
    path = write_network(tmp_path / "mạng.onnx", **options)
    with inspected(path) as file:
        assert (file.format, file.path) == ("onnx", path)
        assert (file.layout, file.size, file.numbers, file.batch) == (layout, size, numbers, batch)
        assert [port.name for port in file.ports.outputs] == ["embedding"]


def test_what_a_tflite_file_says(tmp_path: Path) -> None:
    path = write_tflite(tmp_path / "mạng.tflite", batch=2)
    with inspected(path) as file:
        assert (file.format, file.layout, file.size) == ("tflite", "NHWC", (112, 112))
        assert (file.batch, file.scales_itself) == (2, False)
        assert [(port.name, port.count) for port in file.ports.outputs] == [("embedding", 48)]


def test_a_files_content_says_what_it_is(tmp_path: Path) -> None:
    """Not its name."""
    path = write_tflite(tmp_path / "model.onnx")
    with inspected(path) as file:
        assert file.format == "tflite"


def test_weights_beside_a_model_come_into_the_copy(tmp_path: Path) -> None:
    model = averaging_network()
    path = tmp_path / "model.onnx"
    onnx.save(model, str(path), save_as_external_data=True, location="w.bin", size_threshold=0)
    with inspected(path) as file:
        copy = file.path
        assert copy != path
        (tmp_path / "w.bin").unlink()
        assert len(onnx.load(str(copy)).graph.initializer[0].raw_data) == 12
    assert not copy.exists()


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.onnx", b"", "is empty"),
        ("a.onnx", b"Hello, this is a text.\n", "is a text"),
        ("a.onnx", "Xin chào, đây là chữ.\n".encode() * 500, "is a text"),
        ("a.onnx", b"<!DOCTYPE html><html>Not found</html>", "is a web page"),
        ("a.onnx", LFS, "is a pointer of Git LFS"),
        ("a.onnx", bytes(range(256)) * 20, "is none, or was cut short"),
        ("a.tflite", b"\x1c\0\0\0TFL3" + b"\0" * 50, "is damaged, or OpenVINO cannot run it"),
        ("a.h5", b"\x89HDF\r\n\x1a\n", "is a file of Keras"),
        ("a.pb", b"\x0a\x10abc", "is a file of TensorFlow"),
        ("a.pt", b"PK\x03\x04", "is a file of PyTorch"),
        ("a.keras", b"PK\x03\x04", "is a file of PyTorch or Keras"),
    ],
)
def test_what_is_no_model(name: str, content: bytes, found: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsError) as error, inspected(tmp_path / name):
        pass
    assert found in error.value.found


def test_where_there_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.onnx"):
        with pytest.raises(WeightsError, match="cannot be read"), inspected(path):
            pass


def test_what_can_be_converted_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(WeightsError, match="facedesk models convert"), inspected(tmp_path / "a.h5"):
        pass


@pytest.mark.parametrize("share", [0.2, 0.7, 0.95])
def test_a_truncated_tflite_file(share: float, tmp_path: Path) -> None:
    path = write_tflite(tmp_path / "model.tflite")
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(WeightsError, match="is damaged"), inspected(path):
        pass


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", ["onnx", "tflite"])
def test_weights_that_are_no_numbers(number: float, kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"model.{kind}"
    if kind == "onnx":
        write_network(path, channels=(1.0, number, 1.0))
    else:
        write_tflite(path, weight=number)
    with pytest.raises(WeightsError, match="hold what is no number"), inspected(path):
        pass


def test_an_operator_that_openvino_does_not_know(tmp_path: Path) -> None:
    model = averaging_network()
    model.graph.node[-1].op_type = "Teleport"
    onnx.save(model, str(tmp_path / "model.onnx"))
    with (
        pytest.raises(WeightsError, match=r"OpenVINO cannot run it: .*Teleport"),
        inspected(tmp_path / "model.onnx"),
    ):
        pass


def network_reading(shape: list[int], numbers: int = TensorProto.FLOAT) -> onnx.ModelProto:
    pictures = [helper.make_tensor_value_info("x", numbers, shape)]
    result = [helper.make_tensor_value_info("y", numbers, shape)]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", pictures, result)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


@pytest.mark.parametrize(
    ("shape", "numbers", "found"),
    [
        ([1, 1, 112, 112], TensorProto.FLOAT, "without colours"),
        ([1, 512], TensorProto.FLOAT, "its input has the sides (1, 512)"),
        ([1, 4, 112, 112], TensorProto.FLOAT, "three colours"),
        ([1, 3, 112, 112], TensorProto.INT64, "of the type int64"),
    ],
)
def test_what_reads_no_picture(shape: list[int], numbers: int, found: str, tmp_path: Path) -> None:
    onnx.save(network_reading(shape, numbers), str(tmp_path / "model.onnx"))
    with pytest.raises(WeightsError) as error, inspected(tmp_path / "model.onnx"):
        pass
    assert found in str(error.value)


def test_two_inputs(tmp_path: Path) -> None:
    model = averaging_network()
    model.graph.input.append(helper.make_tensor_value_info("other", TensorProto.FLOAT, [1]))
    model.graph.node.append(helper.make_node("Add", ["other", "embedding"], ["z"]))
    model.graph.output.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 192]))
    onnx.save(model, str(tmp_path / "model.onnx"))
    with (
        pytest.raises(WeightsError, match="it reads 2 inputs"),
        inspected(tmp_path / "model.onnx"),
    ):
        pass


def test_weights_listed_as_inputs_are_none(tmp_path: Path) -> None:
    """As older exporters write them."""
    model = averaging_network()
    model.graph.input.append(
        helper.make_tensor_value_info("channels", TensorProto.FLOAT, [1, 3, 1, 1])
    )
    assert numpy_helper.to_array(model.graph.initializer[0]).size == 3
    onnx.save(model, str(tmp_path / "model.onnx"))
    with inspected(tmp_path / "model.onnx") as file:
        assert len(file.ports.inputs) == 1


@pytest.mark.parametrize("kind", ["onnx", "tflite"])
def test_files_damaged_at_random(kind: str, tmp_path: Path) -> None:
    """Each is read, or refused in one sentence."""
    path = tmp_path / f"model.{kind}"
    whole = (write_network(path) if kind == "onnx" else write_tflite(path)).read_bytes()
    rng = np.random.default_rng(8)
    refused = []
    for _ in range(150):
        content = bytearray(whole)
        for at in rng.integers(len(content), size=rng.integers(1, 6)):
            content[at] = rng.integers(256)
        path.write_bytes(content)
        try:
            with inspected(path):
                pass
        except WeightsError as error:
            refused.append(str(error))
    assert len(refused) > 50
    assert not any("\n" in sentence for sentence in refused)
