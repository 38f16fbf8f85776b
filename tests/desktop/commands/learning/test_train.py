from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from common.extras import is_installed
from gallery.gallery import Gallery
from gallery.identity import Template
from models.embedders.sface import SfaceEmbedder
from recognition.learning.classifier_file import load_recipe

needs_sklearn = pytest.mark.skipif(not is_installed("learn"), reason="no scikit-learn")


@pytest.fixture
def people(seed) -> None:
    for name in ("Ánh", "Bình", "Chi", "Dũng"):
        seed(name, templates=3)


@needs_sklearn
def test_an_svm(run, home: Path, people: None) -> None:
    told = run("train", "svm")
    assert told.code == 0
    assert told.out.startswith("svm: svm-")
    assert "of 4 people and 12 templates." in told.out
    assert " of 12 left-out templates for somebody else; log loss " in told.out
    assert "facedesk identify --classifier svm" in told.err
    recipe = load_recipe(home / "classifiers" / "svm.npz")
    assert len(recipe.people) == 4
    assert recipe.model_id == SfaceEmbedder.model_id


def test_a_knn_as_json(run, home: Path, people: None) -> None:
    told = run("train", "knn", "--as", "gan-nhat", "--json")
    (line,) = told.json
    assert line["classifier"] == "gan-nhat"
    assert line["file"] == str(home / "classifiers" / "gan-nhat.npz")
    assert (line["method"], line["people"], line["templates"]) == ("knn", 4, 12)
    assert line["neighbours"] in (1, 3, 5, 9)


@needs_sklearn
@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_a_kernel_of_choice(run, people: None, kernel: str) -> None:
    assert run("train", "svm", "--kernel", kernel, "--json").json[0]["method"] == f"svm-{kernel}"


@needs_sklearn
def test_one_more_is_learned_without_the_others(run, seed, people: None) -> None:
    run("train", "svm")
    run("train", "knn")
    seed("Giang", templates=3)
    told = run("train", "update", "--json")
    assert [line["classifier"] for line in told.json] == ["knn", "svm"]
    assert told.json[1] == {
        "classifier": "svm",
        "new": 1,
        "changed": 0,
        "gone": 0,
        "machines_trained": 1,
    }
    assert run("train", "update", "svm").out == (
        "svm: 0 new, 0 changed, 0 gone; 0 machines trained of 5.\n"
    )


def test_an_update_of_nothing(run, people: None) -> None:
    told = run("train", "update")
    assert (told.code, told.out) == (2, "")
    assert "there is none. Train one: facedesk train svm" in told.err
    told = run("train", "update", "svm")
    assert told.code == 2
    assert "there is nothing at" in told.err


def test_whoever_is_removed_is_removed_from_the_classifier(run, home: Path, people: None) -> None:
    run("train", "knn")
    path = home / "classifiers" / "knn.npz"
    (chi,) = (line for line in run("people", "list", "--json").json if line["name"] == "Chi")
    assert chi["identity"] in load_recipe(path).people
    assert run("people", "remove", "Chi").code == 0
    assert len(load_recipe(path).people) == 3
    assert chi["identity"].encode() not in path.read_bytes()


def test_who_is_too_few(run, seed) -> None:
    seed("Ánh", templates=3)
    told = run("train", "knn")
    assert (told.code, told.out) == (2, "")
    assert "at least two people with two pictures or more" in told.err


def test_an_empty_gallery(run) -> None:
    for command in ("svm", "knn", "metric", "pairs"):
        told = run("train", command)
        assert (told.code, told.out) == (2, "")
        assert "there are 0" in told.err


def test_a_name_that_cannot_stand(run, people: None, home: Path) -> None:
    told = run("train", "knn", "--as", "../knn")
    assert (told.code, told.out) == (2, "")
    assert "a classifier's name" in told.err
    assert not (home / "classifiers").exists()


def test_without_scikit_learn(run, people: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    told = run("train", "svm")
    assert told.code == 2
    assert "extra [learn]" in told.err
    assert "pip install" in told.err


@pytest.fixture
def eileen(run, people: None, photos: Path, portrait: Path) -> None:
    assert run("enroll", "Eileen", portrait, photos / "brighter.jpg").code == 0


@needs_sklearn
@pytest.mark.parametrize("method", ["svm", "knn"])
def test_identify_with_a_classifier(run, eileen: None, photos: Path, method: str) -> None:
    run("train", method)
    told = run("identify", "--classifier", method, photos / "turned.png", "--json")
    assert (told.code, told.err) == (0, "")
    assert told.json[0]["faces"][0]["name"] == "Eileen"


def test_the_setting_and_a_stale_classifier(
    run, seed, home: Path, eileen: None, photos: Path, portrait: Path
) -> None:
    run("train", "knn")
    home.joinpath("settings.toml").write_text('classifier = "knn"\n')
    photo = photos / "turned.png"
    assert run("identify", photo).err == ""
    seed("Giang")
    told = run("identify", photo)
    assert told.code == 0
    assert told.err == (
        "The classifier does not know 1 person: whom it does not know the gallery's similarity "
        "alone decides on. To bring it in step: facedesk train update\n"
    )
    assert run("identify", "--classifier", "", photo).err == ""
    assert run("enroll", "Eileen", photos / "mirrored.png").code == 0
    assert "knows other pictures of 1 person" in run("identify", photo).err
    (home / "classifiers" / "knn.npz").unlink()
    told = run("identify", photo)
    assert (told.code, told.out) == (2, "")
    assert "Train it with facedesk train svm" in told.err


def test_the_doctor_tells_a_stale_classifier(run, seed, home: Path, people: None) -> None:
    run("train", "knn")
    home.joinpath("settings.toml").write_text('classifier = "knn"\n')

    def finding() -> dict[str, object]:
        (found,) = (f for f in run("doctor", "--json").json if f["what"] == "Classifier")
        return found

    assert finding()["found"] == "knn: knn of 4 people"
    seed("Giang")
    assert finding()["found"] == "knn: knn of 4 people; 1 new, 0 changed, 0 gone since"
    (home / "classifiers" / "knn.npz").write_bytes(b"PK")
    assert "cannot be used" in str(finding()["found"])


def test_watch_with_a_classifier(run, eileen: None, film: Path) -> None:
    run("train", "knn")
    told = run("watch", "--source", film, "--classifier", "knn", "--json")
    assert told.code == 0
    assert told.json[-1]["summary"]["people"]["Eileen"] > 0
    told = run("watch", "--source", film, "--classifier", "svm")
    assert told.code == 2
    assert "there is nothing at" in told.err


def test_a_file_of_elsewhere(run, home: Path, eileen: None, photos: Path, tmp_path: Path) -> None:
    run("train", "knn")
    copy = tmp_path / "bản sao.npz"
    shutil.copy(home / "classifiers" / "knn.npz", copy)
    assert run("identify", "--classifier", copy, photos / "turned.png").code == 0
    copy.write_bytes(copy.read_bytes()[:-30])
    told = run("identify", "--classifier", copy, photos / "turned.png")
    assert (told.code, told.out) == (2, "")
    assert "bản sao.npz cannot be used" in told.err


@pytest.fixture(scope="session")
def few_people(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train") / "vier Menschen"
    for person in sorted((shared_data / "faces" / "people").iterdir())[:4]:
        (folder / person.name).mkdir(parents=True)
        for picture in sorted(person.iterdir())[:3]:
            shutil.copy(picture, folder / person.name)
    (folder / "aaron_eckhart").mkdir(exist_ok=True)
    (folder / sorted(folder.iterdir())[0].name / "text.jpg").write_text("no picture")
    return folder


def test_pairs_of_a_folder(run, home: Path, few_people: Path, tmp_path: Path) -> None:
    told = run("train", "pairs", few_people, "--plots", tmp_path / "plots")
    assert told.code == 0
    assert "4 people, 12 pairs of one person and 54 of two" in told.out
    assert told.out.splitlines()[-1].startswith("expected calibration error ")
    assert "Left out: " in told.err
    assert (tmp_path / "plots" / "pairs-reliability.png").stat().st_size > 5000
    kept = json.loads((home / "pairs.json").read_text())
    assert kept["curves"][SfaceEmbedder.model_id]["same"] == 12


def test_pairs_of_the_gallery_as_json(run, seed) -> None:
    for name in "ABCD":
        seed(name, templates=2)
    told = run("train", "pairs", "--json")
    # Random vectors of one person are no more alike than those of two.
    assert told.code in (0, 2)
    if told.code == 0:
        assert told.json[0]["people"] == 4


def test_a_metric_that_gains_nothing_changes_nothing(
    run, open_gallery, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "weights"))
    enroll_many(open_gallery(), spoilt=0.02)
    told = run("train", "metric", "--plots", tmp_path / "plots")
    assert told.code == 0
    assert "learned from 12 people, stopped by 6 after" in told.out
    assert told.out.endswith("It is not better than chance would have it: nothing is changed.\n")
    assert (tmp_path / "plots" / "metric-distances.png").stat().st_size > 5000
    assert not (tmp_path / "weights").exists()


def test_a_metric_that_is_better_is_kept(
    run, open_gallery, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "weights"))
    enroll_many(open_gallery(), spoilt=0.6, count=32)
    options = ("--mining", "hard", "--margin", "0.5", "--epochs", "10")
    (line,) = run("train", "metric", *options, "--json").json
    assert line["low"] > 0
    (kept,) = (tmp_path / "weights" / "heads").iterdir()
    name, _, head = line["kept_as"].partition("~")
    assert name == "sface"
    assert kept.stem == f"{SfaceEmbedder.model_id}~{head}"


def enroll_many(gallery: Gallery, spoilt: float, count: int = 24) -> None:
    """People who differ in all dimensions but four, which are of the picture alone."""
    rng = np.random.default_rng(1)
    own = SfaceEmbedder.dimension - 4
    crop = np.zeros((4, 4, 3), np.uint8)
    for number in range(count):
        person = np.concatenate([rng.normal(size=own) / np.sqrt(own), np.zeros(4)])
        rows = person + rng.normal(size=(6, own + 4)) * ([0.03] * own + [spoilt] * 4)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        gallery.enroll(
            f"person {number}",
            [Template(row.astype(np.float32), crop, 1, SfaceEmbedder.model_id) for row in rows],
        )
