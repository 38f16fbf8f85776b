from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from common.errors import GalleryError
from gallery.gallery import Gallery
from gallery.identity import Match
from gallery.likeness.impostors import Impostors
from gallery.schema import MIGRATIONS
from gallery.store import Store
from station.actions.outbox import Outbox
from station.actions.webhook import delivery
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger
from station.people.inbox import Inbox
from station.secrets.codes import Codes
from tests.gallery.conftest import sealed_records


def test_nobody_yet(run) -> None:
    told = run("people", "list")
    assert (told.code, told.out, told.err) == (0, "Nobody is enrolled yet.\n", "")
    told = run("people", "list", "--json")
    assert (told.code, told.out) == (0, "")


def test_list(run, seed) -> None:
    ann, bob = seed("Ánh 😀", templates=3), seed("bob")
    told = run("people", "list")
    assert told.code == 0
    (of_ann, of_bob) = told.out.splitlines()
    assert of_ann.startswith(ann.id[:8])
    assert of_ann.endswith("  3 templates  Ánh 😀")
    assert of_bob.startswith(bob.id[:8])
    assert of_bob.endswith("  1 template  bob")


def test_list_json_is_as_promised(run, seed) -> None:
    ann = seed("Ánh", templates=3)
    (line,) = run("people", "list", "--json").json
    assert list(line) == ["identity", "name", "enrolled_at", "templates", "note"]
    assert (line["identity"], line["name"], line["templates"]) == (ann.id, "Ánh", 3)
    assert datetime.fromisoformat(line["enrolled_at"]) == ann.enrolled_at
    assert line["note"] == ""


def test_rename(run, seed) -> None:
    ann = seed("Ann")
    told = run("people", "rename", "Ann", " Nguyễn Ann ")
    assert (told.code, told.out) == (0, "Ann is now Nguyễn Ann.\n")
    told = run("people", "rename", ann.id[:6], "山田")
    assert (told.code, told.out) == (0, "Nguyễn Ann is now 山田.\n")
    (line,) = run("people", "list", "--json").json
    assert (line["identity"], line["name"]) == (ann.id, "山田")


@pytest.mark.parametrize("name", ["", "\t", "two\nlines"])
def test_rename_to_what_is_no_name(run, seed, name: str) -> None:
    seed("Ann")
    told = run("people", "rename", "Ann", name)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("Expected a name")
    assert run("people", "list", "--json").json[0]["name"] == "Ann"


def test_merge(run, seed) -> None:
    ann = seed("Ann", templates=2)
    seed("Anne")
    refused = run("people", "merge", "Ann", "Anne")
    assert (refused.code, refused.out) == (2, "")
    assert "they do not look alike" in refused.err
    assert len(run("people", "list", "--json").json) == 2
    told = run("people", "merge", "Ann", "Anne", "--anyway")
    assert (told.code, told.out) == (0, "Anne was merged into Ann: 3 templates.\n")
    (line,) = run("people", "list", "--json").json
    assert (line["identity"], line["name"], line["templates"]) == (ann.id, "Ann", 3)


def test_one_person_enrolled_twice_is_merged(run, photos: Path, portrait: Path) -> None:
    run("enroll", "Eileen", portrait)
    run("enroll", "Eileen C.", photos / "brighter.jpg", "--as-new")
    told = run("people", "merge", "Eileen", "Eileen C.")
    assert (told.code, told.out) == (0, "Eileen C. was merged into Eileen: 2 templates.\n")


def test_a_name_that_somebody_has_is_told(run, seed) -> None:
    ann, bob = seed("Ann"), seed("Bob")
    told = run("people", "rename", "Bob", "ann")
    assert told.code == 0
    assert told.err == (f"Somebody else is called Ann, too: {ann.id[:8]}, beside {bob.id[:8]}.\n")


def test_nobody_is_merged_with_themselves(run, seed) -> None:
    ann = seed("Ann")
    told = run("people", "merge", "Ann", ann.id)
    assert (told.code, told.out) == (2, "")
    assert "the same person" in told.err


@pytest.mark.parametrize(
    "change", [("rename", "Ann", "Bob"), ("remove", "Ann"), ("merge", "Ann", "Bob", "--anyway")]
)
def test_an_ambiguous_name_changes_nothing(run, seed, change: tuple[str, ...]) -> None:
    first, second = seed("Ann"), seed("Ann")
    seed("Bob")
    before = run("people", "list", "--json").json
    told = run("people", *change)
    assert (told.code, told.out) == (2, "")
    assert "2 are called 'Ann'" in told.err
    assert first.id[:8] in told.err
    assert second.id[:8] in told.err
    assert run("people", "list", "--json").json == before
    assert run("people", change[0], first.id[:8], *change[2:]).code == 0


@pytest.mark.parametrize("who", ["Nobody", "", "123456", "0" * 32])
def test_who_is_not_there(run, seed, who: str) -> None:
    seed("Ann")
    told = run("people", "remove", who)
    assert (told.code, told.out) == (2, "")
    assert "facedesk people list shows everyone" in told.err


def test_a_prefix_of_an_id_that_is_too_short(run, seed) -> None:
    ann = seed("Ann")
    assert run("people", "remove", ann.id[:5]).code == 2
    assert run("people", "remove", ann.id[:6].upper()).code == 0


def test_remove_leaves_no_byte(run, seed, home: Path) -> None:
    seed("Bob")
    person = seed("Zwölfender-Nguyễn", templates=5)
    with closing(Store(home / "gallery.db")) as store:
        records = sealed_records(store, person.id)
    there = b"".join(file.read_bytes() for file in home.iterdir())
    assert any(one in there for one in records)  # long ones lie in several pages
    told = run("people", "remove", "Zwölfender-Nguyễn")
    assert told.code == 0
    assert "was erased" in told.out
    left = b"".join(file.read_bytes() for file in home.iterdir())
    assert not [one for one in (*records, person.name.encode()) if one in left]
    assert [line["name"] for line in run("people", "list", "--json").json] == ["Bob"]


def test_a_file_of_another_kind_stays_as_it_is(run, home: Path, portrait: Path) -> None:
    home.mkdir()
    content = b"Not a database, but somebody's own text.\n" * 100
    (home / "gallery.db").write_bytes(content)
    for command in (("people", "list"), ("enroll", "Ann", portrait), ("identify", portrait)):
        told = run(*command)
        assert (told.code, told.out) == (2, "")
        assert "the file there is of another kind" in told.err
    assert (home / "gallery.db").read_bytes() == content


def test_a_gallery_from_a_newer_version(run, seed, home: Path) -> None:
    import sqlite3

    seed("Ann")
    with sqlite3.connect(home / "gallery.db") as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    told = run("people", "list")
    assert (told.code, told.out) == (2, "")
    assert "made by a newer Facedesk. Update Facedesk" in told.err


def test_a_home_that_cannot_be(run, home: Path) -> None:
    home.write_text("a file where the folder would be", "utf-8")
    told = run("people", "list")
    assert (told.code, told.out) == (2, "")
    assert str(home) in told.err


def test_code(run, seed, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob = seed("Ánh"), seed("Bob")
    told = run("people", "code", "Ánh", "--code", "4711")
    assert (told.code, told.out) == (0, "Ánh has a code now.\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("0815\n"))
    assert run("people", "code", "Bob").code == 0
    codes = Codes(home / "codes.db")
    assert (codes.find("4711"), codes.find("0815")) == (ann.id, bob.id)
    told = run("people", "code", "Bob", "--code", "4711")
    assert (told.code, told.out) == (2, "")
    assert "another person's" in told.err
    told = run("people", "code", "Bob", "--remove")
    assert (told.code, told.out) == (0, "Bob has no code any more.\n")
    assert run("people", "code", "Bob", "--remove").out == "Bob has no code.\n"
    assert not codes.has(bob.id)
    assert run("people", "code", "Bob", "--remove", "--code", "1111").code == 2


@pytest.mark.parametrize("change", [("remove", "Bob"), ("merge", "Ann", "Bob", "--anyway")])
def test_nothing_of_the_station_is_kept_of_who_is_gone(
    run, seed, home: Path, change: tuple[str, ...]
) -> None:
    ann, bob = seed("Ann"), seed("Bob")
    run("people", "code", "Ann", "--code", "4711")
    run("people", "code", "Bob", "--code", "0815")
    with closing(Impostors(home / "impostors.db", "model")) as impostors:
        for identity in (ann, bob):
            match = Match(identity, 0.5, 0.4, runner_up=None)
            impostors.add(match)
    assert run("people", *change).code == 0
    codes = Codes(home / "codes.db")
    assert codes.has(ann.id)
    assert not codes.has(bob.id)
    with closing(Impostors(home / "impostors.db", "model")) as impostors:
        taken_over = 1 if change[0] == "merge" else 0  # her own bar, and that of whom she was
        assert len(impostors.examples(ann.id)) == 1 + taken_over
        assert impostors.examples(bob.id) == []


def test_each_act_is_a_row_where_there_is_a_ledger(run, seed, home: Path) -> None:
    seed("Ann")
    seed("Bob")
    assert run("people", "code", "Ann", "--code", "471147").code == 0
    assert not (home / "checkins.db").exists()
    Ledger(home / "checkins.db").close()
    (home / "settings.toml").write_text("this is = = damaged", "utf-8")
    for command in (
        ("code", "Ann", "--code", "081508"),
        ("code", "Ann", "--remove"),
        ("code", "Ann", "--remove"),
        ("rename", "Ann", "Zoë"),
        ("merge", "Zoë", "Bob", "--anyway"),
        ("remove", "Zoë"),
    ):
        told = run("people", *command)
        assert (told.code, told.err) == (0, "")
    with closing(Ledger(home / "checkins.db")) as ledger:
        acts = [(entry.event.note, entry.event.name) for entry in ledger.entries()]
    assert acts == [
        ("code given", "Ann"),
        ("code taken", "Ann"),
        ("renamed from Ann", "Zoë"),
        ("merged with Bob", "Zoë"),
        ("removed", "Zoë"),
    ]


def test_an_act_that_the_ledger_does_not_take_stands_and_is_told(run, seed, home: Path) -> None:
    seed("Ann")
    (home / "checkins.db").write_bytes(b"something else" * 1000)
    told = run("people", "rename", "Ann", "Zoë")
    assert (told.code, told.out) == (0, "Ann is now Zoë.\n")
    assert "the ledger does not have it" in told.err
    assert run("people", "list", "--json").json[0]["name"] == "Zoë"


def test_who_is_removed_meanwhile_gets_no_code(
    run, seed, home: Path, open_gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = seed("Ann")

    def asked(question: str) -> str:
        open_gallery().remove(ann.id)
        return "471147"

    monkeypatch.setattr("desktop.commands.people.changing.ask", asked)
    told = run("people", "code", "Ann")
    assert (told.code, told.out) == (2, "")
    assert "there is none, or not any more" in told.err
    assert not Codes(home / "codes.db").has(ann.id)


def test_what_a_merge_could_not_erase_is_erased_by_the_next_command(run, seed, home: Path) -> None:
    ann, bob = seed("Ann"), seed("Bob")
    run("people", "code", "Bob", "--code", "081508")
    whole = (home / "codes.db").read_bytes()
    for log in home.glob("codes.db-*"):
        log.unlink()
    (home / "codes.db").write_bytes(b"something else" * 1000)
    told = run("people", "merge", "Ann", "Bob", "--anyway")
    assert (told.code, told.out) == (2, "Bob was merged into Ann: 2 templates.\n")
    assert "their code is there still" in told.err
    assert [line["name"] for line in run("people", "list", "--json").json] == ["Ann"]
    (home / "codes.db").write_bytes(whole)
    assert Codes(home / "codes.db").has(bob.id)
    (line,) = run("people", "list", "--json").json
    assert (line["identity"], line["templates"]) == (ann.id, 2)
    assert not Codes(home / "codes.db").has(bob.id)


def test_it_is_said_what_stays_of_who_is_gone(run, seed, home: Path) -> None:
    ann, now = seed("Ann"), datetime.now(UTC)
    with closing(Ledger(home / "checkins.db")) as ledger:
        entry = ledger.append(Event(Kind.CHECK_IN, "Door", ann.id, "Ann"))
    with closing(Outbox(home / "outbox.db")) as outbox:
        outbox.put(delivery(entry))
    with closing(Inbox(home / "unknown.db")) as inbox:
        inbox.put(np.zeros((4, 4, 3), np.uint8))
    told = run("people", "remove", "Ann")
    assert told.code == 0
    erased, rows, messages, pictures = told.out.splitlines()
    assert "was erased" in erased
    assert rows == "2 rows of the check-in ledger, which is never changed, keep the name."
    until = (entry.at + timedelta(days=3)).astimezone()
    assert "1 message for the webhook with the name: sent, or erased by" in messages
    assert f"{until:%Y-%m-%d %H:%M}" in messages
    assert pictures.startswith("1 picture of unknown people")
    assert "24 hours" in pictures
    removals = next(f for f in run("doctor", "--json").json if f["what"] == "Removals")
    assert removals["value"] == 1
    assert removals["found"] == "1 person removed, but not erased everywhere yet"
    assert now < entry.at


@pytest.mark.parametrize(
    "command", [("people", "list"), ("doctor",), ("people", "rename", "Bob", "Bo")]
)
def test_any_command_finishes_what_a_crash_left(
    run, seed, home: Path, open_gallery, command: tuple[str, ...]
) -> None:
    ann = seed("Zwölfender-Nguyễn")
    seed("Bob")
    run("people", "code", ann.id, "--code", "4711")
    gallery = open_gallery()
    gallery.remove(ann.id)
    gallery.close()  # as a crash does: nothing is erased
    assert Codes(home / "codes.db").has(ann.id)
    run(*command)
    assert not Codes(home / "codes.db").has(ann.id)
    assert not any("Zwölfender".encode() in f.read_bytes() for f in home.iterdir() if f.is_file())


def test_doctor_does_not_call_undoable_what_is_only_hindered(
    run, seed, open_gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = seed("Ann"), seed("Bob")
    crashed, window = open_gallery(), open_gallery()
    crashed.remove(ann.id)
    crashed.close()
    window.remove(bob.id)

    def full(*_: object) -> None:
        raise GalleryError("room on the disk", "the disk is full", "Free some space")

    monkeypatch.setattr(Gallery, "erase", full)
    removals = next(f for f in run("doctor", "--json").json if f["what"] == "Removals")
    assert removals["value"] == 2
    assert "1 person hidden, and can still be brought back" in removals["found"]
    assert "1 person hidden, and not erased yet" in removals["found"]
    assert "says what is in the way" in removals["remedy"]


def test_a_removal_that_is_hindered_says_what_is_left(run, seed, home: Path) -> None:
    ann = seed("Ann")
    with closing(Ledger(home / "checkins.db")) as ledger:
        ledger.append(Event(Kind.CHECK_IN, "Door", ann.id, "Ann", picture=b"Ann's picture"))
    with closing(sqlite3.connect(home / "checkins.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM sealed_entry").fetchone()
        told = run("people", "remove", "Ann")
        assert told.code == 2
        assert "the check-in ledger has their pictures still: another program" in told.err
        assert "They are recognized no more; the rest is erased when" in told.err
        removals = next(f for f in run("doctor", "--json").json if f["what"] == "Removals")
        assert removals["value"] == 1
    assert run("people", "list").out == "Nobody is enrolled yet.\n"
    raw = b"".join(file.read_bytes() for file in home.iterdir() if file.is_file())
    assert b"Ann's picture" not in raw
