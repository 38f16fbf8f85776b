from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from common.errors import WeightsError
from models.described.composing import Answers, composed, unanswered
from models.described.description import ModelDescription
from models.described.inspection import inspected
from models.described.presets import presets_for
from tests.networks import averaging_network, write_network, write_tflite


def described(path: Path, **answers: Any) -> ModelDescription:
    with inspected(path) as file:
        assert unanswered(file, Answers(**answers)) == []
        return composed(file, "mine", Answers(**answers))


def missing(path: Path, **answers: Any) -> list[str]:
    with inspected(path) as file:
        return unanswered(file, Answers(**answers))


SAID = {"colour": "BGR", "mean": (127.5,), "scale": (128.0,), "crop": "five-point"}


def test_the_file_says_what_it_can_and_the_user_the_rest(tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx", layout="NHWC", size=(96, 112), batch=2)
    assert missing(path) == ["colour", "mean", "scale", "crop"]
    made = described(path, **SAID, licence="MIT")
    assert (made.name, made.file, made.family) == ("mine", "mine.onnx", "other")
    assert (made.layout, made.input_size, made.batch) == ("NHWC", (96, 112), 2)
    assert (made.colour, made.mean, made.scale, made.crop) == tuple(SAID.values())
    assert (made.dimension, made.metric, made.licence) == (192, "cosine", "MIT")


def test_a_preset_says_the_rest_and_an_option_otherwise(tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx")
    made = described(path, preset="adaface")
    assert (made.colour, made.mean, made.scale) == ("BGR", (127.5,), (127.5,))
    assert (made.family, made.layout) == ("adaface", "NCHW")
    assert described(path, preset="adaface", colour="RGB", scale=(1.0,)).colour == "RGB"


def test_tflite(tmp_path: Path) -> None:
    made = described(write_tflite(tmp_path / "a.tflite", batch=2), preset="mobilefacenet")
    assert (made.file, made.layout, made.batch, made.dimension) == ("mine.tflite", "NHWC", 2, 48)


def test_what_scales_itself_is_not_scaled_again(tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx", scales_itself=True)
    assert missing(path) == ["colour", "crop"]
    made = described(path, preset="arcface")
    assert (made.mean, made.scale) == ((0.0,), (1.0,))
    assert described(path, preset="arcface", scale=(255.0,)).scale == (255.0,)


def test_what_is_standardized_needs_no_mean(tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx", size=(160, 160), dimension=128)
    assert missing(path, standardized=True) == ["colour", "crop"]
    made = described(path, preset="facenet-2017")
    assert (made.standardized, made.mean, made.scale) == (True, (0.0,), (1.0,))
    assert not described(path, preset="facenet-vggface2").standardized


def test_a_size_that_the_file_leaves_open(tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx", is_open=True)
    assert missing(path, **SAID) == ["size"]
    assert described(path, **SAID, size=(112, 112)).input_size == (112, 112)
    assert described(path, preset="arcface").input_size == (112, 112)


def test_a_margin_belongs_to_its_crop(tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx", size=(160, 160))
    boxed = {**SAID, "crop": "margin"}
    assert missing(path, **boxed) == ["margin"]
    assert described(path, **boxed, margin=0.2).margin == 0.2
    assert described(path, preset="facenet-vggface2", dimension=192).margin == 0.125
    assert described(path, **SAID, margin=0.2).margin == 0


def test_one_of_several_outputs(tmp_path: Path) -> None:
    """AdaFace's second one is one number, the vector's length: it needs no choice."""
    path = write_network(tmp_path / "a.onnx", outputs=("embedding", "length"))
    assert described(path, preset="adaface").output == 0
    with pytest.raises(WeightsError, match="this one gives 1"):
        described(path, preset="adaface", output="length", dimension=192)
    with pytest.raises(WeightsError, match=r"this model has embedding \(192\), length \(1\)"):
        described(path, preset="adaface", output="norm")
    assert described(path, preset="adaface", output="0").output == 0


def test_several_outputs_without_a_choice(tmp_path: Path) -> None:
    model = averaging_network(is_open=True)
    model.graph.node.append(helper.make_node("Neg", ["embedding"], ["other"]))
    model.graph.output.append(helper.make_tensor_value_info("other", TensorProto.FLOAT, None))
    path = tmp_path / "a.onnx"
    onnx.save(model, str(path))
    assert missing(path, preset="arcface") == ["output"]
    assert described(path, preset="arcface", output="other").output == 1
    assert described(path, preset="arcface", output="other").dimension == 0


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"preset": "eigenface"}, "'eigenface' is none of ghostfacenet, arcface"),
        ({"preset": "vgg-face"}, "this one reads pictures of 112x112"),
        ({**SAID, "size": (160, 160)}, "this one reads pictures of 112x112"),
        ({**SAID, "layout": "NHWC"}, "this one reads NCHW"),
        ({**SAID, "dimension": 512}, "this one gives 192"),
        ({**SAID, "scale": (0.0,)}, "scale is not above zero"),
        ({**SAID, "mean": (1.0, 2.0)}, "mean has two numbers"),
    ],
)
def test_what_the_file_contradicts(answers: dict[str, Any], found: str, tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx")
    with pytest.raises(WeightsError) as error:
        described(path, **answers)
    assert found in str(error.value)


def test_a_preset_that_knows_its_vectors_lengths(tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx", size=(224, 224))
    with pytest.raises(WeightsError, match=r"gives 4096 or 2622 numbers .* this one gives 192"):
        described(path, preset="vgg-face")


@pytest.mark.parametrize("preset", presets_for("finds faces"))
def test_detectors_read_any_size_and_have_no_vectors(preset: str, tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx", size=(320, 256), outputs=("boxes", "scores"))
    made = described(path, preset=preset)
    assert (made.use, made.input_size, made.dimension) == ("finds faces", (320, 256), 0)
