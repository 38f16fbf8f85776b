"""Another embedder for the same people: facedesk gallery, on the command line."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from common.digests import file_sha256
from gallery.crops import to_png
from gallery.gallery import Gallery
from gallery.identity import Template
from gallery.store import Store
from models.conversion.weights import weights_folder
from models.described.description import ModelDescription
from models.described.installed import install
from models.embedders.sface import SfaceEmbedder


def pooling_model(path: Path) -> Path:
    """A network that gives the mean colours of 16 parts of a picture of 112x112."""
    nodes = [
        helper.make_node(
            "AveragePool", ["picture"], ["parts"], kernel_shape=[28, 28], strides=[28, 28]
        ),
        helper.make_node("Flatten", ["parts"], ["vector"]),
    ]
    graph = helper.make_graph(
        nodes,
        "pooling",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 112, 112])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, 48])],
    )
    opset = [helper.make_opsetid("", 13)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


@pytest.fixture
def pooling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An added embedder, `pooling`; returns its model's id."""
    folder = tmp_path / "weights"
    folder.mkdir()
    own = weights_folder()
    for there in own.iterdir() if own.is_dir() else ():
        if there.name != "added":
            (folder / there.name).symlink_to(there)
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(folder))
    file = pooling_model(tmp_path / "pooling.onnx")
    description = ModelDescription(
        name="pooling",
        use="compares faces",
        family="other",
        file=file.name,
        sha256=file_sha256(file),
        input_size=(112, 112),
        layout="NCHW",
        colour="RGB",
        mean=(127.5,),
        scale=(128.0,),
        dimension=48,
    )
    return install(file, description).description.model_id


@pytest.fixture
def enrolled(run, photos: Path) -> str:
    """The astronaut's name, of SFace."""
    assert run("enroll", "Eileen", photos / "portrait ảnh.jpg", photos / "turned.png").code == 0
    return "Eileen"


def choose(home: Path, embedder: str) -> None:
    (home / "settings.toml").write_text(f'embedder = "{embedder}"\n', "utf-8")


def test_everybody_is_embedded_again_and_a_return_is_one_command(
    run, home: Path, enrolled: str, pooling: str, photos: Path
) -> None:
    choose(home, "pooling")
    again = run("gallery", "reembed")
    assert again.code == 0
    assert again.out == f"The gallery is of the model {pooling} now; 2 templates embedded.\n"
    assert f"facedesk gallery return goes back to {SfaceEmbedder.model_id}." in again.err
    found = run("identify", photos / "portrait ảnh.jpg")
    assert (found.code, enrolled in found.out) == (0, True)
    back = run("gallery", "return")
    assert back.code == 0
    assert f"of the model {SfaceEmbedder.model_id} now; 0 templates" in back.out
    assert "The setting embedder is sface now." in back.err
    assert "embedder" not in (home / "settings.toml").read_text("utf-8")
    assert run("identify", photos / "portrait ảnh.jpg").code == 0
    forth = run("gallery", "return", "--json")
    assert forth.json == [
        {
            "done": True,
            "before": SfaceEmbedder.model_id,
            "model_id": pooling,
            "embedded": 0,
            "shortfalls": [],
        }
    ]
    assert 'embedder = "pooling"' in (home / "settings.toml").read_text("utf-8")


def test_who_was_enrolled_meanwhile_is_embedded_for_the_return(
    run, home: Path, enrolled: str, pooling: str, photos: Path
) -> None:
    choose(home, "pooling")
    run("gallery", "reembed")
    run("people", "rename", "Eileen", "Collins")
    assert run("enroll", "Collins", photos / "brighter.jpg", "--into", "Collins").code == 0
    back = run("gallery", "return")
    assert "; 1 template embedded" in back.out
    (listed,) = run("people", "list", "--json").json
    assert (listed["name"], listed["templates"]) == ("Collins", 3)


def test_a_fusion_is_an_embedder_like_any_other(
    run, home: Path, enrolled: str, pooling: str, photos: Path
) -> None:
    choose(home, "sface+pooling")
    assert run("gallery", "reembed").code == 0
    with closing(Store(home / "gallery.db")) as store:
        assert store.model() == (f"{SfaceEmbedder.model_id}+{pooling}", 128 + 48)
    assert enrolled in run("identify", photos / "turned.png").out
    assert run("enroll", "Eileen", photos / "mirrored.png", "--into", "Eileen").code == 0
    assert "sface now" in run("gallery", "return").err
    assert enrolled in run("identify", photos / "turned.png").out


def test_of_whom_nothing_can_be_made_is_listed_and_nothing_changed(
    run, home: Path, enrolled: str, pooling: str
) -> None:
    with closing(Store(home / "gallery.db")) as store:
        store._db.execute("DELETE FROM view")
        store._db.execute("UPDATE template SET model_id = 'facenet-vggface2-12345678'")
        grey = to_png(np.full((160, 160, 3), 128, np.uint8))
        store._db.execute("UPDATE crop SET png = ?", (grey,))
    choose(home, "pooling")
    refused = run("gallery", "reembed")
    assert refused.code == 2
    assert (
        "Eileen: 2 stored pictures cannot be used, not recognized by this embedder" in refused.out
    )
    assert "no face is found in it" in refused.out
    assert "those of Eileen are not enough" in refused.err
    assert "The gallery was not changed" in refused.err
    with closing(Store(home / "gallery.db")) as store:
        assert store.model() == (SfaceEmbedder.model_id, 128)
    accepted = run("gallery", "reembed", "--anyway", "--json")
    assert accepted.code == 0
    assert accepted.json[0]["shortfalls"][0]["left_out"]
    (listed,) = run("people", "list", "--json").json
    assert (listed["name"], listed["templates"]) == ("Eileen", 2)


def test_a_return_needs_a_model_only_for_who_was_enrolled_since(
    run, home: Path, enrolled: str, pooling: str, photos: Path
) -> None:
    choose(home, "pooling")
    run("gallery", "reembed")
    run("gallery", "return")
    run("enroll", "Eileen", photos / "mirrored.png", "--into", "Eileen")
    assert run("models", "remove", "pooling").code == 0
    told = run("gallery", "return")
    assert (told.code, told.out) == (2, "")
    assert f"Expected the model {pooling}" in told.err


def test_there_is_nothing_to_return_to(run, home: Path) -> None:
    for command in ("reembed", "return"):
        told = run("gallery", command)
        assert (told.code, told.out) == (2, "")
        assert "there is none yet" in told.err


def test_a_gallery_that_never_was_another(run, enrolled: str) -> None:
    told = run("gallery", "return")
    assert (told.code, told.out) == (2, "")
    assert "facedesk gallery reembed makes it" in told.err
    same = run("gallery", "reembed")
    assert (same.code, same.out) == (0, f"The gallery is of the model {SfaceEmbedder.model_id}.\n")


def test_who_came_without_a_picture_is_told_so(
    run, pooling: str, home: Path, tmp_path: Path
) -> None:
    np.savez(tmp_path / "vn2db.npz", np.eye(128, dtype=np.float32)[:2], np.array(["Ánh", "Bob"]))
    assert run("import", tmp_path / "vn2db.npz", "--model", "sface").code == 0
    choose(home, "pooling")
    told = run("gallery", "reembed")
    assert told.code == 2
    assert told.out.count("the embedding came without a picture.") == 2
    told = run("gallery", "reembed", "--anyway")
    assert f"of the model {pooling} now; 0 templates embedded." in told.out


def test_an_empty_gallery_has_nothing_to_return_to(run, home: Path) -> None:
    assert run("people", "list").code == 0
    told = run("gallery", "reembed")
    assert told.code == 0
    assert "0 templates embedded" in told.out
    assert "goes back" not in told.err
    assert run("gallery", "return").code == 2


SENTENCE = "Embed it again from its stored pictures with facedesk gallery reembed"


@pytest.mark.parametrize(
    "command",
    [
        lambda photos: ("identify", photos / "turned.png"),
        lambda photos: ("enroll", "Ann", photos / "turned.png"),
        lambda photos: ("import", photos.parent),
        lambda photos: ("watch", "--source", "demo"),
        lambda photos: ("kiosk", "--source", "demo"),
    ],
    ids=["identify", "enroll", "import", "watch", "kiosk"],
)
def test_what_needs_the_other_model_says_so_in_one_sentence(
    run, home: Path, enrolled: str, pooling: str, photos: Path, command: Callable[[Path], tuple]
) -> None:
    choose(home, "pooling")
    told = run(*command(photos))
    assert (told.code, told.out) == (2, "")
    assert SENTENCE in told.err
    assert SfaceEmbedder.model_id in told.err


def test_a_list_of_people_is_a_list_all_the_same(
    run, home: Path, enrolled: str, pooling: str
) -> None:
    choose(home, "pooling")
    told = run("people", "list")
    assert (told.code, enrolled in told.out) == (0, True)
    assert SENTENCE in told.err
    choose(home, "sface")
    assert run("people", "list").err == ""


def test_it_is_looked_through(run, home: Path) -> None:
    assert "there is none yet" in run("gallery", "check").err
    random = np.random.default_rng(3)
    crop = random.integers(0, 255, (8, 8, 3), dtype=np.uint8)
    with closing(Gallery(Store(home / "gallery.db"), "toy", 4)) as gallery:
        template = Template(np.eye(4, dtype=np.float32)[0], crop, 0.9, "toy", view=None)
        gallery.enroll("Ánh", [template])
    well = run("gallery", "check")
    assert well.code == 0
    assert well.out.startswith("All is well. 1 person, 1 template: ")
    assert well.out.endswith(" opened, 1 crop and 0 views decoded, 1 embedding.\n")
    with closing(sqlite3.connect(home / "gallery.db")) as db, db:
        db.execute("UPDATE sealed_crop SET sealed = x'00'")
    damaged = run("gallery", "check", "--json")
    assert damaged.code == 2
    assert damaged.json[0]["wrong"] == ["The record 1 of crop cannot be opened"]
