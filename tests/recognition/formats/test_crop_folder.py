from __future__ import annotations

import json
from pathlib import Path

import pytest

from common.errors import FormatError
from recognition.formats.contents import ReadingOptions
from recognition.formats.crop_folder import LIST, safe_name
from recognition.formats.folder import FolderFormat
from tests.recognition.formats.conftest import MODEL


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Nguyễn Thị Ánh", "Nguyễn Thị Ánh"),
        ("a/b\\c:d*e?", "a_b_c_d_e_"),
        ("..", "_"),
        (". Ann .", "_Ann_"),
        ("CON", "CON_"),
        ("com1.txt", "com1.txt_"),
        ("山" * 100, "山" * 26),
    ],
)
def test_a_name_becomes_one_that_every_system_takes(name: str, safe: str) -> None:
    assert safe_name(name, set()) == safe


def test_names_that_a_file_system_takes_for_one_become_several() -> None:
    taken: set[str] = set()
    names = [safe_name(name, taken) for name in ("Ann", "ANN", "Ann", "A\u0301nh", "Ánh")]
    assert names == ["Ann", "ANN (2)", "Ann (3)", "Ánh", "Ánh (2)"]


@pytest.fixture
def exported(tmp_path: Path, crowd) -> Path:
    FolderFormat().write([crowd.person("Ann: 1", 1)], MODEL, tmp_path / "out", overwrite=False)
    return tmp_path / "out"


def test_a_folder_without_the_list_has_its_own_name(exported: Path) -> None:
    (exported / LIST).unlink()
    (person,) = FolderFormat().read(exported, ReadingOptions()).people
    assert (person.name, person.own) == ("Ann_ 1", {})


@pytest.mark.parametrize("path", ["../stolen.png", "/etc/passwd", "Ann_ 1/../../stolen.png"])
def test_a_list_cannot_lead_out_of_its_folder(exported: Path, path: str) -> None:
    (exported / "Ann_ 1" / "1.png").rename(exported.parent / "stolen.png")
    listed = json.loads((exported / LIST).read_text("utf-8"))
    listed["people"][0]["crops"][0]["path"] = path
    (exported / LIST).write_text(json.dumps(listed))
    (person,) = FolderFormat().read(exported, ReadingOptions()).people
    assert (person.pictures, person.own) == ((), {})


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"facedesk_people": 2, "people": []}', "made by a newer Facedesk"),
        ('{"facedesk_people": 1}', "damaged or something else"),
        ("[]", "damaged or something else"),
        ("[" * 100_000, "damaged or something else"),
        ("", "damaged or something else"),
    ],
)
def test_a_list_that_is_wrong_is_told(exported: Path, content: str, found: str) -> None:
    (exported / LIST).write_text(content)
    with pytest.raises(FormatError, match=found) as told:
        FolderFormat().read(exported, ReadingOptions())
    assert "\n" not in str(told.value)
