from __future__ import annotations

from pathlib import Path

import pytest

from capture.stills import read_picture
from desktop.commands.seeing import demo
from desktop.commands.seeing.annotate import NAMED


@pytest.fixture(scope="module")
def save(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "kết quả 写真.png"


def test_unknown_then_enrolled_then_named(run, home: Path, save: Path) -> None:
    told = run("demo", "--save", save)
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0] == "Nobody is enrolled yet."
    enrolling = lines.index("Enrolling Eileen.")
    enrolled = next(i for i, line in enumerate(lines) if line.startswith("Enrolled Eileen with "))
    assert enrolling == 31
    assert all(": Unknown (The gallery is empty)" in line for line in lines[2:enrolling])
    assert "50/50, accepted" in lines[enrolled - 1]
    named = lines[enrolled + 1 : -1]
    assert len(named) == 60
    assert all(": Eileen (Similarity " in line for line in named)
    assert str(save) in lines[-1]
    assert not (home / "gallery.db").exists()  # the user's gallery is left alone
    drawn = read_picture(save)
    assert drawn.shape == (480, 640, 3)
    assert (drawn == NAMED).all(axis=2).sum() > 1000


def test_bad_pictures(run, bad_picture: tuple[Path, str], tmp_path: Path) -> None:
    path, found = bad_picture
    told = run("demo", path, "--save", tmp_path / "out.png")
    assert (told.code, told.out) == (2, "")
    assert found in told.err
    assert not (tmp_path / "out.png").exists()


def test_a_picture_without_a_face(
    run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "ENROLLMENT_FRAMES", 20)
    told = run("demo", photos / "coffee.png", "--save", tmp_path / "out.png")
    assert told.code == 2
    assert "20 frames gave 0" in told.err
    assert not (tmp_path / "out.png").exists()


def test_without_a_name_it_takes_a_free_one(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("facedesk-demo.png").write_text("of an earlier run", "utf-8")
    Path("facedesk-demo-2.png").write_text("and another", "utf-8")
    told = run("demo")
    assert told.out.splitlines()[-1].endswith("facedesk-demo-3.png.")
    assert Path("facedesk-demo.png").read_text("utf-8") == "of an earlier run"
