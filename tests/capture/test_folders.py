"""Whatever lies in a folder of people is a picture of somebody, or is left out with a reason."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from PIL import Image

from capture.folders import PassedOver, people_and_others, persons_pictures
from common.errors import PictureError


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        elif path.suffix in (".jpg", ".png", ".jfif", ""):
            Image.new("RGB", (4, 4)).save(path, "PNG")
        else:
            path.write_text("text")


def test_folders_in_a_persons_folder_are_the_persons(tmp_path: Path) -> None:
    make(tmp_path, "b10.jpg", "b2.jpg", "2019/a.jpg", "2019/may/b", "2020/c.jfif", "empty/")
    found = persons_pictures(tmp_path)
    names = [str(path.relative_to(tmp_path)) for path in found.pictures]
    assert names == ["b2.jpg", "b10.jpg", "2019/a.jpg", "2019/may/b", "2020/c.jfif"]
    assert not found.left_out


def test_everything_else_is_left_out_with_its_reason(tmp_path: Path) -> None:
    person = tmp_path / "Ann"
    make(person, "a.jpg", "notes.txt", ".b.jpg", "Thumbs.db", "2019/film.mp4", ".cache/c.jpg")
    (person / "README").write_text("no picture")
    (person / "2019.05.04").write_text("no picture")
    (person / "again").symlink_to(tmp_path)
    (person / "broken.jpg").symlink_to(tmp_path / "missing")
    (person / "linked.jpg").symlink_to(person / "a.jpg")
    found = persons_pictures(person)
    assert [path.name for path in found.pictures] == ["a.jpg", "linked.jpg"]
    assert {one.path.name: one.why for one in found.left_out} == {
        "notes.txt": PassedOver.ENDING,
        "README": PassedOver.ENDING,
        "2019.05.04": PassedOver.ENDING,
        "film.mp4": PassedOver.ENDING,
        ".b.jpg": PassedOver.HIDDEN,
        ".cache": PassedOver.HIDDEN,
        "Thumbs.db": PassedOver.HIDDEN,
        "again": PassedOver.LINK,
        "broken.jpg": PassedOver.UNREADABLE,
    }


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_no_picture(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    (one,) = persons_pictures(tmp_path).left_out
    assert one.why is PassedOver.SPECIAL


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_what_may_not_be_read_is_left_out(
    as_nobody: Callable[[], AbstractContextManager[None]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, "Ann/a.jpg", "Ann/closed/b.jpg", "Ann/not entered/c.jpg", "Bob/d.jpg")
        make(folder, "Ann/secret")
        folder.chmod(0o755)
        modes = {"Ann": 0o755, "Ann/closed": 0, "Ann/not entered": 0o644, "Ann/secret": 0, "Bob": 0}
        for inner, mode in modes.items():
            (folder / inner).chmod(mode)
        with as_nobody():
            people, others = people_and_others(folder, "people.json")
            ann, bob = map(persons_pictures, people)
        for inner in modes:
            (folder / inner).chmod(0o700)
    assert not others
    assert [path.name for path in ann.pictures] == ["a.jpg"]
    assert {one.path.name for one in ann.left_out} == {"closed", "c.jpg", "secret"}
    assert {one.why for one in (*ann.left_out, *bob.left_out)} == {PassedOver.UNREADABLE}
    assert not bob.pictures


def test_what_lies_beside_the_folders_is_told(tmp_path: Path) -> None:
    make(tmp_path, "Bob/a.jpg", "Ann/a.jpg", "loose.jpg", "list.csv", ".git/x.txt", "people.json")
    people, others = people_and_others(tmp_path, "people.json")
    assert [path.name for path in people] == ["Ann", "Bob"]
    assert {one.path.name: one.why for one in others} == {
        "loose.jpg": PassedOver.LOOSE,
        "list.csv": PassedOver.LOOSE,
        ".git": PassedOver.HIDDEN,
    }
    with pytest.raises(PictureError, match="cannot be read"):
        people_and_others(tmp_path / "missing", "people.json")
