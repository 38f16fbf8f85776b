"""No command writes over a file without --force, none ever over what it reads or the home."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import click
import pytest

from capture.opening import open_source
from desktop.main import cli

from .conftest import Run

WRITERS = [
    ("watch", "--source", "demo", "--frames", 2, "--save", "out.mp4"),
    ("demo", "--save", "out.png"),
    ("checkins", "export", "out.csv"),
    ("checkins", "export", "out.xlsx"),
    ("checkins", "hours", "--csv", "out.csv"),
    ("checkins", "hours", "--xlsx", "out.xlsx"),
    ("liveness", "rendered", "--attempts", 10, "--out", "out.html"),
    ("bench", "gallery", "--most", 1000, "--plots", "gallery.png"),
]


def placed(arguments: tuple[object, ...], folder: Path) -> tuple[list[object], Path]:
    """The arguments with the last one in the folder, and the file that they mean."""
    *words, name = arguments
    file = folder / str(name)
    return [*words, folder if "--plots" in words else file], file


@pytest.mark.parametrize("arguments", WRITERS, ids=lambda words: " ".join(map(str, words)))
def test_a_file_that_is_there_stays_without_force(
    run: Run, tmp_path: Path, arguments: tuple[object, ...]
) -> None:
    words, file = placed(arguments, tmp_path)
    file.write_bytes(b"mine")
    told = run(*words)
    assert told.code == 2
    assert "is there already" in told.err
    assert told.out == ""
    assert file.read_bytes() == b"mine"
    assert run(*words, "--force").code == 0
    assert file.read_bytes() != b"mine"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("arguments", WRITERS[:7], ids=lambda words: " ".join(map(str, words)))
def test_the_homes_own_files_are_never_written_over(
    run: Run, seed, home: Path, tmp_path: Path, arguments: tuple[object, ...]
) -> None:
    seed("Ann")
    words, file = placed(arguments, tmp_path)
    file.symlink_to(home / "gallery.db")
    before = (home / "gallery.db").read_bytes()
    told = run(*words, "--force")
    assert told.code == 2
    assert "a file of Facedesk's own" in told.err
    assert (home / "gallery.db").read_bytes() == before


def test_a_film_is_not_written_over_itself(run: Run, film: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.mp4"
    shutil.copy(film, mine)
    for force in ((), ("--force",)):
        told = run("watch", "--source", mine, "--save", mine, "--frames", 3, *force)
        assert told.code == 2
        assert "is what is read" in told.err
    assert mine.read_bytes() == film.read_bytes()


def test_a_picture_is_not_written_over_itself(run: Run, portrait: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.jpg"
    shutil.copy(portrait, mine)
    assert "is what is read" in run("demo", mine, "--save", mine, "--force").err
    (tmp_path / "films" / "print").mkdir(parents=True)
    moved = tmp_path / "films" / "print" / "a.html"
    shutil.copy(portrait, moved)
    told = run("liveness", "test", "--from", tmp_path / "films", "--out", moved, "--force")
    assert "is what is read" in told.err
    assert mine.read_bytes() == moved.read_bytes() == portrait.read_bytes()


def test_what_was_recorded_until_a_failure_is_kept(
    run: Run, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from common.errors import SourceError
    from recognition.recognizer import Recognizer

    recognize, frames = Recognizer.recognize, iter(range(6))

    def failing(self: Recognizer, frame: object) -> object:
        if next(frames, None) is None:
            raise SourceError("a camera", "it is gone", "Plug it in")
        return recognize(self, frame)  # type: ignore[arg-type]

    monkeypatch.setattr(Recognizer, "recognize", failing)
    out = tmp_path / "out.mp4"
    assert "it is gone" in run("watch", "--source", film, "--save", out).err
    with open_source(str(out)) as source:
        assert sum(1 for _ in iter(source.read, None)) == 6


def test_every_option_that_names_an_output_comes_with_force() -> None:
    outputs = {"save", "out", "plots", "csv_file", "xlsx_file", "report"}

    def walk(command: click.Command) -> None:
        names = {parameter.name for parameter in command.params}
        if command.name == "align":
            return  # its folder is gone on with, and nothing in it is written over
        if names & outputs:
            assert "force" in names, command.name
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                walk(inner)

    walk(cli)
