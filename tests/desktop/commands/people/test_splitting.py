from __future__ import annotations

import io
from pathlib import Path

import pytest

ALL = ("people", "list", "--json")


def test_two_people_who_were_merged_are_two_again(run, photos: Path, portrait: Path, seed) -> None:
    run("enroll", "Eileen", portrait, photos / "brighter.jpg")
    seed("Bob")
    run("people", "merge", "Eileen", "Bob", "--anyway")
    (before,) = run(*ALL).json
    told = run("people", "split", "Eileen", "Bob", "--dry-run", "--json").json[0]
    assert (len(told["stays"]), len(told["goes"])) == (2, 1)
    assert not told["looks_like_one"]
    assert told["new_identity"] is None
    assert run(*ALL).json == [before]
    done = run("people", "split", "Eileen", "Bob", "--yes")
    assert done.code == 0
    assert "Bob (new): 1 picture" in done.out
    assert "has 1 picture now, Eileen 2 pictures." in done.out
    after = {one["name"]: one for one in run(*ALL).json}
    assert after["Eileen"]["identity"] == before["identity"]
    assert (after["Eileen"]["templates"], after["Bob"]["templates"]) == (2, 1)


def test_one_person_is_not_split_by_mistake(run, photos: Path, portrait: Path) -> None:
    run("enroll", "Eileen", portrait, photos / "brighter.jpg")
    told = run("people", "split", "Eileen", "Other", "--yes")
    assert told.code == 2
    assert "all look like one" in told.err
    assert len(run(*ALL).json) == 1
    assert "take --anyway" in run("people", "split", "Eileen", "Other", "--dry-run").err
    assert run("people", "split", "Eileen", "Other", "--yes", "--anyway").code == 0
    assert len(run(*ALL).json) == 2


@pytest.mark.parametrize(("answer", "people"), [("y\n", 2), ("n\n", 1), ("", 1)])
def test_it_asks(run, seed, monkeypatch, answer: str, people: int) -> None:
    seed("Ann", templates=2)
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    told = run("people", "split", "Ann", "Bob")
    assert "Ann: 1 picture" in told.out
    assert "Split them?" in told.err
    assert (told.code == 0) == (people == 2)
    assert len(run(*ALL).json) == people


def test_chosen_pictures_go_or_stay(run, seed) -> None:
    seed("Ann", templates=3)
    (shown,) = run("people", "show", "Ann", "--json").json
    first, second, third = (one["number"] for one in shown["pictures"])
    swapped = ("--picture", second, "--swap", "--yes", "--json")
    (told,) = run("people", "split", "Ann", "Bob", *swapped).json
    assert [one["number"] for one in told["goes"]] == [first, third]
    assert [one["number"] for one in told["stays"]] == [second]
    refused = run("people", "split", "Bob", "Cem", "--picture", second, "--yes")
    assert refused.code == 2
    assert f"number {second} is none" in refused.err


def test_a_single_picture_is_not_split(run, seed) -> None:
    seed("Ann")
    told = run("people", "split", "Ann", "Bob", "--yes")
    assert told.code == 2
    assert "two pictures of Ann or more" in told.err


def test_json_does_not_ask(run, seed) -> None:
    seed("Ann", templates=2)
    assert run("people", "split", "Ann", "Bob", "--json").code == 2
