from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from common.errors import WeightsError
from common.picture import RgbImage
from models.described.description import ModelDescription
from models.described.presets import PRESETS
from models.detectors.checking import overlap_on, tried
from models.detectors.families import FAMILIES, form_of
from models.engines.engine import Engine

from .encoding import ENCODE, Fitted
from .graphs import write_finder, write_heads

BROUGHT = ["yolov5-face", "scrfd", "retinaface", "centerface"]


def described(family: str, size: tuple[int, int] = (640, 640)) -> ModelDescription:
    """As facedesk models add describes a file by its preset."""
    preset = PRESETS[family]
    return ModelDescription(
        name="mine",
        use=preset.use,
        family=family,
        file="mine.onnx",
        sha256="0" * 64,
        input_size=size,
        layout=preset.layout,
        colour=preset.colour,
        mean=preset.mean,
        scale=preset.scale,
    )


@pytest.mark.parametrize("family", BROUGHT)
def test_presets_say_what_the_authors_networks_read(family: str) -> None:
    form, own = form_of(described(family)), FAMILIES[family].form
    assert (form.colour, form.mean, form.scale) == (own.colour, own.mean, own.scale)


@pytest.mark.parametrize("family", BROUGHT)
def test_a_network_for_any_size_is_known_by_trying(
    family: str, engine: Engine, tmp_path: Path
) -> None:
    file = write_finder(tmp_path / "mine.onnx", FAMILIES[family])
    with tried(described(family), file, engine) as (_, known):
        assert known.any_size


@pytest.mark.parametrize("family", BROUGHT)
def test_a_network_for_one_size_is_known_by_trying(
    family: str, engine: Engine, tmp_path: Path
) -> None:
    size = PRESETS[family].input_size
    heads = ENCODE[family]([], Fitted(*size, 1, 0, 0))
    file = write_heads(tmp_path / "mine.onnx", heads, *size)
    with tried(described(family, size), file, engine) as (_, known):
        assert not known.any_size
        assert form_of(known).size == size


@pytest.mark.parametrize("family", BROUGHT)
@pytest.mark.parametrize("other", BROUGHT)
def test_another_familys_file_is_refused(
    family: str, other: str, engine: Engine, tmp_path: Path
) -> None:
    if family == other:
        return
    file = write_finder(tmp_path / "mine.onnx", FAMILIES[other])
    with (
        pytest.raises(WeightsError, match=r"the outputs of .*those of this network are \(") as told,
        tried(described(family), file, engine),
    ):
        pass
    assert "\n" not in str(told.value)


def test_what_gives_no_numbers_is_refused(engine: Engine, tmp_path: Path) -> None:
    heads = ENCODE["scrfd"]([], Fitted(640, 640, 1, 0, 0))
    heads[4][7, 0] = np.nan
    file = write_heads(tmp_path / "mine.onnx", heads, 640, 640)
    with (
        pytest.raises(WeightsError, match=r"mine\.onnx to give numbers.*it gives NaN or infinity"),
        tried(described("scrfd"), file, engine),
    ):
        pass


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"family": "other"}, "a detector's family, one of .*'other' is none.*with --as"),
        ({"batch": 4}, "one picture at once, but it reads 4"),
        ({"input_size": (320, 320)}, "OpenVINO to run"),
    ],
)
def test_what_cannot_be_run_is_refused(
    change: dict[str, object], told: str, engine: Engine, tmp_path: Path
) -> None:
    heads = ENCODE["scrfd"]([], Fitted(640, 640, 1, 0, 0))
    file = write_heads(tmp_path / "mine.onnx", heads, 640, 640)
    description = replace(described("scrfd"), **change)  # type: ignore[arg-type]
    with pytest.raises(WeightsError, match=told), tried(description, file, engine):
        pass


def test_a_face_that_is_known_is_found_or_not(
    engine: Engine, tmp_path: Path, astronaut: RgbImage
) -> None:
    """The spot is where the box says, or elsewhere."""
    file = write_finder(tmp_path / "mine.onnx", FAMILIES["retinaface"])
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[200:216, 304:320, 1] = 255
    with tried(described("retinaface"), file, engine) as (network, known):
        assert overlap_on(network, known, picture, (300, 196, 324, 220)) > 0.4
        assert overlap_on(network, known, picture, (400, 196, 424, 220)) == 0
        assert overlap_on(network, known, np.zeros_like(picture), (300, 196, 324, 220)) == 0
