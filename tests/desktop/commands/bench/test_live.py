from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

FRAMES = 12


@pytest.fixture(scope="session")
def two_people(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The beginnings of two films each of two people at a webcam, and a word about them."""
    folder = tmp_path_factory.mktemp("webcam") / "Hai người – 二人"
    folder.mkdir()
    (folder / "README.md").write_text("Two people.", "utf-8")
    for name in ("A-again.mkv", "A-brother.mkv", "C-book.mkv", "C-learn.mkv"):
        film = cv2.VideoCapture(str(shared_data / "video" / "webcam" / name))
        lossless = cv2.VideoWriter.fourcc(*"FFV1")
        short = cv2.VideoWriter(str(folder / name), cv2.CAP_FFMPEG, lossless, 30, (640, 480))
        for _ in range(FRAMES):
            short.write(film.read()[1])
        short.release()
    return folder


def test_in_words(run, two_people: Path) -> None:
    told = run("bench", "live", two_people)
    assert told.code == 0, told.err
    lines = told.out.splitlines()
    assert lines[:3] == [
        "A is enrolled from frame 0 of A-again.mkv.",
        "C is enrolled from frame 0 of C-book.mkv.",
        "2 other films, watched:",
    ]
    rows = [line.split() for line in lines[-4:]]
    assert [row[:2] for row in rows] == [["as", "filmed"]] * 4
    alone, joined, with_strangers, _ = rows
    assert alone[2:6] == ["one", "by", "one", "everyone"]
    assert alone[6] == str(2 * FRAMES)
    assert alone[8] == "0", "no wrong name"
    assert joined[2:4] == ["joined", "everyone"]
    assert with_strangers[5:8] == ["every", "2nd", str(FRAMES)]
    assert with_strangers[-2:] == [str(FRAMES), "0"], "strangers' frames, and those with a name"
    assert "as filmed, joined, everyone enrolled" in told.err


def test_with_another_detector(run, two_people: Path) -> None:
    told = run("bench", "live", two_people, "--detector", "yunet")
    assert told.code == 0, told.err
    alone = told.out.splitlines()[-4].split()
    assert alone[8] == alone[10] == "0", "no wrong name, and a face in each frame"
    unknown = run("bench", "live", two_people, "--detector", "haar")
    assert unknown.code == 2
    assert "'haar' is none of mtcnn, yunet, centerface" in unknown.err


def test_json_and_strips(run, two_people: Path, film: Path, tmp_path: Path) -> None:
    plots = tmp_path / "plots"
    arguments = ("--variant", "5 fps", "--variant", "mirrored", "--cut", film, "--plots", plots)
    told = run("bench", "live", two_people, *arguments, "--json")
    assert told.code == 0, told.err
    enrolled, *rows = told.json
    assert [(e["person"], e["film"], e["frame"]) for e in enrolled["enrolled"]] == [
        ("A", "A-again.mkv", 0),
        ("C", "C-book.mkv", 0),
    ]
    ways = ["one by one", "joined", "with cuts"]
    assert [(row["variant"], row["strangers"], row["watched"]) for row in rows] == [
        (variant, strangers, way)
        for variant in ("5 fps", "mirrored")
        for strangers in (False, True)
        for way in ways
    ]
    with_cuts = rows[8]
    films = [(part["film"], part["stranger"]) for part in with_cuts["films"]]
    assert films == [("A-brother", False), (film.stem, True), ("C-learn", False), (film.stem, True)]
    assert with_cuts["frames"] == with_cuts["stranger_frames"] == 2 * FRAMES
    for row in rows:
        assert row["right"] + row["wrong"] + row["missing"] == row["frames"]
    assert {path.name for path in plots.iterdir()} == {"live-strips.png", "live-strips.csv"}
    again = run("bench", "live", two_people, "--plots", plots)
    assert again.code == 2
    assert "is there already" in again.err


def test_the_users_own_gallery_is_left_alone(run, two_people: Path, home: Path) -> None:
    assert run("bench", "live", two_people, "--variant", "2 fps").code == 0
    assert not (home / "gallery.db").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("missing",), "cannot be read"),
        ((".", "--variant", "upside down"), "is none of 'as filmed', '2 fps'"),
        ((".", "--cut", "missing.mp4"), "has none"),
    ],
)
def test_bad_arguments(
    run, arguments: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = run("bench", "live", *arguments)
    assert told.code == 2
    assert words in told.err
    assert told.out == ""


def test_bad_films(run, film: Path, tmp_path: Path) -> None:
    def told() -> str:
        outcome = run("bench", "live", tmp_path)
        assert (outcome.code, outcome.out) == (2, "")
        return outcome.err

    for name in ("An-1.mp4", "An-2.mp4"):
        shutil.copy(film, tmp_path / name)
    assert "at least two people" in told()
    for name in ("Binh-1.mp4", "Binh-2.mp4"):
        shutil.copy(film, tmp_path / name)
    (tmp_path / "Binh-2.mp4").write_text("no film")
    assert "Binh-2.mp4" in told()


def test_nobody_to_enroll(run, film: Path, tmp_path: Path) -> None:
    for name in ("An-1.mp4", "An-2.mp4", "Binh-2.mp4"):
        shutil.copy(film, tmp_path / name)
    writer = cv2.VideoWriter(
        str(tmp_path / "Binh-1.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 30, (320, 240)
    )
    for _ in range(3):
        writer.write(np.zeros((240, 320, 3), np.uint8))
    writer.release()
    told = run("bench", "live", tmp_path)
    assert (told.code, told.out) == (2, "")
    assert "Binh-1.mp4" in told.err
