from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from capture import decoding
from capture.stills import read_picture
from models.embedders.sface import SfaceEmbedder

FACE_KEYS = [
    "box",
    "score",
    "landmarks",
    "name",
    "identity",
    "similarity",
    "threshold",
    "nearest",
    "runner_up",
    "reason",
]


def test_a_known_face_is_named(run, photos: Path, portrait: Path) -> None:
    assert run("enroll", "Eileen", portrait).code == 0
    photo = photos / "turned.png"
    told = run("identify", photo)
    assert told.code == 0
    assert re.fullmatch(rf"{re.escape(str(photo))}: Eileen \(0\.\d\d\)\n", told.out)
    assert told.err == ""


def test_json_is_as_promised(run, seed, photos: Path, portrait: Path) -> None:
    stranger = seed("Nguyễn Thị Ánh")
    enrolled = run("enroll", "Eileen", portrait, "--json").json[0]["identities"][0]["identity"]
    told = run("identify", photos / "turned.png", "--json")
    assert told.code == 0
    assert told.err == ""
    (line,) = told.json
    assert list(line) == ["path", "faces", "elapsed_ms"]
    assert line["path"] == str(photos / "turned.png")
    assert line["elapsed_ms"] > 0
    (face,) = line["faces"]
    assert list(face) == FACE_KEYS
    x1, y1, x2, y2 = face["box"]
    assert 0 < x1 < x2 < 512
    assert 0 < y1 < y2 < 512
    assert 0.9 < face["score"] <= 1
    assert len(face["landmarks"]) == 5
    assert all(x1 < x < x2 and y1 < y < y2 for x, y in face["landmarks"])
    assert face["name"] == "Eileen"
    assert face["identity"] == enrolled
    assert 0.3 <= face["threshold"] < face["similarity"] <= 1
    assert face["nearest"] == {
        "identity": enrolled,
        "name": "Eileen",
        "similarity": face["similarity"],
    }
    assert list(face["runner_up"]) == ["identity", "name", "similarity"]
    assert face["runner_up"]["identity"] == stranger.id
    assert face["runner_up"]["name"] == "Nguyễn Thị Ánh"
    assert face["runner_up"]["similarity"] < face["threshold"]
    assert face["reason"].startswith("Similarity")


def test_a_stranger_is_unknown_and_the_nearest_is_told(run, seed, portrait: Path) -> None:
    known = seed("Bob")
    told = run("identify", portrait, "--json")
    assert told.code == 1
    (face,) = told.json[0]["faces"]
    assert face["name"] is None
    assert face["identity"] is None
    assert face["nearest"]["identity"] == known.id
    assert face["similarity"] == face["nearest"]["similarity"] < face["threshold"]
    assert face["runner_up"] is None
    assert run("identify", portrait).out.startswith(f"{portrait}: Unknown (The nearest, Bob")


def test_a_picture_without_a_face(run, seed, photos: Path) -> None:
    seed("Bob")
    photo = photos / "coffee.png"
    told = run("identify", photo)
    assert (told.code, told.out) == (1, f"{photo}: no face\n")
    assert run("identify", photo, "--json").json[0]["faces"] == []


def test_everyone_on_a_picture_is_told(run, photos: Path, portrait: Path) -> None:
    run("enroll", "Eileen", portrait)
    told = run("identify", photos / "couple.png", "--json")
    assert told.code == 0
    faces = sorted(told.json[0]["faces"], key=lambda face: face["similarity"])
    assert [face["name"] for face in faces] == [None, "Eileen"]
    assert faces[0]["reason"] == (
        "Another face in this picture is more like Eileen, who cannot be in it twice"
    )
    assert faces[0]["nearest"]["name"] == "Eileen"


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_picture_that_lies_on_its_side_is_recognized(
    run, photos: Path, portrait: Path, tmp_path: Path, quarters: int
) -> None:
    """Its file does not say so."""
    turned = np.ascontiguousarray(np.rot90(read_picture(portrait), quarters))
    Image.fromarray(turned).save(tmp_path / "turned.png")
    assert run("enroll", "Eileen", tmp_path / "turned.png").code == 0
    (face,) = run("identify", portrait, "--json").json[0]["faces"]
    assert face["name"] == "Eileen"
    assert face["similarity"] > 0.97
    (face,) = run("identify", tmp_path / "turned.png", "--json").json[0]["faces"]
    assert face["name"] == "Eileen"
    x1, y1, x2, y2 = face["box"]
    height, width = turned.shape[:2]
    assert -20 < x1 < x2 < width + 20
    assert -20 < y1 < y2 < height + 20


def test_one_known_face_among_several_photos_is_enough(run, photos: Path, portrait: Path) -> None:
    run("enroll", "Eileen", portrait)
    told = run("identify", photos / "coffee.png", portrait, "--json")
    assert told.code == 0
    assert [len(line["faces"]) for line in told.json] == [0, 1]


def test_a_bad_picture_does_not_hide_the_others(
    run, bad_picture: tuple[Path, str], portrait: Path
) -> None:
    run("enroll", "Eileen", portrait)
    path, found = bad_picture
    told = run("identify", path, portrait, "--json")
    assert told.code == 2
    bad, good = told.json
    assert (bad["path"], bad["faces"]) == (str(path), [])
    assert found in bad["error"]
    assert (good["path"], good["faces"][0]["name"]) == (str(portrait), "Eileen")
    assert str(path) in told.err
    assert found in told.err


def test_an_empty_gallery_says_what_to_do(run, portrait: Path) -> None:
    told = run("identify", portrait, "--json")
    assert (told.code, told.out) == (2, "")
    assert "Enroll somebody first: facedesk enroll NAME PHOTO." in told.err


def test_a_gallery_of_another_model_is_refused(
    run, seed, portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as another:
        another.setattr(SfaceEmbedder, "model_id", "another-model")
        seed("Bob")
    told = run("identify", portrait)
    assert (told.code, told.out) == (2, "")
    assert "another-model" in told.err
    assert SfaceEmbedder.model_id in told.err
    assert "Bob" in run("people", "list").out  # nothing is lost


def test_places_are_the_file_s_own_where_it_was_scaled_down(
    run, seed, portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed("Nguyễn Thị Ánh")
    whole = run("identify", portrait, "--json").json[0]["faces"]
    monkeypatch.setattr(decoding, "MOST_PIXELS", 80_000)
    (small,) = run("identify", portrait, "--json").json[0]["faces"]
    assert small["box"] == pytest.approx(whole[0]["box"], abs=15)
    assert np.array(small["landmarks"]) == pytest.approx(np.array(whole[0]["landmarks"]), abs=6)
