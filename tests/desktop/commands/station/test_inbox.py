from __future__ import annotations

import stat
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from capture.stills import read_picture
from station.people.inbox import Inbox


@pytest.fixture
def seen(home: Path) -> list[int]:
    """Two people whom nobody knows."""
    with closing(Inbox(home / "unknown.db")) as inbox:
        return [inbox.put(np.full((8, 8, 3), grey, np.uint8)).id for grey in (50, 90)]


def test_nobody_was_kept(run) -> None:
    told = run("inbox", "list")
    assert (told.code, told.out, told.err) == (0, "No picture is kept.\n", "")
    assert run("inbox", "clear").out == "0 pictures erased.\n"


def test_the_newest_comes_first(run, seen: list[int]) -> None:
    assert [line["number"] for line in run("inbox", "list", "--json").json] == seen[::-1]
    assert len(run("inbox", "list").out.splitlines()) == 2


def test_pictures_are_saved_as_they_are(run, seen: list[int], tmp_path: Path) -> None:
    told = run("inbox", "save", str(tmp_path / "ảnh"))
    assert (told.code, told.out) == (0, f"2 pictures saved to {tmp_path / 'ảnh'}.\n")
    greys = {int(read_picture(p)[0, 0, 0]) for p in (tmp_path / "ảnh").iterdir()}
    assert greys == {50, 90}
    (tmp_path / "file").touch()
    told = run("inbox", "save", str(tmp_path / "file"))
    assert told.code == 2
    assert "choose another folder" in told.err


def test_pictures_are_erased(run, seen: list[int]) -> None:
    assert run("inbox", "remove", str(seen[0])).out == "1 picture erased.\n"
    told = run("inbox", "remove", str(seen[0]), str(seen[1]))
    assert told.code == 2
    assert f"there is no {seen[0]}" in told.err
    assert run("inbox", "clear").out == "1 picture erased.\n"
    assert run("inbox", "list", "--json").json == []


def test_saved_pictures_are_for_their_owner_and_stay(run, seen: list[int], tmp_path: Path) -> None:
    folder = tmp_path / "ảnh"
    assert run("inbox", "save", folder).code == 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o600}
    first, second = sorted(folder.iterdir())
    second.write_text("of the user", "utf-8")
    told = run("inbox", "save", folder)
    assert told.code == 2
    assert "is there already" in told.err
    assert second.read_text("utf-8") == "of the user"
    second.unlink()
    assert run("inbox", "save", folder).out == f"1 picture saved to {folder}.\n"
    assert len(list(folder.iterdir())) == 2
    assert first.is_file()
