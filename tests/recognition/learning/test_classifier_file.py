from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from common.errors import LearningError
from recognition.learning.classifier import (
    Classifier,
    ClassifierRecipe,
    Method,
    Parameters,
    digests,
)
from recognition.learning.classifier_file import (
    classifier_path,
    forget_person,
    load_recipe,
    save_recipe,
    saved_classifiers,
)
from recognition.learning.labelled import LabelledRows
from recognition.learning.logistic import Logistic


def recipe_of(known: LabelledRows, method: Method = Method.SVM_LINEAR) -> ClassifierRecipe:
    """Not trained: each person's own templates count for them, all others against."""
    own = known.owners == np.arange(len(known.people))[:, np.newaxis]
    is_knn = method is Method.KNN
    return ClassifierRecipe(
        method,
        Parameters(neighbours=3) if is_knn else Parameters(penalty=1, width=1),
        "toy-16",
        known.people,
        digests(known.rows),
        known.owners,
        np.zeros((len(own), 0), np.float32) if is_knn else np.where(own, 1, -0.1).astype("<f4"),
        np.arange(len(known.people), dtype=np.float32) / 100,
        Logistic(2.0, -1.0),
        1.5,
        0.0 if is_knn else 0.2,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "phân loại" / "svm.npz"


@pytest.mark.parametrize("method", Method)
def test_it_comes_back_as_it_was(six_people, path: Path, method: Method, make_rows) -> None:
    recipe = recipe_of(six_people, method)
    save_recipe(recipe, path)
    found = load_recipe(path)
    assert (found.method, found.parameters, found.model_id) == (method, recipe.parameters, "toy-16")
    assert (found.people, found.templates) == (recipe.people, recipe.templates)
    assert (found.curve, found.spread) == (recipe.curve, recipe.spread)
    probes = make_rows(1)
    before, after = (Classifier(r, six_people).decisions(probes) for r in (recipe, found))
    assert (before == after).all()


def test_no_embedding_is_in_it(six_people, path: Path) -> None:
    save_recipe(recipe_of(six_people), path)
    content = path.read_bytes()
    assert all(row.tobytes() not in content for row in six_people.rows)
    assert all(row[:2].tobytes() not in content for row in six_people.rows)


def test_only_its_owner_can_read_it(six_people, path: Path) -> None:
    save_recipe(recipe_of(six_people), path)
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("method", Method)
def test_whoever_is_forgotten_counts_for_nobody(six_people, path: Path, method, make_rows) -> None:
    save_recipe(recipe_of(six_people, method), path)
    forget_person(path.parent, "c")
    found = load_recipe(path)
    assert found.people == tuple("abdef")
    assert set(found.templates).isdisjoint(digests(six_people.rows[8:12]))
    content = path.read_bytes()
    assert all(each not in content for each in digests(six_people.rows[8:12]))
    five = six_people.of_people(np.array([0, 1, 3, 4, 5]))
    expected = Classifier(recipe_of(six_people, method).without("c"), five)
    assert (
        Classifier(found, six_people).decisions(make_rows(3)) == expected.decisions(make_rows(3))
    ).all()
    forget_person(path.parent, "somebody who is not in it")
    assert load_recipe(path).people == tuple("abdef")


def test_the_last_ones_classifier_is_deleted(six_people, path: Path) -> None:
    save_recipe(recipe_of(six_people.of_people(np.array([0]))), path)
    forget_person(path.parent, "a")
    assert not path.exists()


def test_a_damaged_one_is_deleted_since_it_may_be_of_anybody(six_people, path: Path) -> None:
    save_recipe(recipe_of(six_people), path)
    path.write_bytes(path.read_bytes()[:-40])
    forget_person(path.parent, "a")
    assert saved_classifiers(path.parent) == []


def test_where_none_is_kept_nothing_is_forgotten(tmp_path: Path) -> None:
    forget_person(tmp_path / "missing", "a")
    assert list(tmp_path.iterdir()) == []


def archive(path: Path, arrays: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> None:
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in arrays.items():
            file.writestr(f"{name}.npy", content)


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {e.filename.removesuffix(".npy"): file.read(e) for e in file.infolist()}


def array(values: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values, allow_pickle=True)
    return stream.getvalue()


class Hostile:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ("code from a file was run",)


def test_no_code_is_run(six_people, path: Path) -> None:
    save_recipe(recipe_of(six_people), path)
    parts = parts_of(path)
    archive(path, {**parts, "biases": array(np.array([Hostile()], object))})
    with pytest.raises(LearningError, match="an array of object, not of <f4"):
        load_recipe(path)
    path.write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(LearningError, match=r"cannot be used: File is not a zip file"):
        load_recipe(path)


def test_a_zip_bomb_is_refused_unread(six_people, path: Path) -> None:
    save_recipe(recipe_of(six_people), path)
    parts = parts_of(path)
    archive(path, {**parts, "biases": array(np.zeros(10_000_000, "<f4"))}, zipfile.ZIP_DEFLATED)
    with pytest.raises(LearningError, match="a part of it is compressed"):
        load_recipe(path)


def lying(header: bytes, by: bytes, content: bytes) -> bytes:
    assert header in content
    return content.replace(header, by.ljust(len(header)))


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("owners", array(np.array([0, 7], "<i4"))),
        ("coefficients", array(np.zeros((6, 23), "<f4"))),
        ("coefficients", array(np.full((6, 24), np.nan, "<f4"))),
        ("biases", array(np.zeros(5, "<f4"))),
        ("biases", array(np.zeros(6, "<f8"))),
        ("templates", array(np.zeros((24, 15), np.uint8))),
        ("about", array(np.frombuffer(b"{}", np.uint8))),
        ("about", array(np.frombuffer(b"not json", np.uint8))),
        ("biases", b"no array"),
        ("biases", lying(b"(6,)", b"(9,)", array(np.zeros(6, "<f4")))),
    ],
)
def test_unsound_parts(six_people, path: Path, part: str, content: bytes) -> None:
    save_recipe(recipe_of(six_people), path)
    archive(path, {**parts_of(path), part: content})
    with pytest.raises(LearningError, match=r"svm\.npz cannot be used"):
        load_recipe(path)


def test_another_file(path: Path, tmp_path: Path) -> None:
    archive(path, {"embeddings": array(np.zeros(3)), "names": array(np.zeros(3))})
    with pytest.raises(LearningError, match="it is another kind of file"):
        load_recipe(path)
    with pytest.raises(LearningError, match="there is nothing at"):
        load_recipe(tmp_path / "svm.npz")
    with pytest.raises(LearningError, match="cannot be used: Is a directory"):
        load_recipe(tmp_path)


def test_names_and_files(tmp_path: Path) -> None:
    assert classifier_path("svm", tmp_path) == tmp_path / "svm.npz"
    assert classifier_path("../elsewhere/svm.npz", tmp_path) == Path("../elsewhere/svm.npz")
    for name in ("../svm", "SVM", "", "a" * 41, "svm.pkl"):
        with pytest.raises(LearningError, match="a classifier's name"):
            classifier_path(name, tmp_path)
