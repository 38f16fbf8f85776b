"""What every engine must do, and that all give the same results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from common.errors import EngineError
from common.picture import RgbImage
from models.detectors.boxes import iou
from models.detectors.loading import load_detector
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder
from models.embedders.loading import load_embedder
from models.engines.engine import Engine
from tests.networks import write_tflite


def test_inputs_and_outputs_keep_the_files_order(any_engine: Engine, model: Path) -> None:
    network = any_engine.load(model)
    b = np.array([1, 2, 3], np.float32)
    for count in (1, 4):
        a = np.arange(count * 3, dtype=np.float32).reshape(count, 3)
        difference, product = network(a, b)
        assert np.array_equal(difference, a - b)
        assert np.array_equal(product, a * b)


def test_arithmetic_is_in_full_precision(any_engine: Engine, model: Path) -> None:
    """Not in bf16, which some processors report: it has 8 bits."""
    a = np.full((1, 3), 1 + 2**-20, np.float32)
    _, product = any_engine.load(model)(a, np.ones(3, np.float32))
    assert np.array_equal(product, a)


def test_inputs_may_be_read_only(any_engine: Engine, model: Path) -> None:
    a = np.ones((2, 3), np.float32)
    a.setflags(write=False)
    assert np.array_equal(any_engine.load(model)(a, a[0])[1], a)


def test_a_file_that_is_no_model_is_refused(any_engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "text.onnx"
    path.write_text("no model")
    with pytest.raises(EngineError, match=r"to run text\.onnx on \S+, but it refused: \S"):
        any_engine.load(path)


def test_what_fails_on_the_way_is_said(any_engine: Engine, tmp_path: Path) -> None:
    """A model that can be loaded, and run on an even number of rows only."""
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", 3])
    pairs = helper.make_tensor_value_info("pairs", TensorProto.FLOAT, ["m", 6])
    node = helper.make_node("Reshape", ["rows", "shape"], ["pairs"])
    shape = numpy_helper.from_array(np.array([-1, 6]), "shape")
    graph = helper.make_graph([node], "toy", [rows], [pairs], [shape])
    opset = [helper.make_opsetid("", 18)]
    path = tmp_path / "pairs.onnx"
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), str(path))
    network = any_engine.load(path)
    assert network(np.ones((4, 3), np.float32))[0].shape == (2, 6)
    with pytest.raises(EngineError, match=r"to run pairs\.onnx on \S+, but it refused: \S"):
        network(np.ones((3, 3), np.float32))


@pytest.mark.parametrize("name", ["mtcnn", "yunet", "centerface"])
def test_faces_are_the_same(
    any_engine: Engine,
    name: str,
    engine: Engine,
    models_cache: Path,
    astronaut: RgbImage,
    request: pytest.FixtureRequest,
) -> None:
    if name == "centerface":
        request.getfixturevalue("centerface")  # or skips, where it cannot be had
    expected, found = (
        load_detector(name, e, models_cache / "models", 20) for e in (engine, any_engine)
    )
    couple = np.hstack([astronaut, astronaut[:, ::-1]])
    faces, others = expected.detect(couple), found.detect(couple)
    assert len(faces) == len(others) >= 2
    boxes = np.array([face.box_xyxy for face in faces])
    for face in others:  # two faces that mirror each other may come in either order
        overlaps = iou(face.box_xyxy[np.newaxis], boxes)[0]
        same = faces[int(overlaps.argmax())]
        assert overlaps.max() > 0.99
        assert np.abs(face.landmarks - same.landmarks).max() < 0.01 * same.height
        assert face.score == pytest.approx(same.score, abs=1e-3)
    followed = found.follow(couple, boxes + 3)
    assert len(followed) == len(expected.follow(couple, boxes + 3)) >= 2


def test_embeddings_are_the_same(
    any_engine: Engine,
    embedder: Embedder,
    detector: Detector,
    models_cache: Path,
    astronaut: RgbImage,
) -> None:
    other = load_embedder("sface", any_engine, models_cache / "models")
    crop = embedder.crop(astronaut, detector.detect(astronaut)[0])
    crops = [crop, crop[:, ::-1]]
    expected, found = embedder.embed(crops), other.embed(crops)
    assert found.shape == expected.shape
    assert ((found * expected).sum(axis=1) > 0.9999).all()
    assert np.array_equal(found, other.embed(crops))


def test_tflite_is_read_by_openvino_and_refused_by_the_others(
    any_engine: Engine, tmp_path: Path
) -> None:
    path = write_tflite(tmp_path / "mô hình.tflite")
    if any_engine.name.startswith("openvino"):
        (row,) = any_engine.load(path)(np.ones((1, 112, 112, 3), np.float32))[0]
        assert row == pytest.approx(np.ones(48))
        return
    with pytest.raises(EngineError, match="is TFLite, which OpenVINO reads alone"):
        any_engine.load(path)
