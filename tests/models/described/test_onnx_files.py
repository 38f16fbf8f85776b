from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from common.errors import WeightsError
from models.described.onnx_files import read_onnx, scales_itself
from tests.networks import averaging_network


def saved(folder: Path, model: onnx.ModelProto, **options: Any) -> Path:
    path = folder / "mạng.onnx"
    onnx.save(model, str(path), **options)
    return path


def test_a_plain_model_is_read(tmp_path: Path) -> None:
    model = averaging_network()
    assert read_onnx(saved(tmp_path, model)) == (model, False)


@pytest.mark.parametrize("content", [b"\x08\x08\x12\x04abc", b"\xff" * 100, b"\x00"])
def test_what_is_no_model(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mạng.onnx"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="is none, or was cut short"):
        read_onnx(path)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.99])
def test_a_truncated_model(tmp_path: Path, share: float) -> None:
    path = saved(tmp_path, averaging_network())
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(WeightsError, match="is none, or was cut short"):
        read_onnx(path)


def test_custom_operators(tmp_path: Path) -> None:
    model = averaging_network()
    model.graph.node[-1].domain = "my.company"
    with pytest.raises(WeightsError, match=r"needs my\.company\.Flatten, which is another's"):
        read_onnx(saved(tmp_path, model))


def test_custom_operators_in_an_inner_graph(tmp_path: Path) -> None:
    model = averaging_network()
    inner = helper.make_graph([helper.make_node("Spy", [], ["x"], domain="evil")], "inner", [], [])
    model.graph.node.append(
        helper.make_node("If", ["embedding"], ["y"], then_branch=inner, else_branch=inner)
    )
    with pytest.raises(WeightsError, match=r"needs evil\.Spy"):
        read_onnx(saved(tmp_path, model))


def test_a_models_own_functions_are_no_custom_operators(tmp_path: Path) -> None:
    model = averaging_network()
    model.graph.node[-1].domain = "its.own"
    model.functions.append(
        helper.make_function(
            *("its.own", "Flatten", ["x"], ["y"]),
            [helper.make_node("Flatten", ["x"], ["y"])],
            [helper.make_opsetid("", 13)],
        )
    )
    assert read_onnx(saved(tmp_path, model))[0].functions


def with_weights_beside(folder: Path) -> tuple[Path, onnx.ModelProto]:
    model = averaging_network()
    kept = onnx.ModelProto()
    kept.CopyFrom(model)
    path = saved(
        *(folder, model), save_as_external_data=True, location="weights.bin", size_threshold=0
    )
    return path, kept


def test_weights_in_a_file_beside_it(tmp_path: Path) -> None:
    path, whole = with_weights_beside(tmp_path)
    read, is_in_pieces = read_onnx(path)
    assert is_in_pieces
    (weights,), (expected,) = read.graph.initializer, whole.graph.initializer
    assert np.array_equal(numpy_helper.to_array(weights), numpy_helper.to_array(expected))


@pytest.mark.parametrize("shorter", [True, False])
def test_weights_beside_it_that_are_not_there(tmp_path: Path, shorter: bool) -> None:
    path, _ = with_weights_beside(tmp_path)
    beside = tmp_path / "weights.bin"
    if shorter:
        beside.write_bytes(b"123")
    else:
        beside.unlink()
    with pytest.raises(WeightsError, match=r"'weights.bin' beside .*missing or were cut short"):
        read_onnx(path)


@pytest.mark.parametrize("location", ["../secret", "/etc/passwd", "sub/../../secret", "link", ""])
def test_weights_of_another_folder_are_not_read(tmp_path: Path, location: str) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(b"1" * 100)
    (folder / "link").symlink_to(tmp_path / "secret")
    path, _ = with_weights_beside(folder)
    model = onnx.load(str(path), load_external_data=False)
    for entry in model.graph.initializer[0].external_data:
        if entry.key == "location":
            entry.value = location
    path.write_bytes(model.SerializeToString())
    with pytest.raises(WeightsError, match=r"its own folder|missing or were cut short"):
        read_onnx(path)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, False),
        ({"scales_itself": True}, True),
        ({"scales_itself": True, "layout": "NHWC", "numbers": TensorProto.UINT8}, True),
    ],
)
def test_whether_a_network_scales_its_picture(options: dict[str, Any], expected: bool) -> None:
    assert scales_itself(averaging_network(**options)) == expected


def test_half_a_scaling_is_none() -> None:
    """Whoever only takes the mean off leaves the rest to the reader."""
    model = averaging_network(scales_itself=True)
    divisor = next(value for value in model.graph.initializer if value.name == "scale")
    divisor.CopyFrom(numpy_helper.from_array(np.float32([1]), "scale"))
    assert not scales_itself(model)
