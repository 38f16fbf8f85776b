from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common.errors import FormatError
from recognition.formats.contents import PeopleInEmbeddings, ReadingOptions
from recognition.formats.npz import NpzFormat


def read(path: Path, beside: Path | None = None, **arrays: Any) -> PeopleInEmbeddings:
    np.savez(path / "a.npz", **arrays)
    return NpzFormat().read(path / "a.npz", ReadingOptions(names=beside))


def counts(content: PeopleInEmbeddings) -> dict[str, int]:
    return {person.name: len(person.embeddings) for person in content.people}


NAMES = ["Ánh", "Bob", "Ánh"]


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ("embeddings", "names"),
        ("Embeddings", "Labels"),
        ("encodings", "known_face_names"),
        ("known_face_encodings", "name"),
        ("trainX", "trainy"),
        ("arr_0", "arr_1"),
        ("features", "usernames"),
    ],
)
def test_the_usual_keys_are_known(tmp_path: Path, crowd, rows: str, names: str) -> None:
    content = read(tmp_path, **{rows: crowd.rows(3), names: np.array(NAMES)})
    assert counts(content) == {"Ánh": 2, "Bob": 1}
    assert content.dimension == 32


def test_vn2db_is_read_as_its_demo_leaves_it(tmp_path: Path, crowd) -> None:
    """np.append() flattens the vectors when the demo registers somebody."""
    rows = crowd.rows(3, 512)
    content = read(
        tmp_path, embs=rows.ravel(), imm_classes=np.array([0, 1, 0]), id_names=np.array(NAMES)
    )
    assert counts(content) == {"Ánh": 2, "Bob": 1}
    np.testing.assert_array_almost_equal_nulp(content.people[1].embeddings, rows[1:2], 2)


def test_a_name_for_each_class_is_found_by_its_number(tmp_path: Path, crowd) -> None:
    content = read(
        tmp_path, embs=crowd.rows(3), imm_classes=[1, 0, 1], id_names=np.array(["Bob", "Ánh"])
    )
    assert counts(content) == {"Ánh": 2, "Bob": 1}


def test_pictures_in_folders_name_their_people(tmp_path: Path, crowd) -> None:
    names = ["db/Ánh/1.jpg", "db\\Bob\\2.jpg", "db/Ánh/3.jpg"]
    content = read(tmp_path, embs=crowd.rows(3), imm_classes=[0, 1, 0], filenames=names)
    assert counts(content) == {"Ánh": 2, "Bob": 1}


def test_names_that_numpy_pickled_are_read_without_unpickling(tmp_path: Path, crowd) -> None:
    content = read(tmp_path, embeddings=crowd.rows(3), names=np.array(NAMES, object))
    assert counts(content) == {"Ánh": 2, "Bob": 1}


def test_numbers_need_a_list_of_names(tmp_path: Path, crowd) -> None:
    arrays = {"embeddings": crowd.rows(3), "labels": np.array([1, 0, 1])}
    with pytest.raises(FormatError, match="--names FILE"):
        read(tmp_path, **arrays)
    given = tmp_path / "names.txt"
    given.write_text("Bob\nÁnh\n", "utf-8")
    assert counts(read(tmp_path, given, **arrays)) == {"Ánh": 2, "Bob": 1}
    given.write_text("Bob\n", "utf-8")
    with pytest.raises(FormatError, match="it has none for 1"):
        read(tmp_path, given, **arrays)


def test_vectors_are_scaled_and_it_is_said(tmp_path: Path, crowd) -> None:
    rows = crowd.rows(3)
    content = read(tmp_path, embeddings=rows * [[1], [3], [0.1]], names=["a", "b", "c"])
    assert content.told == ("2 of 3 vectors were scaled to unit length.",)
    found = np.concatenate([person.embeddings for person in content.people])
    np.testing.assert_allclose(found, rows, atol=1e-6)


def test_the_same_vector_twice_counts_once(tmp_path: Path, crowd) -> None:
    rows = crowd.rows(2)[[0, 1, 0]]
    content = read(tmp_path, embeddings=rows, names=["a", "b", "a"])
    assert counts(content) == {"a": 1, "b": 1}
    assert content.told == ("1 vectors were given twice.",)
    with pytest.raises(FormatError, match="the same vector as a and as c"):
        read(tmp_path, embeddings=rows, names=["a", "b", "c"])


@pytest.mark.parametrize(
    ("arrays", "found"),
    [
        ({"embeddings": np.eye(20), "names": ["a"] * 19}, "20 vectors, and there are 19 names"),
        ({"embeddings": np.zeros((2, 20)), "names": ["a", "b"]}, "number 1 of .* all zeros"),
        (
            {"embeddings": np.full((2, 20), [[1.0], [np.nan]]), "names": ["a", "b"]},
            r"number 2 of .* \(NaN",
        ),
        (
            {"embeddings": np.full((2, 20), [[1.0], [np.inf]]), "names": ["a", "b"]},
            r"number 2 of .* \(NaN",
        ),
        ({"embeddings": np.eye(20), "names": ["a"] * 19 + ["\t"]}, "for number 20 of .* empty"),
        ({"embeddings": np.eye(20), "names": ["a"] * 19 + ["b\nc"]}, "for number 20 of .* control"),
        ({"embeddings": np.ones((2, 8)), "names": ["a", "b"]}, "rows of 8 numbers"),
        ({"arr_0": np.ones((2, 16, 16, 3)), "arr_1": ["a", "b"]}, "2 x 16 x 16 x 3, pictures"),
        ({"embeddings": np.array([["x"] * 20]), "names": ["a"]}, "it has <U1"),
        ({"other": np.eye(20), "names": ["a"]}, "its keys are other, names"),
        ({"embeddings": np.eye(20)}, "it has none"),
        ({"embeddings": np.zeros((0, 20)), "names": np.array([], str)}, "its keys are"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_embedding_is_told(tmp_path: Path, arrays: dict[str, Any], found: str) -> None:
    with pytest.raises(FormatError, match=found):
        read(tmp_path, **arrays)
