from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from capture.stills import read_picture
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger


def numbers(run, who: str) -> list[int]:
    (told,) = run("people", "show", who, "--json").json
    return [picture["number"] for picture in told["pictures"]]


def test_show_tells_pictures_note_code_and_visits(run, seed, home: Path) -> None:
    ann, bob = seed("Ánh", templates=2), seed("Bob")
    run("people", "note", "Ánh", "sits at the door")
    run("people", "code", "Ánh", "--code", "48151623")
    hours = iter(range(8, 20))
    with closing(
        Ledger(home / "checkins.db", lambda: datetime(2026, 5, 4, next(hours), tzinfo=UTC))
    ) as ledger:
        for who, kind in (
            (ann, Kind.CHECK_IN),
            (bob, Kind.CHECK_IN),
            (ann, Kind.CHECK_OUT),
            (ann, Kind.CHECK_IN),
        ):
            ledger.append(Event(kind, "door", who.id, who.name))
        ledger.append(Event(Kind.UNDONE, "door", ann.id, ann.name, refers_to=ledger._highest()))
    (told,) = run("people", "show", "Ánh", "--json").json
    assert told["identity"] == ann.id
    assert told["note"] == "sits at the door"
    assert told["has_code"]
    assert [one["quality"] for one in told["pictures"]] == [0.5, 0.5]
    assert [one["portrait"] for one in told["pictures"]] == [True, False]
    for one in told["pictures"]:
        added = datetime.fromisoformat(one["added_at"])
        assert abs((added - ann.enrolled_at).total_seconds()) < 60
    day = "2026-05-04T{:02}:00:00+00:00"
    assert told["visits"] == [{"arrived": day.format(8), "left": day.format(10)}]
    text = run("people", "show", "Ánh").out
    for part in ("sits at the door", "has a code", "2 pictures:", "portrait", "1 visit"):
        assert part in text


def test_show_of_somebody_without_anything_more(run, seed) -> None:
    seed("Bob")
    told = run("people", "show", "Bob")
    assert (told.code, told.err) == (0, "")
    assert "No visit." in told.out
    assert "code" not in told.out


def test_pictures_are_saved_to_look_at(run, seed, tmp_path: Path) -> None:
    seed("Ánh / Ann", templates=2)
    folder = tmp_path / "to look at"
    told = run("people", "show", "Ánh / Ann", "--save", folder)
    assert "2 pictures saved" in told.err
    assert sorted(p.name for p in folder.iterdir()) == [
        f"Ánh _ Ann-{number}.png" for number in numbers(run, "Ánh / Ann")
    ]
    assert all(read_picture(path).shape == (112, 112, 3) for path in folder.iterdir())
    assert "0 pictures saved" in run("people", "show", "Ánh / Ann", "--save", folder).err


def test_a_note_is_shown_and_changed(run, seed) -> None:
    seed("Ann")
    assert run("people", "note", "Ann").err == "Ann has no note.\n"
    assert run("people", "note", "Ann", " khách ").out == "khách\n"
    assert run("people", "note", "Ann", "--json").json[0]["note"] == "khách"
    assert run("people", "note", "Ann", "").err == "Ann has no note.\n"
    refused = run("people", "note", "Ann", "\u202edoor")
    assert refused.code == 2
    assert "changes the direction" in refused.err


def test_the_portrait_is_chosen(run, seed) -> None:
    seed("Ann", templates=3)
    last = numbers(run, "Ann")[-1]
    told = run("people", "portrait", "Ann", last)
    assert told.out == f"Ann is shown by picture {last} now.\n"
    (shown,) = run("people", "show", "Ann", "--json").json
    assert [one["portrait"] for one in shown["pictures"]] == [False, False, True]
    refused = run("people", "portrait", "Ann", 999)
    assert refused.code == 2
    assert "number 999 is none" in refused.err


def test_pictures_are_removed_for_good(run, seed, home: Path) -> None:
    ann = seed("Ann", templates=3)
    Ledger(home / "checkins.db").close()
    first, second, third = numbers(run, "Ann")
    told = run("people", "remove-picture", "Ann", first, third, "--json")
    assert told.json == [
        {"identity": ann.id, "name": "Ann", "removed": [first, third], "templates": 1}
    ]
    assert numbers(run, "Ann") == [second]
    assert "not erased" not in run("doctor").out
    refused = run("people", "remove-picture", "Ann", second)
    assert refused.code == 2
    assert "the last one" in refused.err
    listed = run("checkins", "list").out
    assert "pictures removed" in listed


def test_of_several_pictures_all_or_none_are_removed(run, seed) -> None:
    seed("Ann", templates=3)
    before = numbers(run, "Ann")
    for asked in ([before[0], 999], before):
        assert run("people", "remove-picture", "Ann", *asked).code == 2
        assert numbers(run, "Ann") == before


@pytest.mark.parametrize("command", ["show", "note", "split"])
def test_somebody_unknown(run, seed, command: str) -> None:
    seed("Ann")
    told = run("people", command, "Nobody", *(["New", "--yes"] if command == "split" else []))
    assert (told.code, told.out) == (2, "")
    assert "nobody there is 'Nobody'" in told.err
