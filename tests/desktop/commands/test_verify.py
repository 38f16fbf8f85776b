from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path

import cv2
import pytest

from models.embedders.sface import FIGURES, SfaceEmbedder
from recognition.learning.pairs import PairCurve, save_curve


def test_the_same_person(run, photos: Path, portrait: Path) -> None:
    told = run("verify", portrait, photos / "mirrored.png")
    assert told.code == 0
    told_as = r"The same person: similarity 0\.\d\d, threshold 0\.\d\d, probability over 99\.9%\.\n"
    assert re.fullmatch(told_as, told.out)
    assert told.err == ""


def test_json_is_as_promised(run, photos: Path, portrait: Path) -> None:
    told = run("verify", portrait, photos / "turned.png", "--json")
    (line,) = told.json
    assert list(line) == ["same", "similarity", "threshold", "probability", "flaws"]
    assert line["same"] is True
    assert line["flaws"] == []
    assert 0.999 < line["probability"] <= 1
    assert 0.3 <= line["threshold"] < line["similarity"] <= 1
    assert run("verify", portrait, portrait, "--json").json[0]["similarity"] == 1


def test_a_blurred_photo_needs_more_and_says_so(
    run, tmp_path: Path, photos: Path, portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bgr = cv2.imread(str(photos / "turned.png"))
    blurred = tmp_path / "verschwommen.png"
    cv2.imwrite(str(blurred), cv2.GaussianBlur(bgr, (0, 0), 3.5))
    clear = run("verify", portrait, photos / "turned.png", "--json").json[0]
    (line,) = run("verify", portrait, blurred, "--json").json
    assert line["flaws"] == ["blurred"]
    assert line["probability"] is None  # it is measured on clear pictures
    assert line["threshold"] == pytest.approx(clear["threshold"] + FIGURES.unclear_rise, abs=1e-4)
    much_more = dataclasses.replace(FIGURES, unclear_rise=0.7)
    monkeypatch.setattr(SfaceEmbedder, "figures", much_more)
    told = run("verify", portrait, blurred)
    assert told.code == 1
    assert told.out.startswith("Perhaps the same person, too blurred to be sure: similarity ")


def test_a_curve_of_ones_own_takes_the_place_of_the_shipped_one(
    run, home: Path, photos: Path, portrait: Path
) -> None:
    own = PairCurve(slope=10, intercept=-8, people=20, same=200, different=3000)
    save_curve(SfaceEmbedder.model_id, own, home / "pairs.json")
    (line,) = run("verify", portrait, photos / "turned.png", "--json").json
    expected = 1 / (1 + math.exp(8 - 10 * line["similarity"]))
    assert line["probability"] == pytest.approx(expected, abs=1e-3)
    (home / "pairs.json").write_text("{", "utf-8")
    told = run("verify", portrait, portrait)
    assert (told.code, told.out) == (2, "")
    assert "pairs.json cannot be read" in told.err


def test_two_people(run, shared_data: Path) -> None:
    people = shared_data / "faces" / "people"
    ann, bob = people / "tina_fey" / "001.png", people / "keanu_reeves" / "001.png"
    told = run("verify", ann, bob)
    assert told.code == 1
    assert told.out.startswith("Not the same person: similarity ")
    assert re.search(r", probability (under 0\.1|\d\.\d)%\.\n$", told.out)
    (line,) = run("verify", ann, bob, "--json").json
    assert line["same"] is False
    assert line["similarity"] < line["threshold"]


@pytest.mark.parametrize(
    ("name", "found"), [("coffee.png", "none was found"), ("couple.png", "there are 2")]
)
def test_one_face_is_needed(run, photos: Path, portrait: Path, name: str, found: str) -> None:
    told = run("verify", portrait, photos / name, "--json")
    assert (told.code, told.out) == (2, "")
    assert str(photos / name) in told.err
    assert found in told.err


def test_bad_pictures(run, bad_picture: tuple[Path, str], portrait: Path) -> None:
    path, found = bad_picture
    for pair in ((path, portrait), (portrait, path)):
        told = run("verify", *pair)
        assert (told.code, told.out) == (2, "")
        assert str(path) in told.err
        assert found in told.err


def test_no_gallery_is_made(run, home: Path, portrait: Path) -> None:
    assert run("verify", portrait, portrait).code == 0
    assert not home.exists()
