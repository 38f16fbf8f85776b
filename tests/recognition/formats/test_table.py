from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import FormatError
from recognition.formats.contents import PeopleInPictures, ReadingOptions
from recognition.formats.table import TableFormat


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures in a folder of their own, and one that the table must not reach."""
    folder = tmp_path / "bảng"
    (folder / "images").mkdir(parents=True)
    for name in ("a1.jpg", "a2.jpg", "b1.png"):
        (folder / "images" / name).touch()
    (tmp_path / "secret.jpg").touch()
    return folder


def read(folder: Path, text: str, encoding: str = "utf-8", **options: str) -> PeopleInPictures:
    (folder / "data.csv").write_bytes(text.encode(encoding))
    return TableFormat().read(folder, ReadingOptions(**options))


def pictures(content: PeopleInPictures) -> dict[str, list[str]]:
    return {p.name: [path.name for path in p.pictures] for p in content.people}


EXPECTED = {"Ánh": ["a1.jpg", "a2.jpg"], "Bob": ["b1.png"]}

LINES = "Ánh{0}images/a1.jpg\nÁnh{0}images/a2.jpg\nBob{0}images/b1.png\n"


@pytest.mark.parametrize(
    "head",
    ["name,path", "Name,Image Path", "full_name,FILE", "Họ Tên,Ảnh", "label,filename", "người,ảnh"],
)
def test_columns_are_found_by_their_usual_names(folder: Path, head: str) -> None:
    options = {"name_column": "Người"} if head.startswith("người") else {}
    assert pictures(read(folder, f"{head}\n{LINES.format(',')}", **options)) == EXPECTED


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_spreadsheets_ways_of_writing_are_known(
    folder: Path, delimiter: str, encoding: str
) -> None:
    text = f"name{delimiter}path\n{LINES.format(delimiter)}".replace("\n", "\r\n")
    assert pictures(read(folder, text, encoding)) == EXPECTED


def test_columns_may_be_named(folder: Path) -> None:
    text = "wer,wo\n" + LINES.format(",")
    with pytest.raises(FormatError, match=r"its first line is wer, wo\..*--name-column"):
        read(folder, text)
    assert pictures(read(folder, text, name_column="Wer", picture_column="wo")) == EXPECTED
    with pytest.raises(FormatError, match="its first line is wer, wo"):
        read(folder, text, name_column="wem", picture_column="wo")


def test_a_table_without_a_first_line_is_read_by_what_is_in_it(folder: Path) -> None:
    """As the attendance tutorials write it: number, name, picture."""
    text = "7,Ánh,static/images/a1.jpg\n7,Ánh,static/images/a2.jpg\n8,Bob,images/b1.png\n"
    assert pictures(read(folder, text)) == EXPECTED


def test_pictures_are_found_wherever_the_table_was_written(folder: Path) -> None:
    text = (
        "name,path\nÁnh,/home/me/project/images/a1.jpg\n"
        "Ánh,C:\\project\\images\\a2.jpg\nBob,b1.png\n"
    )
    assert pictures(read(folder, text)) == EXPECTED


@pytest.mark.parametrize("path", ["../secret.jpg", "images/../../secret.jpg", "{}/secret.jpg"])
def test_no_path_leads_out_of_the_tables_folder(folder: Path, path: str) -> None:
    text = f"name,path\nÁnh,{path.format(folder.parent)}\n"
    for person in read(folder, text).people:
        for picture in person.pictures:
            assert picture.resolve().is_relative_to(folder)
            assert not picture.exists()


def test_people_of_one_name_are_told_apart_by_their_numbers(folder: Path) -> None:
    text = "person_id,name,path\n1,Ánh,images/a1.jpg\n2,Ánh,images/a2.jpg\n1,Ánh,images/b1.png\n"
    content = read(folder, text)
    assert [[p.name for p in person.pictures] for person in content.people] == [
        ["a1.jpg", "b1.png"],
        ["a2.jpg"],
    ]


def test_a_column_that_numbers_the_lines_tells_nobody_apart(folder: Path) -> None:
    text = "id,name,path\n1,Ánh,images/a1.jpg\n2,Ánh,images/a2.jpg\n3,Bob,images/b1.png\n"
    assert pictures(read(folder, text)) == EXPECTED
    assert len(read(folder, text).people) == 2
    assert len(read(folder, text.replace("id,", "person_id,")).people) == 3


def test_lines_that_lack_something_are_skipped_and_told(folder: Path) -> None:
    content = read(folder, "name,path\n\nÁnh,images/a1.jpg\n,images/a2.jpg\nBob\n,,\n")
    assert pictures(content) == {"Ánh": ["a1.jpg"]}
    assert [s.reason for s in content.skipped] == [
        "Line 4 lacks the name or the picture.",
        "Line 5 lacks the name or the picture.",
    ]


def test_a_picture_that_is_named_twice_counts_once(folder: Path) -> None:
    content = read(folder, "name,path\nÁnh,images/a1.jpg\nÁnh,images/a1.jpg\n")
    assert pictures(content) == {"Ánh": ["a1.jpg"]}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"name,path\n\xc1nh,images/a1.jpg\n",  # Latin-1
        "name,path\nÁnh,a1.jpg\n".encode("cp1258", "replace"),
        b"name,path\n" + b'"' + b"x" * 200_000 + b'",a1.jpg\n',
        b"\x00\x01\x02,\x00\n",
        b"\xff\xfea",
        b"name;other\n",
    ],
)
def test_what_is_no_table_is_one_sentence(folder: Path, content: bytes) -> None:
    (folder / "data.csv").write_bytes(content)
    with pytest.raises(FormatError) as told:
        TableFormat().read(folder / "data.csv", ReadingOptions())
    assert "\n" not in str(told.value)
