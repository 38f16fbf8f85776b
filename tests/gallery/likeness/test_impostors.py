from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from common.errors import GalleryError
from common.sqlite_file import open_database
from gallery.identity import Identity, Match
from gallery.likeness.impostors import (
    IMPOSTORS_FILE,
    KEPT,
    Impostor,
    Impostors,
)

ANN, BOB, CHI = "a" * 32, "b" * 32, "c" * 32
MODEL = "toy-8"
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "nhà của tôi – 家" / "impostors.db"


def opened(path: Path, model_id: str = MODEL) -> Impostors:
    return Impostors(path, model_id, lambda: NOW)


@pytest.fixture
def impostors(path: Path) -> Iterator[Impostors]:
    impostors = opened(path)
    yield impostors
    impostors.close()


def add(
    impostors: Impostors, identity_id: str = ANN, similarity: float = 0.52, other: str = ""
) -> Impostor:
    match = Match(Identity(identity_id, "Ann", NOW), similarity, 0.5, runner_up=None)
    return impostors.add(match, other)


def similarities(impostors: Impostors, identity_id: str = ANN) -> list[float]:
    return [one.similarity for one in impostors.examples(identity_id)]


def test_the_comparison_is_kept(impostors: Impostors, path: Path) -> None:
    add(impostors, similarity=0.52)
    add(impostors, similarity=0.55)
    add(impostors, BOB)
    with closing(opened(path)) as again:
        first, second = again.examples(ANN)
    assert (first.similarity, second.similarity) == (0.52, 0.55)
    assert (first.identity_id, first.threshold, first.model_id) == (ANN, 0.5, MODEL)
    assert first.at == NOW


def test_the_file_is_private(impostors: Impostors, path: Path) -> None:
    add(impostors)
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_the_highest_are_kept_so_that_many_low_ones_take_none_away(impostors: Impostors) -> None:
    add(impostors, BOB)
    add(impostors, similarity=0.58)
    for n in range(KEPT + 5):
        add(impostors, similarity=0.5 + n / 1000)
    assert len(similarities(impostors)) == KEPT
    assert max(similarities(impostors)) == 0.58
    assert min(similarities(impostors)) == 0.506
    assert len(impostors.examples(BOB)) == 1


def test_those_of_another_model_take_none_away(impostors: Impostors, path: Path) -> None:
    add(impostors, similarity=0.58)
    with closing(opened(path, "another model")) as other:
        for _ in range(KEPT + 1):
            add(other, similarity=0.9)
    assert 0.58 in similarities(impostors)


def test_an_example_is_taken_back_alone(impostors: Impostors) -> None:
    first, _ = add(impostors, similarity=0.55), add(impostors, similarity=0.52)
    assert impostors.take_back(first)
    assert similarities(impostors) == [0.52]
    assert not impostors.take_back(first)
    newer = add(impostors, similarity=0.57)  # may have the first one's row
    assert not impostors.take_back(replace(first, number=newer.number, at=NOW - timedelta(1)))
    assert similarities(impostors) == [0.52, 0.57]


def test_a_merge_moves_them_but_for_those_that_were_the_one_person(impostors: Impostors) -> None:
    add(impostors, BOB, 0.53)
    add(impostors, BOB, 0.54, other=ANN)
    add(impostors, ANN, 0.55, other=BOB)
    add(impostors, CHI, 0.56, other=BOB)
    impostors.forget(BOB, merged_into=ANN)
    assert similarities(impostors) == [0.53]
    assert [one.other_id for one in impostors.examples(CHI)] == [ANN]
    assert impostors.examples(BOB) == []


def test_forgotten_to_the_last_byte(impostors: Impostors, path: Path) -> None:
    for _ in range(10):
        add(impostors)
    add(impostors, BOB, other=ANN)
    assert impostors.forget(ANN) == 10
    assert impostors.examples(ANN) == []
    assert len(impostors.examples(BOB)) == 1
    assert not any(ANN.encode() in file.read_bytes() for file in path.parent.iterdir())


def test_without_room_on_the_disk_nothing_changes(impostors: Impostors, no_room) -> None:
    add(impostors)
    with no_room(), pytest.raises(GalleryError, match="file of impostors"):
        add(impostors, similarity=0.6)
    assert [i.similarity for i in impostors.examples(ANN)] == [0.52]


def test_damage_is_told(impostors: Impostors, path: Path) -> None:
    add(impostors)
    with closing(open_database(path, 1, IMPOSTORS_FILE)) as db:
        db.execute("UPDATE impostor SET at = 'soon'")
        db.commit()
    with pytest.raises(GalleryError, match="damaged"):
        impostors.examples(ANN)


def test_a_newer_file_is_told(path: Path) -> None:
    opened(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(IMPOSTORS_FILE.migrations) + 1}")
    with pytest.raises(GalleryError, match=r"file of impostors.*newer Facedesk"):
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
        assert (example.similarity, example.at, example.other_id) == (0.55, NOW, "")
    assert embedding not in b"".join(f.read_bytes() for f in path.parent.iterdir())
