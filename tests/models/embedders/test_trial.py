from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from common.errors import WeightsError
from common.picture import RgbImage
from models.crop import aligned_crop
from models.described.composing import Answers, composed
from models.described.description import ModelDescription
from models.described.inspection import inspected
from models.embedders.trial import tried, wrong_scale
from models.engines.engine import Engine, Network
from tests.models.embedders.test_described import FACE
from tests.networks import averaging_network


@pytest.fixture
def face(astronaut: RgbImage) -> RgbImage:
    return aligned_crop(astronaut, FACE)


def loaded(
    engine: Engine, folder: Path, model: onnx.ModelProto | None = None, **answers: Any
) -> tuple[Network, ModelDescription]:
    path = folder / "a.onnx"
    onnx.save(model or averaging_network(), str(path))
    with inspected(path) as file:
        return engine.load(path), composed(file, "a", Answers(**{"preset": "arcface", **answers}))


def test_what_a_trial_tells(engine: Engine, face: RgbImage, tmp_path: Path) -> None:
    network, description = loaded(engine, tmp_path, averaging_network(is_open=True))
    assert description.dimension == 0
    known = tried(network, description, face)
    assert known == replace(description, dimension=192)
    assert wrong_scale(network, known, face) is None


def test_the_reach_is_twice_a_vectors_length(
    engine: Engine, face: RgbImage, tmp_path: Path
) -> None:
    network, description = loaded(engine, tmp_path, metric="euclidean")
    known = tried(network, description, face)
    values = (face.astype(np.float32) - 127.5) / 127.5
    lengths = np.linalg.norm(values.reshape(8, 14, 8, 14, 3).mean((1, 3)))
    assert known.reach == pytest.approx(2 * lengths, rel=0.01)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"dimension": 128}, "it gives 192"),
        ({"input_size": (64, 64)}, "it refused"),
        ({"output": 3}, "it gives no vector"),
    ],
)
def test_what_is_not_as_described(
    change: dict[str, Any], found: str, engine: Engine, face: RgbImage, tmp_path: Path
) -> None:
    network, description = loaded(engine, tmp_path)
    wrong = replace(description, **change)
    size = wrong.input_size
    with pytest.raises(WeightsError) as error:
        tried(network, wrong, np.ascontiguousarray(face[: size[1], : size[0]]))
    assert found in str(error.value)


def test_too_few_numbers(engine: Engine, face: RgbImage, tmp_path: Path) -> None:
    """Such as an age, or angles."""
    network, description = loaded(engine, tmp_path, averaging_network(cells=1))
    with pytest.raises(WeightsError, match="it gives 3"):
        tried(network, description, face)


def test_zeros(engine: Engine, face: RgbImage, tmp_path: Path) -> None:
    network, description = loaded(engine, tmp_path, averaging_network(channels=(0, 0, 0)))
    with pytest.raises(WeightsError, match="all that it gives are zero"):
        tried(network, description, face)


def test_numbers_beyond_all_bounds(engine: Engine, face: RgbImage, tmp_path: Path) -> None:
    network, description = loaded(engine, tmp_path, averaging_network(channels=(3e38, 3e38, 3e38)))
    with pytest.raises(WeightsError, match="it gives what is no number"):
        tried(network, replace(description, mean=(0.0,), scale=(0.01,)), face)


def test_the_same_for_all_pictures(engine: Engine, face: RgbImage, tmp_path: Path) -> None:
    model = averaging_network()
    model.graph.node[-1].output[0] = "averages"
    zero = onnx.numpy_helper.from_array(np.zeros(192, np.float32), "zero")
    one = onnx.numpy_helper.from_array(np.ones(192, np.float32), "one")
    model.graph.initializer.extend([zero, one])
    model.graph.node.extend(
        [
            onnx.helper.make_node("Mul", ["averages", "zero"], ["nothing"]),
            onnx.helper.make_node("Add", ["nothing", "one"], ["embedding"]),
        ]
    )
    network, description = loaded(engine, tmp_path, model)
    with pytest.raises(WeightsError, match="it gives the same for a face and for blobs"):
        tried(network, description, face)


def test_a_wrong_scale_is_noticed(engine: Engine, face: RgbImage, tmp_path: Path) -> None:
    """Without the mean taken off, all pictures are alike to a network that averages."""
    network, description = loaded(engine, tmp_path)
    known = tried(network, description, face)
    wrong = replace(known, mean=(0.0,), scale=(1.0,))
    warning = wrong_scale(network, wrong, face)
    assert warning is not None
    assert "mean or scale are probably others than 0 and 1" in warning
