from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from recognition import enroller


@pytest.fixture
def folder(tmp_path: Path, photos: Path) -> Path:
    """Eileen in two good photos and a bad one; a folder without a usable name; a hidden one."""
    folder = tmp_path / "Những người – 人々"
    for name in ("Eileen Ánh", "tab\there", ".hidden"):
        (folder / name).mkdir(parents=True)
    for photo in ("portrait ảnh.jpg", "turned.png", "text.jpg"):
        shutil.copy(photos / photo, folder / "Eileen Ánh")
    shutil.copy(photos / "mirrored.png", folder / "tab\there")
    shutil.copy(photos / "mirrored.png", folder / ".hidden")
    return folder


def test_a_subfolder_is_a_person(run, folder: Path) -> None:
    told = run("import", folder)
    assert told.code == 0
    assert told.out == "1 person, 2 templates added, 2 skipped.\n"
    assert f"Skipped {folder / 'Eileen Ánh' / 'text.jpg'}: " in told.err
    assert f"Skipped {folder}/tab\there: Expected a name on one line" in told.err
    assert run("people", "list", "--json").json[0]["name"] == "Eileen Ánh"


def test_json_is_as_promised(run, folder: Path) -> None:
    told = run("import", folder, "--json")
    assert told.code == 0
    (line,) = told.json
    assert list(line) == ["identities", "templates", "skipped"]
    (identity,) = line["identities"]
    assert list(identity) == ["identity", "name"]
    assert identity["name"] == "Eileen Ánh"
    assert line["templates"] == 2
    assert all(list(skipped) == ["path", "reason"] for skipped in line["skipped"])
    assert {skipped["path"] for skipped in line["skipped"]} == {
        str(folder / "Eileen Ánh" / "text.jpg"),
        str(folder / "tab\there"),
    }


def test_a_repeated_import_adds_nothing(run, folder: Path) -> None:
    run("import", folder)
    before = run("people", "list", "--json").json
    told = run("import", folder, "--json")
    assert told.code == 0
    assert (told.json[0]["identities"], told.json[0]["templates"]) == ([], 0)
    assert len(told.json[0]["skipped"]) == 4
    assert run("people", "list", "--json").json == before


def test_a_new_photo_goes_to_the_same_person(run, folder: Path, photos: Path) -> None:
    run("import", folder)
    shutil.copy(photos / "brighter.jpg", folder / "Eileen Ánh")
    told = run("import", folder)
    assert told.out == "1 person, 1 template added, 4 skipped.\n"
    (line,) = run("people", "list", "--json").json
    assert line["templates"] == 3


def test_a_face_under_two_names_is_enrolled_once(run, folder: Path, photos: Path) -> None:
    (folder / "Zoë").mkdir()
    shutil.copy(photos / "mirrored.png", folder / "Zoë")
    told = run("import", folder)
    assert told.code == 0
    assert "for Zoë, but it is enrolled as Eileen Ánh" in told.err
    assert "--into" in told.err
    assert [line["name"] for line in run("people", "list", "--json").json] == ["Eileen Ánh"]


def test_each_person_is_saved_at_once(
    run, folder: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "Zoë").mkdir()
    shutil.copy(photos / "mirrored.png", folder / "Zoë")
    review = enroller.reviewed

    def interrupted(recognizer, name, templates):
        if name == "Zoë":
            raise KeyboardInterrupt
        return review(recognizer, name, templates)

    monkeypatch.setattr(enroller, "reviewed", interrupted)
    told = run("import", folder, "--json")
    assert (told.code, told.out) == (130, "")
    assert [line["name"] for line in run("people", "list", "--json").json] == ["Eileen Ánh"]


def test_where_there_is_nobody(run, tmp_path: Path, portrait: Path) -> None:
    empty = tmp_path / "leer"
    empty.mkdir()
    for folder in (empty, portrait.parent / "subfolder.jpg"):
        told = run("import", folder, "--json")
        assert (told.code, told.out) == (2, "")
        assert "Make a subfolder for each person" in told.err
    for folder, found in ((tmp_path / "missing", "No such file"), (portrait, "Not a directory")):
        told = run("import", folder, "--json")
        assert (told.code, told.out) == (2, "")
        assert str(folder) in told.err
        assert found in told.err
