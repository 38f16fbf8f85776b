"""facedesk people look-alikes, bars."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from desktop.commands.doctor.findings import Finding
from desktop.commands.doctor.station_findings import station_findings
from desktop.commands.session import Session
from desktop.home import user_home
from gallery.gallery import Gallery
from gallery.identity import Candidate, Identity, Match
from gallery.likeness.impostors import Impostors
from models.embedders.sface import SfaceEmbedder


def test_look_alikes_are_listed(run, seed, open_gallery) -> None:
    assert run("people", "look-alikes").out == "Nobody is so like somebody else.\n"
    ann, bob = seed("Ánh"), seed("bob")
    assert run("people", "look-alikes").out == "Nobody is so like somebody else.\n"
    gallery = open_gallery()
    twin = gallery.enroll("twin", gallery.templates(bob.id))
    gallery.close()
    (pair,) = run("people", "look-alikes", "--json").json
    assert {pair["one"], pair["other"]} == {bob.id, twin.id}
    assert pair["similarity"] == pytest.approx(1, abs=1e-5)
    told = run("people", "look-alikes").out
    assert told.startswith("1.000  ")
    assert bob.id[:8] in told
    assert ann.id[:8] not in told


def example(home: Path, identity: Identity, similarity: float, other: Identity | None) -> None:
    second = Candidate(other, 0.8) if other is not None else None
    with closing(Impostors(home / "impostors.db", SfaceEmbedder.model_id)) as impostors:
        impostors.add(Match(identity, similarity, 0.4, second), other.id if other else "")


def test_bars_are_listed_and_one_is_removed(run, seed, home: Path) -> None:
    ann, bob = seed("Ánh"), seed("bob")
    assert run("people", "bars").out == "Nobody's bar is raised.\n"
    example(home, ann, 0.42, None)
    example(home, ann, 0.41, None)
    example(home, bob, 0.95, None)
    first, second = sorted(run("people", "bars").out.splitlines())
    assert first == f"0.430  2 examples, the nearest at 0.420  {ann.id[:8]} Ánh"
    assert second.endswith(f"1 example, the nearest at 0.950, at its limit  {bob.id[:8]} bob")
    anns = next(one for one in run("people", "bars", "--json").json if one["name"] == "Ánh")
    assert (anns["identity"], anns["examples"], anns["at_limit"]) == (ann.id, 2, False)
    assert anns["needed"] == pytest.approx(0.43)
    assert run("people", "bars", "--remove", "Ánh").out == "Ánh: 2 examples erased.\n"
    assert [one["name"] for one in run("people", "bars", "--json").json] == ["bob"]
    assert run("people", "bars", "--remove", "nobody").code == 2


def test_whom_no_bar_can_part_are_look_alikes(run, seed, home: Path) -> None:
    ann, bob = seed("Ánh"), seed("bob")
    example(home, ann, 0.42, bob)  # a bar parts them
    assert run("people", "look-alikes").out == "Nobody is so like somebody else.\n"
    example(home, ann, 0.95, bob)
    (pair,) = run("people", "look-alikes", "--json").json
    assert pair == {"one": ann.id, "other": bob.id, "similarity": 0.95}


def test_a_damaged_file_is_told(run, seed, home: Path) -> None:
    seed("Ánh")
    seed("bob")
    (home / "impostors.db").write_bytes(b"")
    for command in ("bars", "look-alikes"):
        told = run("people", command)
        assert told.code == 2
        assert "it is empty" in told.err
        assert told.out == ""


def test_doctor_finds_look_alikes_without_a_code(run, seed, open_gallery, home: Path) -> None:
    bob = seed("bob")
    gallery: Gallery = open_gallery()
    twin = gallery.enroll("twin", gallery.templates(bob.id))
    gallery.close()
    run("people", "look-alikes")

    def found() -> list[Finding]:
        session = Session(user_home(home))
        return [one for one in station_findings(session, True) if one.what == "Look-alikes"]

    (finding,) = found()
    assert finding.found.endswith("neither has one: bob and twin")
    assert "facedesk people code" in finding.remedy
    run("people", "code", twin.id, "--code", "4711")
    assert found() == []
    run("people", "code", twin.id, "--remove")
    (home / "settings.toml").write_text("[station]\nlook_alikes_code = false", "utf-8")
    assert found() == []
