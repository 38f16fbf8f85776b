from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.errors import WeightsError
from models.described.description import (
    ModelDescription,
    checked,
    is_name,
    read_description,
    written_description,
)
from models.described.presets import PRESETS, presets_for

DESCRIPTION = ModelDescription(
    name="mine",
    use="compares faces",
    family="other",
    file="mặt người.onnx",
    sha256="0123456789abcdef" * 4,
    input_size=(96, 112),
    layout="NHWC",
    colour="BGR",
    mean=(93.594, 104.7624, 129.1863),
    scale=(1.0,),
    licence="MIT",
    crop="margin",
    margin=0.125,
    numbers="float16",
    batch=2,
    output=1,
    dimension=192,
    metric="euclidean",
    reach=2.5,
)


def test_a_description_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(written_description(DESCRIPTION), "utf-8")
    assert read_description(path) == DESCRIPTION


@pytest.mark.parametrize(
    "change",
    [
        {"name": "yours"},
        {"sha256": "f" * 64},
        {"colour": "RGB"},
        {"mean": (127.5,)},
        {"scale": (2.0,)},
        {"crop": "five-point"},
        {"margin": 0.2},
        {"output": 0},
        {"metric": "cosine"},
        {"reach": 3.0},
        {"standardized": True},
    ],
)
def test_whatever_changes_the_vectors_changes_the_id(change: dict[str, Any]) -> None:
    ids = {DESCRIPTION.model_id, replace(DESCRIPTION, **change).model_id}
    assert len(ids) == 2
    assert all(re.fullmatch("(mine|yours)-[0-9a-f]{8}", model_id) for model_id in ids)


def test_what_changes_no_vector_keeps_the_id() -> None:
    """And an id is the same in another process, and in a later release."""
    assert replace(DESCRIPTION, licence="unknown").model_id == DESCRIPTION.model_id
    assert DESCRIPTION.model_id == "mine-69d24b8c"


def test_defaults_need_not_be_written(tmp_path: Path) -> None:
    plain = ModelDescription(
        **{
            name: getattr(DESCRIPTION, name)
            for name in (
                *("name", "use", "family", "file", "sha256", "input_size", "layout", "colour"),
                *("mean", "scale", "dimension"),
            )
        }
    )
    text = written_description(plain)
    assert "metric" not in text
    (tmp_path / "model.toml").write_text(text, "utf-8")
    assert read_description(tmp_path / "model.toml") == plain


@pytest.mark.parametrize(
    ("line", "instead", "found"),
    [
        ("version = 1", "version = 2", "its version is 2"),
        ("version = 1", "", "its version is missing"),
        ('use = "compares faces"', 'use = "sings"', "sings"),
        ('use = "compares faces"', "", "it lacks the required field `use`"),
        ('name = "mine"', 'name = "a+b"', "'a+b' cannot be a model's name"),
        ('name = "mine"', 'name = "../outside"', "'../outside' cannot be a model's name"),
        ('file = "mặt người.onnx"', 'file = "../outside.onnx"', "is no plain name of a file"),
        ('file = "mặt người.onnx"', 'file = "model.toml"', "is no plain name of a file"),
        ('sha256 = "0123456789', 'sha256 = "0123456789x', "`sha256`"),
        ("scale = [1.0]", "scale = [0.0]", "scale is not above zero"),
        ("scale = [1.0]", "scale = [1.0, 1.0]", "scale has two numbers"),
        ("scale = [1.0]", "scale = [nan]", "scale is not above zero"),
        ("scale = [1.0]", "scale = 'x'", "`scale`"),
        ("input_size = [96, 112]", "input_size = [96]", "`input_size`"),
        ("input_size = [96, 112]", "input_size = [96, 1e9]", "`input_size"),
        ("dimension = 192", "", "its dimension is missing"),
        ("reach = 2.5", "", "reach belongs to the metric euclidean"),
        ('metric = "euclidean"', "", "reach belongs to the metric euclidean"),
        ("reach = 2.5", "reach = 2.5\ncolor = 1", "it has color, which is unknown"),
        ("reach = 2.5", "reach = ", "it is no TOML file"),
    ],
)
def test_what_is_wrong_is_said(line: str, instead: str, found: str, tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    text = written_description(DESCRIPTION)
    assert line in text
    path.write_text(text.replace(line, instead), "utf-8")
    with pytest.raises(WeightsError) as error:
        read_description(path)
    assert found in error.value.found or found in str(error.value)
    assert str(error.value).count("\n") == 0


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="it cannot be read"):
        read_description(tmp_path / "model.toml")
    (tmp_path / "model.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(WeightsError, match="it is no TOML file"):
        read_description(tmp_path / "model.toml")


def test_a_description_made_by_the_program_is_checked_too() -> None:
    assert checked(DESCRIPTION) == DESCRIPTION
    with pytest.raises(WeightsError, match="its dimension is missing"):
        checked(replace(DESCRIPTION, dimension=0))


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_makes_a_description(name: str) -> None:
    preset = PRESETS[name]
    made = ModelDescription(
        name=name,
        use=preset.use,
        family=name,
        file="model.onnx",
        sha256=DESCRIPTION.sha256,
        input_size=preset.input_size,
        layout=preset.layout,
        colour=preset.colour,
        mean=preset.mean,
        scale=preset.scale,
        licence=preset.licence,
        crop=preset.crop,
        margin=preset.margin,
        dimension=preset.dimensions[0] if preset.dimensions else 512,
        metric=preset.metric,
        standardized=preset.standardized,
    )
    assert checked(made) == made
    assert is_name(name)


def test_presets_by_their_use() -> None:
    assert presets_for("finds faces") == ["yolov5-face", "scrfd", "retinaface", "centerface"]
    assert "adaface" in presets_for("compares faces")
    assert PRESETS["adaface"].colour == "BGR"
