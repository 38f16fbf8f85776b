from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto

from common.errors import EngineError
from common.picture import RgbImage
from models.crop import aligned_crop, margin_crop
from models.described.composing import Answers, composed
from models.described.description import ModelDescription
from models.described.inspection import inspected
from models.embedders.described import CAREFUL, DescribedEmbedder, careful_figures
from models.embedders.similarity import law_for
from models.engines.engine import Engine
from models.engines.onnxruntime import OnnxRuntimeEngine
from models.face import Face
from tests.networks import averaging_network, write_network, write_tflite

FACE = Face(
    np.float32([180, 61, 268, 172]),
    1.0,
    np.float32([[205, 101], [247, 103], [225, 129], [201, 140], [245, 141]]),
)


def described(path: Path, **answers: Any) -> ModelDescription:
    with inspected(path) as file:
        return composed(file, "mine", Answers(**{"preset": "arcface", **answers}))


def averages(picture: RgbImage, cells: int) -> np.ndarray:
    """(3, cells, cells): what the test networks compute, by other means."""
    return cv2.resize(picture, (cells, cells), interpolation=cv2.INTER_AREA).transpose(2, 0, 1)


@pytest.fixture
def crop(astronaut: RgbImage) -> RgbImage:
    return aligned_crop(astronaut, FACE)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("colour", ["RGB", "BGR"])
@pytest.mark.parametrize("numbers", [TensorProto.FLOAT, TensorProto.FLOAT16])
def test_a_network_gets_what_its_description_says(
    layout: str, colour: str, numbers: int, engine: Engine, crop: RgbImage, tmp_path: Path
) -> None:
    path = write_network(tmp_path / "a.onnx", layout=layout, numbers=numbers)
    description = described(path, colour=colour, mean=(100.0, 120.0, 140.0), scale=(50.0,))
    embedder = DescribedEmbedder(engine.load(path), description)
    (row,) = embedder.raw([crop])
    ordered = crop if colour == "RGB" else crop[..., ::-1]
    values = (ordered.astype(np.float32) - [100, 120, 140]) / 50
    assert row == pytest.approx(averages(values, 8).ravel(), abs=2e-3)
    (unit,) = embedder.embed([crop])
    assert unit == pytest.approx(row / np.linalg.norm(row), abs=1e-6)


def test_pictures_that_are_standardized(engine: Engine, crop: RgbImage, tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx")
    description = described(path, standardized=True)
    assert (description.mean, description.scale) == ((0.0,), (1.0,))
    embedder = DescribedEmbedder(engine.load(path), description)
    values = crop.astype(np.float64)
    (row,) = embedder.raw([crop])
    expected = averages((values - values.mean()) / values.std(), 8).ravel()
    assert row == pytest.approx(expected, abs=1e-3)
    gray = np.full_like(crop, 90)
    assert np.abs(embedder.raw([gray])).max() < 1e-3


def test_whole_numbers(engine: Engine, crop: RgbImage, tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx", numbers=TensorProto.UINT8, scales_itself=True)
    (row,) = DescribedEmbedder(engine.load(path), described(path)).raw([crop])
    expected = (averages(crop.astype(np.float32), 8).ravel() - 127.5) / 128
    assert row == pytest.approx(expected, abs=1e-3)


def test_tflite_of_a_fixed_batch(engine: Engine, crop: RgbImage, tmp_path: Path) -> None:
    path = write_tflite(tmp_path / "a.tflite", batch=2)
    embedder = DescribedEmbedder(engine.load(path), described(path))
    rows = embedder.raw([crop, crop[::-1]])
    for row, picture in zip(rows, (crop, crop[::-1]), strict=True):
        expected = (averages(picture.astype(np.float32), 4).transpose(1, 2, 0) - 127.5) / 127.5
        assert row == pytest.approx(expected.ravel(), abs=1e-3)


def test_tflite_is_openvinos_alone(tmp_path: Path) -> None:
    path = write_tflite(tmp_path / "a.tflite")
    with pytest.raises(EngineError, match="is TFLite, which OpenVINO reads alone"):
        OnnxRuntimeEngine().load(path)


def test_rows_do_not_depend_on_each_other(engine: Engine, crop: RgbImage, tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx")
    embedder = DescribedEmbedder(engine.load(path), described(path))
    noise = np.random.default_rng(0).integers(0, 256, crop.shape, np.uint8)
    rows = embedder.embed([crop, noise])
    assert rows.shape == (2, embedder.dimension) == (2, 192)
    assert rows.dtype == np.float32
    assert np.array_equal(embedder.embed([noise])[0], rows[1])


def test_a_thorough_look_is_the_same_for_the_mirror_picture(
    engine: Engine, crop: RgbImage, tmp_path: Path
) -> None:
    path = write_network(tmp_path / "a.onnx")
    embedder = DescribedEmbedder(engine.load(path), described(path))
    one, other = embedder.embed_thoroughly([crop, np.ascontiguousarray(crop[:, ::-1])])
    assert one == pytest.approx(other, abs=1e-6)
    assert np.linalg.norm(one) == pytest.approx(1)
    assert one @ embedder.embed([crop])[0] > one @ embedder.embed([crop[::-1]])[0]


def test_the_chosen_output_is_read(engine: Engine, crop: RgbImage, tmp_path: Path) -> None:
    model = averaging_network()
    model.graph.node.append(onnx.helper.make_node("Neg", ["embedding"], ["other"]))
    model.graph.output.append(onnx.helper.make_tensor_value_info("other", TensorProto.FLOAT, None))
    path = tmp_path / "a.onnx"
    onnx.save(model, str(path))
    network = engine.load(path)
    first, other = (
        DescribedEmbedder(network, described(path, output=name)).embed([crop])[0]
        for name in ("embedding", "other")
    )
    assert np.array_equal(first, -other)


def test_crops(engine: Engine, astronaut: RgbImage, tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx", size=(96, 112))
    said = {"preset": None, "colour": "RGB", "mean": (0.0,), "scale": (255.0,)}
    aligned = DescribedEmbedder(engine.load(path), described(path, **said, crop="five-point"))
    assert np.array_equal(aligned.crop(astronaut, FACE), aligned_crop(astronaut, FACE, (96, 112)))
    boxed = DescribedEmbedder(
        engine.load(path), described(path, **said, crop="margin", margin=0.25)
    )
    assert np.array_equal(
        boxed.crop(astronaut, FACE), margin_crop(astronaut, FACE, (96, 112), 0.25)
    )


def test_euclidean_distances(engine: Engine, crop: RgbImage, tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx")
    description = replace(described(path, metric="euclidean"), reach=20.0)
    embedder = DescribedEmbedder(engine.load(path), description)
    crops = [crop, crop[::-1], crop // 2]
    raw, rows = embedder.raw(crops), embedder.embed(crops)
    assert rows.shape == (3, embedder.dimension) == (3, 193)
    distances = np.linalg.norm(raw[:, np.newaxis] - raw, axis=2)
    assert rows @ rows.T == pytest.approx(1 - distances**2 / 800, abs=0.01)
    assert embedder.figures.nonmated == law_for(CAREFUL, "euclidean")


def test_what_gives_another_length_than_is_said(
    engine: Engine, crop: RgbImage, tmp_path: Path
) -> None:
    path = write_network(tmp_path / "a.onnx")
    description = described(path)
    for wrong in (replace(description, dimension=128), replace(description, output=1)):
        with pytest.raises(EngineError, match=r"a model that gives \d+ numbers for a face"):
            DescribedEmbedder(engine.load(path), wrong).embed([crop])


def test_a_size_that_does_not_fit(engine: Engine, astronaut: RgbImage, tmp_path: Path) -> None:
    """As where somebody has edited the description, on either runtime."""
    path = write_network(tmp_path / "a.onnx")
    description = replace(described(path), input_size=(64, 64))
    for any_engine in (engine, OnnxRuntimeEngine()):
        embedder = DescribedEmbedder(any_engine.load(path), description)
        with pytest.raises(EngineError):
            embedder.embed([embedder.crop(astronaut, FACE)])


def test_zeros_are_refused(engine: Engine, crop: RgbImage, tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx", channels=(0.0, 0.0, 0.0))
    embedder = DescribedEmbedder(engine.load(path), described(path))
    with pytest.raises(EngineError, match="it gives zeros, or what is no number"):
        embedder.embed([crop])


def test_figures_are_careful(tmp_path: Path) -> None:
    """No family's threshold lies below that of a model that was measured."""
    path = write_network(tmp_path / "a.onnx")
    for family in ("other", "arcface", "vgg-face", "openface"):
        figures = careful_figures(replace(described(path), family=family))
        assert not figures.is_measured
        mean, std = figures.nonmated
        assert mean + 3.7 * std >= 0.13 + 3.7 * 0.12
        assert figures.threshold_floor > 0.3
