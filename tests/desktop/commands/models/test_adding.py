from __future__ import annotations

import io
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from gallery.gallery import Gallery
from gallery.identity import Template
from gallery.store import Store
from models.embedders.sface import SfaceEmbedder
from tests.networks import averaging_network, write_network, write_tflite


@pytest.fixture(autouse=True)
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the added models, which is not there yet."""
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights" / "added"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_network(tmp_path / "Mạng của tôi.onnx")


SAID = ("--colour", "RGB", "--mean", "127.5", "--scale", "127.5", "--crop", "five-point")


def description_of(added: Path, name: str) -> dict[str, Any]:
    return tomllib.loads((added / name / "model.toml").read_text("utf-8"))


def test_a_model_by_its_preset(run, file: Path, added: Path) -> None:
    told = run("models", "add", file, "--as", "arcface")
    assert (told.code, told.out) == (0, "")
    assert "it compares faces, and reads pictures of 112x112 in RGB" in told.err
    assert "It gives 192 numbers for a face" in told.err
    assert "facedesk evaluate FOLDER --adopt measures" in told.err
    assert "facedesk models use arcface" in told.err
    kept = description_of(added, "arcface")
    assert (kept["family"], kept["file"], kept["dimension"]) == ("arcface", "arcface.onnx", 192)
    assert (added / "arcface" / "arcface.onnx").read_bytes() == file.read_bytes()
    rows = {row["name"]: row for row in run("models", "list", "--json").json}
    assert rows["arcface"]["state"] == "ready"
    assert rows["arcface"]["weights"] == "added as arcface"


def test_a_model_by_options(run, file: Path, added: Path) -> None:
    options = (*SAID[:2], "--mean", "93.6,104.8,129.2", *SAID[4:], "--licence", "MIT")
    told = run("models", "add", file, "--metric", "euclidean", *options)
    assert told.code == 0
    kept = description_of(added, "mang-cua-toi")
    assert kept["mean"] == [93.6, 104.8, 129.2]
    assert kept["reach"] > 1
    assert kept["licence"] == "MIT"


def test_tflite(run, tmp_path: Path, added: Path) -> None:
    path = write_tflite(tmp_path / "model.tflite", batch=2)
    assert run("models", "add", path, "--as", "mobilefacenet", "--name", "phone").code == 0
    assert description_of(added, "phone")["layout"] == "NHWC"


def test_tflite_with_metadata(run, tmp_path: Path, added: Path) -> None:
    """Which is a zip file at its end."""
    path = write_tflite(tmp_path / "model.tflite")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("labels.txt", "face")
    assert zipfile.is_zipfile(path)
    assert run("models", "add", path, "--as", "mobilefacenet").code == 0
    assert description_of(added, "mobilefacenet")["dimension"] == 48


def test_detectors_are_added_too(run, tmp_path: Path) -> None:
    """Not this one, which finds nothing; but its options are understood."""
    path = write_network(tmp_path / "scrfd.onnx", size=(640, 640))
    assert "Traceback" not in run("models", "add", path, "--as", "scrfd").err


def test_a_facenet_of_ones_own_takes_the_built_in_ones_place(run, tmp_path: Path) -> None:
    path = write_network(tmp_path / "facenet.onnx", size=(160, 160), dimension=512)
    assert run("models", "add", path, "--as", "facenet-vggface2").code == 0
    rows = [row for row in run("models", "list", "--json").json if "vggface2" in row["name"]]
    assert [row["weights"] for row in rows] == ["added as facenet-vggface2"]
    assert run("models", "use", "facenet-vggface2").code == 0


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ((), "neither it nor an option says --colour, --mean, --scale, --crop."),
        (("--as", "eigenface"), "'eigenface' is none of ghostfacenet, arcface"),
        (("--as", "vgg-face"), "this one reads pictures of 112x112"),
        ((*SAID, "--dimension", "512"), "but this one gives 192"),
        ((*SAID, "--size", "big"), "a size such as 112x112, not 'big'"),
        ((*SAID, "--mean", "a"), "one number, or three with commas, not 'a'"),
        ((*SAID, "--mean", "1,2"), "one number, or three with commas, not '1,2'"),
        ((*SAID, "--mean", "nan"), "one number, or three with commas, not 'nan'"),
        ((*SAID, "--scale", "1,1,inf"), "one number, or three with commas, not '1,1,inf'"),
        ((*SAID, "--scale", "0"), "scale is not above zero"),
        ((*SAID, "--name", "A B"), "this was given: 'A B'"),
        ((*SAID, "--name", "sface"), "sface is one of Facedesk's own"),
        ((*SAID, "--output", "norm"), "this model has embedding (192)"),
    ],
)
def test_what_is_wrong_changes_nothing(
    run, file: Path, added: Path, arguments: tuple[str, ...], found: str
) -> None:
    told = run("models", "add", file, *arguments)
    assert told.code == 2
    assert found in told.err
    assert not added.exists()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "is empty"),
        (b"A text that is named like a model.", "is a text"),
        (bytes(range(256)) * 40, "is none, or was cut short"),
        (b"\x89HDF\r\n\x1a\n" + bytes(50), "facedesk models convert"),
    ],
)
def test_a_file_of_another_kind(run, file: Path, added: Path, content: bytes, found: str) -> None:
    file.write_bytes(content)
    told = run("models", "add", file, "--as", "arcface")
    assert told.code == 2
    assert found in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert not added.exists()


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"channels": (1.0, np.nan, 1.0)}, "hold what is no number"),
        ({"channels": (0.0, 0.0, 0.0)}, "all that it gives are zero"),
        ({"cells": 1}, "it gives 3"),
    ],
)
def test_a_network_that_is_of_no_use(
    run, tmp_path: Path, added: Path, options: dict[str, Any], found: str
) -> None:
    path = write_network(tmp_path / "model.onnx", **options)
    told = run("models", "add", path, "--as", "arcface")
    assert told.code == 2
    assert found in told.err
    assert not added.exists()


def test_several_outputs_without_a_choice(run, tmp_path: Path, added: Path) -> None:
    model = averaging_network()
    model.graph.node.append(onnx.helper.make_node("Neg", ["embedding"], ["other"]))
    model.graph.output.append(
        onnx.helper.make_tensor_value_info("other", onnx.TensorProto.FLOAT, None)
    )
    onnx.save(model, str(tmp_path / "two.onnx"))
    told = run("models", "add", tmp_path / "two.onnx", "--as", "arcface")
    assert told.code == 2
    assert "says --output; its outputs are embedding (192), other (192)" in told.err
    assert run("models", "add", tmp_path / "two.onnx", "--as", "arcface", "--output", 1).code == 0
    assert description_of(added, "arcface")["output"] == 1


def test_a_name_is_given_once(run, file: Path) -> None:
    assert run("models", "add", file, "--as", "arcface").code == 0
    told = run("models", "add", file, "--as", "arcface")
    assert told.code == 2
    assert "arcface was added before. Give another one with --name" in told.err
    assert run("models", "add", file, "--as", "arcface", "--name", "arcface-2").code == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_who_sits_at_a_terminal_is_asked(
    run, file: Path, added: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = "green\nbgr\n127.5\nabc\n128\nmargin\n0.2\n"
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    told = run("models", "add", file, "--name", "mine")
    assert told.code == 0
    assert "'green' is none of RGB, BGR" in told.err + told.out
    kept = description_of(added, "mine")
    assert (kept["colour"], kept["mean"], kept["scale"]) == ("BGR", [127.5], [128.0])
    assert (kept["crop"], kept["margin"]) == ("margin", 0.2)


def test_who_gives_up_at_a_question_has_changed_nothing(
    run, file: Path, added: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("RGB\n"))
    assert run("models", "add", file).code != 0
    assert not added.exists()


def test_a_wrong_scale_is_told(run, file: Path) -> None:
    told = run("models", "add", file, "--as", "arcface", "--mean", "0", "--scale", "1")
    assert told.code == 0
    assert "mean or scale are probably others than 0 and 1" in told.err


def test_swapped_colours_are_noticed_by_the_enrolled_people(
    run, home: Path, tmp_path: Path
) -> None:
    """Whose red says who they are."""
    rng = np.random.default_rng(5)
    home.mkdir()
    store = Store(home / "gallery.db")
    gallery = Gallery(store, SfaceEmbedder.model_id, SfaceEmbedder.dimension)
    for number in range(10):
        own = rng.uniform(60, 200, (8, 8))
        templates = []
        for _ in range(3):
            cells = rng.uniform(60, 200, (8, 8, 3))
            cells[..., 0] = own
            crop = np.kron(cells, np.ones((14, 14, 1))).astype(np.uint8)
            vector = rng.normal(size=SfaceEmbedder.dimension).astype(np.float32)
            unit = vector / np.linalg.norm(vector)
            templates.append(Template(unit, crop, 0.5, SfaceEmbedder.model_id))
        gallery.enroll(f"Person {number}", templates)
    gallery.close()
    path = write_network(tmp_path / "red.onnx", channels=(1.0, 0.1, 0.1))
    swapped = run("models", "add", path, "--as", "adaface")
    assert swapped.code == 0
    assert "these 10 people apart better with the colours in the order RGB" in swapped.err
    right = run("models", "add", path, "--as", "arcface")
    assert "people apart" not in right.err


def test_external_weights_come_with_the_model(run, tmp_path: Path, added: Path) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(
        *(averaging_network(), str(path)),
        save_as_external_data=True,
        location="model.data",
        size_threshold=0,
    )
    assert run("models", "add", path, "--as", "arcface").code == 0
    assert sorted(kept.name for kept in (added / "arcface").iterdir()) == [
        "arcface.onnx",
        "model.toml",
    ]
    (tmp_path / "model.data").unlink()
    assert run("models", "add", path, "--as", "arcface", "--name", "again").code == 2
