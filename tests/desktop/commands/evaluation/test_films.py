"""facedesk evaluate on films: what is printed, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from desktop.commands.evaluation.films import has_films


@pytest.fixture
def films(film: Path, photos: Path, tmp_path: Path) -> Path:
    """A film of the astronaut with pictures of her, one of nobody, one that is none."""
    folder = tmp_path / "phim – 映画"
    (folder / "Eileen").mkdir(parents=True)
    shutil.copy(film, folder / "Eileen-a.mp4")
    shutil.copy(photos / "portrait ảnh.jpg", folder / "Eileen" / "1.jpg")
    shutil.copy(photos / "brighter.jpg", folder / "Eileen" / "2.jpg")
    writer = cv2.VideoWriter(
        str(folder / "Nobody-b.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (160, 120)
    )
    for _ in range(3):
        writer.write(np.full((120, 160, 3), 90, np.uint8))
    writer.release()
    (folder / "Eileen-broken.mkv").write_bytes(b"no film")
    return folder


def test_films_are_told(run, films: Path, tmp_path: Path) -> None:
    told = run("evaluate", films, "--report", tmp_path / "out.html")
    assert told.code == 0, told.err
    lines = told.out.splitlines()
    assert lines[0].startswith("mtcnn and sface-")
    assert lines[1] == "1 person enrolled, 3 films, 1 that could not be opened."
    rows = {line[:44].strip(): line[44:].split() for line in lines[3:]}
    assert rows["visits with the right name"][:2] == ["50.00", "%"]
    assert rows["visits with a wrong name (ever)"][:2] == ["0.00", "%"]
    assert rows["strangers' visits with a name (FPIR)"][:2] == ["0.00", "%"]
    assert lines[-2].startswith("Mind: 1 enrolled people in films: no share of visits below 100 %")
    assert "Nobody is nobody who is enrolled" in told.err
    assert "Eileen-broken.mkv" in told.err
    page = (tmp_path / "out.html").read_text("utf-8")
    assert "How well people are named in films" in page
    assert "visits with the right name" in page
    assert "Nobody, a stranger" in page
    assert "no picture can be decoded from" in page


def test_json_with_the_gallery_and_groups(run, films: Path, portrait: Path, tmp_path: Path) -> None:
    run("enroll", "Eileen", portrait)
    shutil.rmtree(films / "Eileen")
    groups = tmp_path / "groups.csv"
    groups.write_text("person,group\nEileen,women\nNobody,none\n", "utf-8")
    told = run("evaluate", films, "--gallery", "--group", groups, "--json")
    assert told.code == 0, told.err
    (line,) = told.json
    assert (line["enrolled"], line["figures"]["films"]) == (1, 2)
    assert [group["group"] for group in line["groups"]] == ["women"]
    first = line["films"][0]
    assert (first["film"], first["stranger"]) == ("Eileen-a.mp4", False)
    assert sum(first["frames"].values()) == 12
    assert first["frames"]["right"] > 6
    assert first["visits"][0]["outcome"] == "right name"
    assert [one["film"] for one in line["unreadable"]] == ["Eileen-broken.mkv"]


def test_what_is_refused(run, films: Path, tmp_path: Path) -> None:
    told = run("evaluate", films, "--plots", tmp_path / "out", "--repeat", 3)
    assert told.code == 2
    assert "--repeat and --plots: for pictures, and these are films" in told.err
    shutil.rmtree(films / "Eileen")
    (films / "Eileen-a.mp4").unlink()
    told = run("evaluate", films)
    assert told.code == 2
    assert "Expected somebody who can be enrolled" in told.err
    told = run("evaluate", films, "--strangers", tmp_path / "nothing")
    assert told.code == 2
    assert "a folder of films" in told.err


def test_a_film_that_lies_among_peoples_pictures_is_left_alone(films: Path, film: Path) -> None:
    assert has_films(films)
    for path in films.glob("*-*.*"):
        path.unlink()
    shutil.copy(film, films / "holidays.mp4")
    assert not has_films(films)
    shutil.rmtree(films / "Eileen")
    assert has_films(films)
    assert not has_films(films / "nothing")
