from __future__ import annotations

from pathlib import Path

import pytest

from bench.evaluation.pictures import (
    LabelledPicture,
    PicturePair,
    csv_set,
    pairs_set,
    people_set,
    read_groups,
)
from common.errors import PictureError


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Two people with two pictures each, named as LFW names them."""
    folder = tmp_path / "người – 家"
    for name in ("Ann", "Bob"):
        (folder / name).mkdir(parents=True)
        for number in (1, 2):
            (folder / name / f"{name}_{number:04}.jpg").write_bytes(b"x")
    return folder


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_folders_of_people(people: Path) -> None:
    found = people_set(people)
    assert found.names == ("Ann", "Bob")
    assert [p.path.name for p in found.pictures][:2] == ["Ann_0001.jpg", "Ann_0002.jpg"]
    assert found.pairs == ()


def test_folders_in_a_persons_folder_are_the_persons(people: Path) -> None:
    (people / "Ann" / "2019").mkdir()
    (people / "Ann" / "2019" / "a.jpg").write_bytes(b"x")
    found = people_set(people)
    assert [p.path.name for p in found.pictures if p.person == "Ann"][-1] == "a.jpg"


def test_strangers_in_a_folder_of_their_own(people: Path, tmp_path: Path) -> None:
    (tmp_path / "others" / "Zoe").mkdir(parents=True)
    (tmp_path / "others" / "Zoe" / "1.png").write_bytes(b"x")
    found = people_set(people, tmp_path / "others")
    assert [p.person for p in found.pictures if p.is_stranger] == ["Zoe"]
    with pytest.raises(PictureError, match="Ann is in both folders"):
        people_set(people, people)


def test_lfw_as_it_comes(people: Path) -> None:
    written(people / "pairs.txt", "1\t1\nAnn\t1\t2\nAnn\t2\tBob\t1\n")
    found = people_set(people)
    assert found.pairs == (PicturePair(0, 1, True), PicturePair(1, 2, False))
    assert [p.person for p in found.pictures] == ["Ann", "Ann", "Bob"]
    assert all(p.path.is_file() for p in found.pictures)


@pytest.mark.parametrize("line", ["Ann\t1", "Ann\tx\t2", "Ann\t1\tBob\tx", "a b c d e"])
def test_a_line_that_lfw_does_not_have(people: Path, line: str) -> None:
    table = written(people / "pairs.txt", f"1 1\nAnn 1 2\n{line}\n")
    with pytest.raises(PictureError, match="line 3 has something else"):
        pairs_set(table, people)


def test_a_table_whose_columns_are_found(people: Path) -> None:
    table = written(
        people / "data.csv", "\ufeffImage,Label\nAnn/Ann_0001.jpg,Ann\nBob_0002,Bob\n,\n"
    )
    assert csv_set(table, people).pictures == (
        LabelledPicture(people / "Ann" / "Ann_0001.jpg", "Ann"),
        LabelledPicture(people / "Bob" / "Bob_0002.jpg", "Bob"),
    )


def test_a_table_whose_columns_are_named(people: Path) -> None:
    table = written(people / "data.csv", "name,wer,bild\nx,Ann,Ann_0001\n")
    (picture,) = csv_set(table, people, "bild", "wer").pictures
    assert (picture.person, picture.path.name) == ("Ann", "Ann_0001.jpg")
    with pytest.raises(PictureError, match="its columns are name, wer, bild"):
        csv_set(table, people)
    with pytest.raises(PictureError, match="the column foto"):
        csv_set(table, people, "foto", "wer")


def test_a_list_of_pairs_says_who_is_one_person(people: Path) -> None:
    rows = "Ann/Ann_0001.jpg,Ann/Ann_0002.jpg,1\nAnn/Ann_0002.jpg,Bob/Bob_0001.jpg,no\n"
    found = pairs_set(written(people / "p.csv", f"a,b,same\n{rows}"), people)
    assert found.pairs == (PicturePair(0, 1, True), PicturePair(1, 2, False))
    assert [p.person for p in found.pictures] == ["person 1", "person 1", "person 2"]


@pytest.mark.parametrize("row", ["a.jpg,b.jpg,maybe", "a.jpg,,1", "a.jpg"])
def test_a_pair_that_says_nothing(people: Path, row: str) -> None:
    with pytest.raises(PictureError, match="line 2 has something else"):
        pairs_set(written(people / "p.csv", f"a,b,same\n{row}\n"), people)


@pytest.mark.parametrize("text", ["", "a,b,same\n"])
def test_an_empty_list(people: Path, text: str) -> None:
    with pytest.raises(PictureError, match="it has none"):
        pairs_set(written(people / "p.csv", text), people)


def test_lists_that_cannot_be_read(people: Path) -> None:
    with pytest.raises(PictureError, match="cannot be read"):
        csv_set(people / "missing.csv", people)
    (people / "binary.csv").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(PictureError, match="cannot be read"):
        csv_set(people / "binary.csv", people)


def test_a_folder_without_pictures(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="has no such pictures"):
        people_set(tmp_path)


@pytest.mark.parametrize("heading", ["name,group", "name,anything", "skin,name"])
def test_groups(people: Path, heading: str) -> None:
    rows = "light,Ann\n,Bob\n" if heading == "skin,name" else "Ann,light\nBob,\n"
    table = written(people / "labels.csv", f"{heading}\n{rows}")
    assert read_groups(table) == {"Ann": "light"}


@pytest.mark.parametrize("mark", [";", "\t"])
def test_columns_are_parted_as_other_spreadsheets_do(people: Path, mark: str) -> None:
    text = "a,b,same\nAnn/Ann_0001,Ann/Ann_0002,1\n".replace(",", mark)
    found = pairs_set(written(people / "pairs.csv", text), people)
    assert found.pairs == (PicturePair(0, 1, True),)
    with pytest.raises(PictureError, match="the column b in"):
        pairs_set(written(people / "bad.csv", "a,same\nx,1\n"), people)
