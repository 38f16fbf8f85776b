"""facedesk calibrate: what it shows, adopts, takes back and refuses."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import numpy as np
import pytest

from common.errors import StationError
from gallery.likeness.stranger_scores import StrangerScore, StrangerScores
from models.embedders.sface import SfaceEmbedder
from station.operation.protection import Protection, ProtectionRecord

GUARDED = Protection(
    liveness="off",
    fpir=0.001,
    opening_hours=False,
    keep_pictures=False,
    webhook=False,
    command=False,
    pin=False,
    gallery=True,
    ledger=False,
)


@pytest.fixture
def people(seed) -> None:
    for number in range(12):
        seed(f"Person {number}", templates=3)


def _fpir(home: Path) -> float:
    return tomllib.loads((home / "settings.toml").read_text("utf-8")).get("fpir", 0.001)


def test_an_empty_gallery_is_refused_in_a_sentence(run) -> None:
    told = run("calibrate")
    assert told.code == 2
    assert "Expected people in the gallery, but it is empty" in told.err


@pytest.mark.parametrize(("count", "who"), [(1, "1 person"), (7, "7 people")])
def test_too_few_people_say_what_cannot_be_known(run, seed, count: int, who: str) -> None:
    for number in range(count):
        seed(f"P{number}", templates=2)
    told = run("calibrate")
    assert told.code == 0
    assert f"{who} with templates: too few to say" in told.err
    assert "own scores" not in told.out


def test_twelve_people(run, people) -> None:
    told = run("calibrate", "--once-in", 100)
    assert told.code == 0
    assert "once in 100 visits" in told.out
    assert "own scores lie higher by" in told.out
    assert "66 pairs of people: they say nothing of rates below one in 22" in told.err


def test_a_rarer_mistake_needs_a_higher_threshold(run, people) -> None:
    found = [run("calibrate", "--once-in", n, "--json").json[0] for n in (100, 1000, 10_000)]
    thresholds = [one["threshold"] for one in found]
    assert thresholds == sorted(set(thresholds))
    assert all(one["threshold"] >= one["law_threshold"] for one in found)
    assert {one["threshold_in_use"] for one in found} == {found[1]["threshold_in_use"]}
    assert found[0]["people"] == found[0]["compared"] == 12
    assert found[0]["pairs"] == 66


def test_adopting_and_returning(run, people, home: Path) -> None:
    ProtectionRecord(home / "protection.json").keep(GUARDED)
    before = run("calibrate", "--json").json[0]["threshold_in_use"]
    adopted = run("calibrate", "--once-in", 100, "--adopt", "--json").json[0]
    assert _fpir(home) == 0.01
    assert adopted["threshold_in_use"] == adopted["threshold"] != before
    kept = ProtectionRecord(home / "protection.json").kept()
    assert kept == msgspec.structs.replace(GUARDED, fpir=0.01, calibration=True)

    assert run("calibrate", "--once-in", 10_000, "--adopt").code == 0
    assert _fpir(home) == 0.0001
    assert "once in 100 visits" in run("calibrate", "--undo").out
    assert run("calibrate", "--json").json[0]["threshold_in_use"] == adopted["threshold"]
    assert "once in 1000 visits" in run("calibrate", "--undo").out
    assert run("calibrate", "--json").json[0]["threshold_in_use"] == before
    assert ProtectionRecord(home / "protection.json").kept() == GUARDED
    assert run("calibrate", "--undo").out == "No calibration was adopted.\n"


def test_a_station_stays_closed_whose_calibration_is_gone(run, people, home: Path) -> None:
    record = ProtectionRecord(home / "protection.json")
    record.keep(msgspec.structs.replace(GUARDED, calibration=True))
    with pytest.raises(StationError, match="an adopted calibration, as when this station last ran"):
        record.require(GUARDED)


def test_a_damaged_calibration_is_told_and_not_passed_over(run, people, home: Path) -> None:
    assert run("calibrate", "--adopt").code == 0
    (path,) = (home / "calibrations").glob("*.json")
    path.write_text("{", "utf-8")
    for arguments in (("calibrate",), ("calibrate", "--undo"), ("calibrate", "--adopt")):
        told = run(*arguments)
        assert told.code == 2
        assert "the adopted calibration in" in told.err


def test_undo_goes_alone(run) -> None:
    assert run("calibrate", "--undo", "--adopt").code == 2
    assert run("calibrate", "--undo", "--once-in", 100).code == 2


def test_a_wish_that_was_chosen_since_stays(run, people, home: Path) -> None:
    assert run("calibrate", "--once-in", 100, "--adopt").code == 0
    settings = home / "settings.toml"
    settings.write_text(settings.read_text("utf-8").replace("0.01", "0.0001"), "utf-8")
    assert run("calibrate", "--undo").out == "Returned: once in 10000 visits.\n"
    assert _fpir(home) == 0.0001


def test_strangers_count_once_there_are_enough_and_are_forgotten(run, people, home: Path) -> None:
    law = SfaceEmbedder.figures.nonmated
    rng = np.random.default_rng(2)
    scores = StrangerScores(home / "impostors.db", SfaceEmbedder.model_id)
    visits = rng.normal(law[0] + 0.06, law[1], size=(500, 12)).max(axis=1)
    scores.add([StrangerScore(float(score), 12) for score in visits[:50]])
    told = run("calibrate", "--once-in", 100)
    assert "50 visits of strangers at the station: 100 are needed" in told.err
    assert "strangers' lie higher" not in told.out
    alone = run("calibrate", "--once-in", 100, "--json").json[0]
    scores.add([StrangerScore(float(score), 12) for score in visits[50:]])
    told = run("calibrate", "--once-in", 100)
    assert "strangers' lie higher by" in told.out
    assert "500 visits of strangers at the station: they say nothing of rates below one in 167" in (
        told.err
    )
    assert "An enrolled person who was not recognized counts among them" in told.err
    (found,) = run("calibrate", "--once-in", 100, "--json").json
    assert found["strangers"] == 500
    assert 0 < found["stranger_shift"]["low"] < 0.06 < found["stranger_shift"]["high"]
    assert found["threshold"] > alone["threshold"]
    run("calibrate", "--once-in", 100, "--adopt")
    in_use = run("calibrate", "--json").json[0]["threshold_in_use"]
    told = run("calibrate", "--forget-strangers")
    assert told.out == "500 visits of strangers erased. What was adopted stays.\n"
    after = run("calibrate", "--json").json[0]
    assert after["strangers"] == 0
    assert after["threshold_in_use"] == pytest.approx(in_use)
    assert run("calibrate", "--forget-strangers", "--json").json == [{"forgotten": 0}]
    assert run("calibrate", "--forget-strangers", "--adopt").code == 2
