"""Takes all files of a home as they are at one moment, while programs use them.

All databases are read as of the same moment: while the gallery's lock is held, so that no change
and no erasure begins, a reading transaction is begun in each, the gallery's first; then everybody
goes on, and the copies are made in peace. What an erasure had still to do elsewhere at that
moment, the gallery's journal says, and a restored home does it at its first start.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from common.errors import BackupError
from common.sealing.key_file import KEY_FILE
from common.sealing.key_ring import LOCK_FILE, keys_in_use
from common.sentence import Sentence
from common.sqlite_file import BUSY_S

STAYS = ("weights", "cache")
"""Folders that may lie in a home, of what can be made or fetched again."""

RECORD = "backups.json"
"""Where backups were made: it is of this computer."""

COPIED_AT_ONCE = 1024
"""Pages of a database, of 4 KB."""

_COMPANIONS = ("-wal", "-shm", "-journal", ".part", ".before-sealing")


@dataclass(frozen=True)
class HomeFile:
    """A file of a home. name: from its folder on, with /. database: what reads it as of the moment;
    None for other files. content: of these."""

    name: str
    database: sqlite3.Connection | None
    content: bytes = b""


def is_taken(path: Path, folder: Path) -> bool:
    """Return whether a file of a home is a part of its backups."""
    inner = path.relative_to(folder)
    return (
        not any(part.startswith(".") for part in inner.parts)
        and inner.parts[0] not in STAYS
        and inner.as_posix() not in (KEY_FILE, LOCK_FILE, RECORD)
        and not path.name.endswith(_COMPANIONS)
        and ".lease-" not in path.name
        and path.is_file()
        and not path.is_symlink()
    )


def files_of(folder: Path) -> list[Path]:
    """Return the files of a home that its backups have, the gallery first."""
    found = [path for path in folder.rglob("*") if is_taken(path, folder)]
    return sorted(found, key=lambda path: (path.name != "gallery.db", path.as_posix()))


@contextmanager
def taken(folder: Path) -> Iterator[list[HomeFile]]:
    """Give all files of a home as of one moment. Raises BackupError."""
    with ExitStack() as opened:
        try:
            found = _taken_now(folder, opened)
        except sqlite3.Error as error:
            raise cannot_take(folder, error) from error
        except OSError as error:
            raise cannot_take(folder, error) from error
        yield found


def _taken_now(folder: Path, opened: ExitStack) -> list[HomeFile]:
    with ExitStack() as locked:
        gallery = folder / "gallery.db"
        if gallery.exists():
            locked.enter_context(closing(_connected(gallery))).execute("BEGIN IMMEDIATE")
        found = []
        for path in files_of(folder):
            name = path.relative_to(folder).as_posix()
            if path.suffix != ".db":
                found.append(HomeFile(name, None, path.read_bytes()))
                continue
            db = opened.enter_context(closing(_connected(path)))
            db.execute("BEGIN")
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            found.append(HomeFile(name, db))
        return found


def _connected(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(uri, BUSY_S, isolation_level=None, uri=True)


def copy_database(file: HomeFile, to: Path, pause: Callable[[], None]) -> None:
    """Copy a database as of the moment, and look whether it is sound. Raises BackupError.

    pause: called after each COPIED_AT_ONCE pages; where it raises, the copy is not whole.
    """
    assert file.database is not None
    try:
        with closing(sqlite3.connect(to)) as copy:
            copy.execute("PRAGMA synchronous = OFF")  # it is read at once, then deleted
            file.database.backup(copy, pages=COPIED_AT_ONCE, progress=lambda *_: pause())
            (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise _unsound(file.name, str(error)) from error
        raise cannot_take(to.parent.parent, error) from error
    if verdict != "ok":
        raise _unsound(file.name, " ".join(verdict.split()))


def require_one_key(folder: Path, key_id: bytes) -> None:
    """Raise BackupError where something of a home is sealed with another key than this one."""
    if set(keys_in_use(folder).values()) - {key_id}:
        raise BackupError(
            Sentence("all files in {} to be sealed with one key", folder),
            "a change of the key is under way, or was cut short",
            "Finish it with facedesk key rotate, then make the backup",
        )


def _unsound(name: str, found: str) -> BackupError:
    return BackupError(
        Sentence("an intact {}, to make a backup of", name),
        Sentence("it is damaged ({})", found),
        "facedesk doctor says more; restore an earlier backup: no new one was made",
    )


def cannot_take(folder: Path, error: sqlite3.Error | OSError) -> BackupError:
    told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return BackupError(
        Sentence("to be able to copy the files in {}", folder),
        Sentence("that failed ({})", told),
        "Close other programs of Facedesk that are busy, free some space, and try again",
    )
