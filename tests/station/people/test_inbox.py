from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from common.errors import StationError
from common.picture import RgbImage
from common.sqlite_file import open_database
from gallery.crops import to_png
from station.people import inbox as inbox_module
from station.people.inbox import INBOX_FILE, Inbox, Unknown

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Now:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


def face(n: int) -> RgbImage:
    """(40, 30, 3) uint8 RGB, unlike any other."""
    return np.random.default_rng(n).integers(0, 256, (40, 30, 3), np.uint8)


@pytest.fixture
def path(home: Path) -> Path:
    return home / "unknown.db"


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def inbox(path: Path, now: Now) -> Iterator[Inbox]:
    inbox = Inbox(path, now)
    yield inbox
    inbox.close()


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def test_pictures_are_kept_the_newest_first(inbox: Inbox, path: Path, now: Now) -> None:
    first = inbox.put(face(1))
    now.at += hours(1)
    second = inbox.put(face(2))
    assert inbox.all() == [second, first] == [Unknown(2, NOW + hours(1)), Unknown(1, NOW)]
    assert inbox.all()[0].at.tzinfo is not None
    with closing(Inbox(path)) as again:
        assert again.all() == [second, first]
        np.testing.assert_array_equal(again.picture(first), face(1))
        np.testing.assert_array_equal(again.picture(second), face(2))


def test_the_files_are_private(inbox: Inbox, path: Path) -> None:
    inbox.put(face(1))
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def all_records(inbox: Inbox) -> list[bytes]:
    return [one for (one,) in inbox._db.execute("SELECT sealed FROM sealed_unknown ORDER BY id")]


def left(path: Path, record: bytes) -> bool:
    """Whether a part of a record is in the files."""
    return any(record[1000:1100] in file.read_bytes() for file in path.parent.iterdir())


def test_what_is_old_is_erased_to_the_last_byte(inbox: Inbox, path: Path, now: Now) -> None:
    for n in range(20):
        now.at = NOW + hours(n)
        inbox.put(face(n))
    records = all_records(inbox)
    assert inbox.purge(4.5) == 15
    assert [u.at for u in inbox.all()] == [NOW + hours(n) for n in range(19, 14, -1)]
    assert [n for n, record in enumerate(records) if left(path, record)] == [15, 16, 17, 18, 19]
    now.at += hours(10)
    assert inbox.purge(4.5) == 5
    assert not any(left(path, record) for record in records)
    assert inbox.purge(4.5) == 0


def test_what_a_wrong_clock_dated_ahead_goes_too(inbox: Inbox, now: Now) -> None:
    now.at = NOW + hours(1000)
    inbox.put(face(1))
    now.at = NOW + hours(0.01)
    kept = inbox.put(face(2))
    now.at = NOW
    assert inbox.purge(24) == 1
    assert inbox.all() == [kept]


def test_remove_and_clear(inbox: Inbox, path: Path) -> None:
    unknown = [inbox.put(face(n)) for n in range(3)]
    records = all_records(inbox)
    inbox.remove(unknown[1])
    assert inbox.all() == [unknown[2], unknown[0]]
    with pytest.raises(StationError, match="it was erased"):
        inbox.picture(unknown[1])
    inbox.remove(unknown[1])
    assert inbox.clear() == 2
    assert not any(left(path, record) for record in records)
    assert inbox.put(face(9)).id > unknown[2].id  # an old handle never means another


def test_it_does_not_grow_without_end(
    inbox: Inbox, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "MOST", 3)
    unknown, records = [], []
    for n in range(5):
        unknown.append(inbox.put(face(n)))
        records.append(all_records(inbox)[-1])
    assert inbox.all() == unknown[:1:-1]
    # To the last byte.
    assert [n for n, record in enumerate(records) if left(path, record)] == [2, 3, 4]


def test_without_room_on_the_disk_nothing_changes(inbox: Inbox, no_room) -> None:
    kept = inbox.put(face(1))
    with no_room(), pytest.raises(StationError, match="unknown inbox"):
        inbox.put(face(2))
    assert inbox.all() == [kept]


def test_a_damaged_picture_is_told(inbox: Inbox, path: Path) -> None:
    unknown = inbox.put(face(1))
    with closing(open_database(path, 1, INBOX_FILE)) as db:
        db.execute("UPDATE unknown SET picture = x'00'")
        db.commit()
    with pytest.raises(StationError, match="damaged"):
        inbox.picture(unknown)


def test_a_newer_file_is_told(path: Path) -> None:
    Inbox(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(INBOX_FILE.migrations) + 1}")
    with pytest.raises(StationError, match=r"unknown inbox.*newer Facedesk"):
        Inbox(path)


def test_nobody_there(inbox: Inbox) -> None:
    assert (inbox.all(), inbox.purge(1), inbox.clear()) == ([], 0, 0)
    with pytest.raises(StationError):
        inbox.picture(Unknown(1, NOW))


def test_an_inbox_of_the_first_release_is_taken_over(path: Path, now: Now) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        for statement in INBOX_FILE.migrations[0]:
            db.execute(statement)
        for n in (1, 2):
            row = (n, NOW.timestamp() + n, to_png(face(n)))
            db.execute("INSERT INTO unknown VALUES (?, ?, ?)", row)
        db.execute(f"PRAGMA application_id = {INBOX_FILE.application_id}")
        db.execute("PRAGMA user_version = 1")
        db.commit()
    with closing(Inbox(path, now)) as inbox:
        assert [unknown.id for unknown in inbox.all()] == [2, 1]
        np.testing.assert_array_equal(inbox.picture(inbox.all()[1]), face(1))
        inbox.clear()
        assert inbox.put(face(3)).id == 3
