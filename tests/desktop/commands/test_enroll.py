from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from common.sqlite_file import Format
from station.ledger.ledger import Ledger

NAMES = ["Nguyễn Thị Ánh", "محمد الأمين", "山田太郎", "Ж. О’Нил", "👩‍🚀 Ann", "o" * 200]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_any_script(run, portrait: Path, name: str) -> None:
    told = run("enroll", name, portrait)
    assert (told.code, told.err) == (0, "")
    assert told.out == f"{name}: 1 template added, 1 in all.\n"
    assert [line["name"] for line in run("people", "list", "--json").json] == [name]


def test_json_is_as_promised(run, photos: Path, portrait: Path) -> None:
    told = run("enroll", "Eileen", portrait, photos / "coffee.png", photos / "turned.png", "--json")
    assert told.code == 0
    (line,) = told.json
    assert list(line) == ["identities", "templates", "skipped"]
    (identity,) = line["identities"]
    assert list(identity) == ["identity", "name"]
    assert identity["name"] == "Eileen"
    assert len(identity["identity"]) == 32
    assert line["templates"] == 2
    (skipped,) = line["skipped"]
    assert list(skipped) == ["path", "why", "reason"]
    assert skipped["path"] == str(photos / "coffee.png")
    assert "none was found" in skipped["reason"]
    assert told.err == f"Skipped {photos / 'coffee.png'}: {skipped['reason']}\n"


@pytest.mark.parametrize("name", ["", "   ", "a\tb", "a\nb", "x" * 201])
def test_a_name_that_cannot_stand(run, home: Path, portrait: Path, name: str) -> None:
    told = run("enroll", name, portrait)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("Expected a name")
    assert not home.exists()


def test_bad_pictures(run, bad_picture: tuple[Path, str]) -> None:
    path, found = bad_picture
    told = run("enroll", "Eileen", path, "--json")
    assert (told.code, told.out) == (2, "")
    assert str(path) in told.err
    assert found in told.err
    assert run("people", "list", "--json").json == []


def test_several_faces(run, photos: Path) -> None:
    told = run("enroll", "Eileen", photos / "couple.png")
    assert (told.code, told.out) == (2, "")
    assert "one face in the picture, but there are 2" in told.err


def test_more_photos_under_the_same_name_are_added(run, photos: Path, portrait: Path) -> None:
    run("enroll", "Eileen", portrait)
    told = run("enroll", "Eileen", photos / "brighter.jpg", photos / "turned.png")
    assert (told.code, told.out) == (0, "Eileen: 2 templates added, 3 in all.\n")
    assert len(run("people", "list", "--json").json) == 1


def test_the_same_photo_is_not_added_twice(run, portrait: Path) -> None:
    run("enroll", "Eileen", portrait)
    told = run("enroll", "Eileen", portrait)
    assert (told.code, told.out) == (2, "")
    assert "Eileen: 1 picture enrolled already." in told.err
    assert run("people", "list", "--json").json[0]["templates"] == 1


def test_a_face_enrolled_under_another_name_is_refused(run, photos: Path, portrait: Path) -> None:
    run("enroll", "Eileen", portrait)
    identity = run("people", "list", "--json").json[0]["identity"]
    told = run("enroll", "Ellen", photos / "turned.png")
    assert (told.code, told.out) == (2, "")
    assert "it is enrolled as Eileen" in told.err
    assert f"--into {identity[:8]}" in told.err
    assert "--as-new" in told.err
    (line,) = run("people", "list", "--json").json
    assert (line["name"], line["templates"]) == ("Eileen", 1)


def test_into_adds_to_the_person(run, photos: Path, portrait: Path) -> None:
    run("enroll", "Eileen", portrait)
    identity = run("people", "list", "--json").json[0]["identity"]
    told = run("enroll", "Ellen", photos / "turned.png", "--into", identity[:8])
    assert (told.code, told.err) == (0, "")
    assert told.out == "Eileen: 1 template added, 2 in all.\n"


def test_into_somebody_who_looks_otherwise_is_told(run, seed, portrait: Path) -> None:
    seed("Bob")
    told = run("enroll", "Bob", portrait, "--into", "Bob")
    assert told.code == 0
    assert "do not look like Bob" in told.err


def test_into_nobody(run, portrait: Path) -> None:
    told = run("enroll", "Eileen", portrait, "--into", "Nobody")
    assert told.code == 2
    assert "facedesk people list shows everyone" in told.err


def test_as_new_enrolls_another_person_and_says_whom_it_looks_like(
    run, photos: Path, portrait: Path
) -> None:
    run("enroll", "Eileen", portrait)
    told = run("enroll", "Her twin", photos / "mirrored.png", "--as-new")
    assert (told.code, told.out) == (0, "Her twin: 1 template added, 1 in all.\n")
    assert "Her twin looks like Eileen" in told.err
    assert "Her twin and Eileen are look-alikes: a picture of one passes" in told.err
    assert len(run("people", "list", "--json").json) == 2


def test_into_and_as_new_exclude_each_other(run, portrait: Path) -> None:
    told = run("enroll", "Ann", portrait, "--into", "Bob", "--as-new")
    assert told.code == 2
    assert "exclude each other" in told.err


def test_namesakes_stay_two_people(run, seed, portrait: Path) -> None:
    seed("Eileen")
    assert run("enroll", "Eileen", portrait).code == 0
    assert [line["name"] for line in run("people", "list", "--json").json] == ["Eileen", "Eileen"]


def test_a_full_disk_loses_nothing(
    run, photos: Path, portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("enroll", "Eileen", portrait)
    from gallery import store

    open_database = store.open_database

    def on_a_full_disk(path: Path, busy_timeout_s: float, file: Format) -> sqlite3.Connection:
        db = open_database(path, busy_timeout_s, file)
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages}")
        return db

    with monkeypatch.context() as full:
        full.setattr(store, "open_database", on_a_full_disk)
        told = run("enroll", "Eileen", photos / "turned.png", "--json")
    assert (told.code, told.out) == (2, "")
    assert "the disk is full. Free some space" in told.err
    assert run("people", "list", "--json").json[0]["templates"] == 1


def test_photos_are_needed(run) -> None:
    told = run("enroll", "Eileen")
    assert (told.code, told.out) == (2, "")
    assert "Missing argument" in told.err


def test_enrolling_is_in_the_ledger(run, photos: Path, home: Path) -> None:
    home.mkdir()
    Ledger(home / "checkins.db").close()
    assert run("enroll", "Ánh", photos / "brighter.jpg").code == 0
    assert run("enroll", "Ánh", photos / "turned.png").code == 0
    with closing(Ledger(home / "checkins.db")) as ledger:
        acts = [(entry.event.note, entry.event.name) for entry in ledger.entries()]
    assert acts == [("enrolled", "Ánh"), ("photos added", "Ánh")]
