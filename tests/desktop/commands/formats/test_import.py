from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from PIL import Image

from desktop.commands.formats.importing import import_person
from gallery.identity import Identity
from recognition.enrollment import photos as photos_module
from recognition.formats.contents import ReadingOptions
from recognition.formats.folder import FolderFormat
from recognition.recognizer import Recognizer
from station.ledger.audit import Audit
from tests.desktop.conftest import ANNA, BERTA, picture


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
    assert told.code == 1
    assert told.out == (
        "1 person, 2 templates added, 3 skipped: "
        "1 hidden, 1 cannot be read, 1 person not enrolled.\n"
        "Not enrolled: tab\there.\n"
    )
    assert f"Skipped {folder / 'Eileen Ánh' / 'text.jpg'}: " in told.err
    assert f"Skipped {folder}/tab\there: Expected a name on one line" in told.err
    assert run("people", "list", "--json").json[0]["name"] == "Eileen Ánh"


def test_json_is_as_promised(run, folder: Path) -> None:
    told = run("import", folder, "--json")
    assert told.code == 1
    (line,) = told.json
    assert list(line) == ["identities", "templates", "skipped", "counts", "lost"]
    (identity,) = line["identities"]
    assert list(identity) == ["identity", "name"]
    assert identity["name"] == "Eileen Ánh"
    assert line["templates"] == 2
    assert all(list(skipped) == ["path", "why", "reason"] for skipped in line["skipped"])
    assert {skipped["path"]: skipped["why"] for skipped in line["skipped"]} == {
        str(folder / "Eileen Ánh" / "text.jpg"): "cannot be read",
        str(folder / "tab\there"): "person not enrolled",
        str(folder / ".hidden"): "hidden",
    }
    assert line["counts"] == {"hidden": 1, "cannot be read": 1, "person not enrolled": 1}
    assert line["lost"] == ["tab\there"]


def test_a_repeated_import_adds_nothing(run, folder: Path) -> None:
    shutil.rmtree(folder / "tab\there")
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
    assert told.out.startswith(
        "1 person, 1 template added, 5 skipped: 2 enrolled already, 1 hidden, 1 cannot be read, "
    )
    (line,) = run("people", "list", "--json").json
    assert line["templates"] == 3


def test_a_face_under_two_names_is_enrolled_once(run, folder: Path, photos: Path) -> None:
    (folder / "Zoë").mkdir()
    shutil.copy(photos / "mirrored.png", folder / "Zoë")
    told = run("import", folder, "--json")
    assert told.code == 1
    assert told.json[0]["lost"] == ["tab\there", "Zoë"]
    assert "for Zoë, but it is enrolled as Eileen Ánh" in told.err
    assert "--into" in told.err
    assert [line["name"] for line in run("people", "list", "--json").json] == ["Eileen Ánh"]


def test_nothing_is_passed_over_silently(run, photos: Path, portrait: Path, tmp_path: Path) -> None:
    """Each file and folder that gave no template is counted; who is lost is told."""
    folder = tmp_path / "messy"
    ann, zoe = folder / "Ann", folder / "Zoë"
    for each in (ann / "2019" / "may", zoe, folder / "Nobody", folder / ".git"):
        each.mkdir(parents=True)
    shutil.copy(portrait, ann / "a.jpg")
    shutil.copy(portrait, ann / "again.jfif")
    shutil.copy(photos / "turned.png", ann / "2019" / "may" / "holiday")
    shutil.copy(photos / "coffee.png", ann / "2019" / "may" / "coffee.png")
    shutil.copy(photos / "truncated.jpg", ann / "truncated.jpg")
    shutil.copy(portrait, zoe / "copy.jpg")
    shutil.copy(portrait, folder / "loose.jpg")
    for name in ("notes.txt", "film.mp4", "Thumbs.db"):
        (ann / name).write_text("no picture")
    (ann / "2019" / "elsewhere").symlink_to(photos)
    told = run("import", folder, "--json")
    assert told.code == 1
    (line,) = told.json
    assert line["templates"] == 2
    assert line["lost"] == ["Nobody", "Zoë"]
    assert line["counts"] == {
        "unknown ending": 2,
        "hidden": 2,
        "person not enrolled": 1,
        "cannot be read": 1,
        "not one face": 1,
        "given twice": 1,
        "loose file": 1,
        "link to a folder": 1,
        "another person's picture": 1,
    }
    assert len(line["skipped"]) == sum(line["counts"].values())
    told = run("import", folder)
    assert told.code == 1
    assert "Passed over, unknown ending: 2 files or folders (" in told.err
    assert "It is a copy of a picture of Ann, who is enrolled." in told.err
    assert "Not enrolled: Nobody, Zoë." in told.out


def test_where_no_picture_is_usable_it_has_failed(run, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "people" / "Ann").mkdir(parents=True)
    shutil.copy(photos / "coffee.png", tmp_path / "people" / "Ann")
    told = run("import", tmp_path / "people")
    assert told.code == 1
    assert told.out == (
        "0 people, 0 templates added, 1 skipped: 1 not one face.\nNot enrolled: Ann.\n"
    )


def test_loose_pictures_alone_are_nobodys(run, portrait: Path, tmp_path: Path) -> None:
    shutil.copy(portrait, tmp_path / "a.jpg")
    told = run("import", tmp_path)
    assert told.code == 2
    assert "but there are none, and 1 file or folder beside" in told.err


def test_each_person_is_saved_at_once(
    run, folder: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "Zoë").mkdir()
    shutil.copy(photos / "mirrored.png", folder / "Zoë")
    review = photos_module.reviewed

    def interrupted(recognizer, name, templates):
        if name == "Zoë":
            raise KeyboardInterrupt
        return review(recognizer, name, templates)

    monkeypatch.setattr(photos_module, "reviewed", interrupted)
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
    for folder, found in ((tmp_path / "missing", "there is nothing"), (portrait, "has another")):
        told = run("import", folder, "--json")
        assert (told.code, told.out) == (2, "")
        assert str(folder) in told.err
        assert found in told.err


def test_four_imports_at_once_enroll_everybody_once(
    load: Callable[[], Recognizer], tmp_path: Path
) -> None:
    for name, red in (("Anna", ANNA), ("Berta", BERTA)):
        (tmp_path / "people" / name).mkdir(parents=True)
        for seen in ("a.png", "b.png"):
            Image.fromarray(picture(red)).save(tmp_path / "people" / name / seen)
    content = FolderFormat().read(tmp_path / "people", ReadingOptions())
    people = {person.name: person for person in content.people}
    all_loaded = Barrier(4)

    def run_import(_: int) -> list[Identity | None]:
        recognizer = load()
        with closing(recognizer.gallery):
            all_loaded.wait(30)
            audit = Audit(tmp_path / "checkins.db", "", print)
            return [import_person(recognizer, people[name], audit)[0] for name in ("Anna", "Berta")]

    with ThreadPoolExecutor(4) as programs:
        outcomes = list(programs.map(run_import, range(4)))
    recognizer = load()
    with closing(recognizer.gallery):
        names = [identity.name for identity in recognizer.gallery.identities]
        assert names == ["Anna", "Berta"]
        for person in ("Anna", "Berta"):
            (identity,) = recognizer.gallery.find(person)
            assert recognizer.gallery.template_count(identity.id) == 1
        found = recognizer.identify(picture(ANNA)).faces[0]
        assert found.match is not None
        assert found.match.identity.name == "Anna"
    enrolled = [identity for outcome in outcomes for identity in outcome if identity is not None]
    assert sorted(identity.name for identity in enrolled) == ["Anna", "Berta"]
