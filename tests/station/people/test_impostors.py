from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.errors import StationError
from common.sqlite_file import open_database
from gallery.identity import Identity, Match
from station.people.impostors import (
    ABOVE,
    IMPOSTORS_FILE,
    KEPT,
    Impostors,
)

ANN, BOB = "a" * 32, "b" * 32
MODEL = "toy-8"
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
RAISED_AT_MOST = 0.1


@pytest.fixture
def path(home: Path) -> Path:
    return home / "impostors.db"


def opened(path: Path, model_id: str = MODEL) -> Impostors:
    return Impostors(path, model_id, lambda: NOW, RAISED_AT_MOST)


@pytest.fixture
def impostors(path: Path) -> Iterator[Impostors]:
    impostors = opened(path)
    yield impostors
    impostors.close()


def add(impostors: Impostors, identity_id: str = ANN, similarity: float = 0.52) -> None:
    match = Match(Identity(identity_id, "Ann", NOW), similarity, 0.5, runner_up=None)
    impostors.add(match)


def test_the_comparison_is_kept(impostors: Impostors, path: Path) -> None:
    add(impostors, similarity=0.52)
    add(impostors, similarity=0.55)
    add(impostors, BOB)
    with closing(opened(path)) as again:
        first, second = again.examples(ANN)
        assert again.required_similarity(ANN, 0.5) == pytest.approx(0.55 + ABOVE)
    assert (first.similarity, second.similarity) == (0.52, 0.55)
    assert (first.identity_id, first.threshold, first.model_id) == (ANN, 0.5, MODEL)
    assert first.at == NOW


def test_the_file_is_private(impostors: Impostors, path: Path) -> None:
    add(impostors)
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_more_than_the_impostor_had_is_needed(impostors: Impostors, path: Path) -> None:
    assert impostors.required_similarity(ANN, 0.5) == 0.5
    add(impostors, similarity=0.55)
    assert impostors.required_similarity(ANN, 0.5) == pytest.approx(0.55 + ABOVE)
    add(impostors, similarity=0.52)  # the highest counts
    assert impostors.required_similarity(ANN, 0.5) == pytest.approx(0.55 + ABOVE)
    assert impostors.required_similarity(BOB, 0.5) == 0.5
    with closing(opened(path, "another model")) as of_another:
        assert of_another.required_similarity(ANN, 0.5) == 0.5
    assert impostors.required_similarity(ANN, 0.7) == 0.7  # never lowered


def test_nobody_is_kept_out_by_a_touch(impostors: Impostors) -> None:
    add(impostors, similarity=0.95)
    assert impostors.required_similarity(ANN, 0.5) == pytest.approx(0.5 + RAISED_AT_MOST)


def test_the_newest_examples_are_kept(impostors: Impostors) -> None:
    add(impostors, BOB)
    for n in range(KEPT + 5):
        add(impostors, similarity=0.58 - n / 1000)
    similarities = [i.similarity for i in impostors.examples(ANN)]
    assert similarities == [0.58 - n / 1000 for n in range(5, KEPT + 5)]
    assert impostors.required_similarity(ANN, 0.5) == pytest.approx(0.575 + ABOVE)
    assert len(impostors.examples(BOB)) == 1


def test_forgotten_to_the_last_byte(impostors: Impostors, path: Path) -> None:
    for _ in range(10):
        add(impostors)
    add(impostors, BOB)
    assert impostors.forget(ANN) == 10
    assert impostors.examples(ANN) == []
    assert impostors.required_similarity(ANN, 0.5) == 0.5
    assert impostors.required_similarity(BOB, 0.5) > 0.5
    assert not any(ANN.encode() in file.read_bytes() for file in path.parent.iterdir())


def test_without_room_on_the_disk_nothing_changes(impostors: Impostors, no_room) -> None:
    add(impostors)
    with no_room(), pytest.raises(StationError, match="file of impostors"):
        add(impostors, similarity=0.6)
    assert [i.similarity for i in impostors.examples(ANN)] == [0.52]
    assert impostors.required_similarity(ANN, 0.5) == pytest.approx(0.52 + ABOVE)


def test_damage_is_told(impostors: Impostors, path: Path) -> None:
    add(impostors)
    with closing(open_database(path, 1, IMPOSTORS_FILE)) as db:
        db.execute("UPDATE impostor SET at = 'soon'")
        db.commit()
    with pytest.raises(StationError, match="damaged"):
        impostors.examples(ANN)


def test_a_newer_file_is_told(path: Path) -> None:
    opened(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(IMPOSTORS_FILE.migrations) + 1}")
    with pytest.raises(StationError, match=r"file of impostors.*newer Facedesk"):
        opened(path)


def test_no_face_is_kept_of_a_file_of_the_first_release(path: Path) -> None:
    path.parent.mkdir()
    embedding = bytes(range(32))
    with closing(sqlite3.connect(path)) as db:
        for statement in IMPOSTORS_FILE.migrations[0]:
            db.execute(statement)
        row = (ANN, NOW.isoformat(), 0.55, 0.5, MODEL, embedding)
        db.execute("INSERT INTO impostor VALUES (NULL, ?, ?, ?, ?, ?, ?)", row)
        db.execute(f"PRAGMA application_id = {IMPOSTORS_FILE.application_id}")
        db.execute("PRAGMA user_version = 1")
        db.commit()
    with closing(opened(path)) as impostors:
        (example,) = impostors.examples(ANN)
        assert (example.similarity, example.at) == (0.55, NOW)
    assert embedding not in b"".join(f.read_bytes() for f in path.parent.iterdir())
