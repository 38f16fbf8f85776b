from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from capture.stills import read_picture


@pytest.fixture
def raw(photos: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "thô 生"
    (folder / "Eileen Ánh").mkdir(parents=True)
    for name in ("turned.png", "couple.png", "coffee.png", "truncated.jpg"):
        shutil.copy(photos / name, folder / "Eileen Ánh")
    return folder


def sizes(folder: Path) -> dict[str, tuple[int, int]]:
    found = {path.name: read_picture(path).shape for path in sorted(folder.glob("*.png"))}
    return {name: (width, height) for name, (height, width, _) in found.items()}


def test_people_are_aligned(run, raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = run("align", raw, out)
    assert told.code == 0
    assert told.out == (
        "4 pictures: 2 faces written from 2, 0 there already, 1 without a face, 1 that cannot be "
        "read.\n"
    )
    assert sizes(out / "Eileen Ánh") == {"couple.png": (160, 160), "turned.png": (160, 160)}
    assert "truncated.jpg: Expected a whole picture" in told.err
    assert "coffee.png: No face was found" in told.err
    lines = (out / "bounding_boxes_00000.txt").read_text("utf-8").splitlines()
    assert len(lines) == 3
    assert str(out / "Eileen Ánh" / "coffee.png") in lines
    again = run("align", raw, out, "--json")
    assert again.json == [
        {"pictures": 4, "aligned": 0, "there": 2, "without_face": 1, "damaged": 1, "faces": 0}
    ]


def test_every_face_and_five_points(run, raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = run("align", raw, out, "--all", "--five-point", "112", "--json")
    (line,) = told.json
    assert (line["aligned"], line["faces"]) == (2, 3)
    assert sizes(out / "Eileen Ánh") == {
        "couple_0.png": (112, 112),
        "couple_1.png": (112, 112),
        "turned_0.png": (112, 112),
    }


def test_size_and_margin(run, raw: Path, tmp_path: Path) -> None:
    boxes = []
    for margin in (0, 40):
        out = tmp_path / f"out {margin}"
        assert run("align", raw, out, "--size", "182", "--margin", margin).code == 0
        assert set(sizes(out / "Eileen Ánh").values()) == {(182, 182)}
        text = (out / "bounding_boxes_00000.txt").read_text("utf-8")
        boxes.append([int(v) for v in text.splitlines()[-1].split()[-4:]])
    assert np.abs(np.subtract(boxes[1], boxes[0]) - [-20, -20, 20, 20]).max() <= 1


def test_pictures_of_another_size_are_not_passed_over(run, raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("align", raw, out, "--size", "64").code == 0
    before = {path: path.read_bytes() for path in out.rglob("*.png")}
    told = run("align", raw, out, "--five-point", "112")
    assert (told.code, told.out) == (2, "")
    assert "is there already, with 64 by 64" in told.err
    assert {path: path.read_bytes() for path in out.rglob("*.png")} == before


def test_bad_input(run, raw: Path, tmp_path: Path, portrait: Path) -> None:
    for source, found in ((tmp_path / "missing", "cannot be read"), (portrait, "cannot be read")):
        told = run("align", source, tmp_path / "out")
        assert (told.code, told.out) == (2, "")
        assert found in told.err
    told = run("align", raw, raw / "out")
    assert (told.code, told.out) == (2, "")
    assert "lies in it" in told.err
    told = run("align", raw, tmp_path / "out", "--size", "3")
    assert told.code == 2
    (tmp_path / "file").write_text("x")
    told = run("align", raw, tmp_path / "file")
    assert (told.code, told.out) == (2, "")
