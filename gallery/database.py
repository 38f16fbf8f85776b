"""The gallery's SQLite file: opened, checked, brought to today's schema; its errors explained."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from facedesk_errors import GalleryError

APPLICATION_ID = 0x4644534B
"""Marks a file as Facedesk's in SQLite's header ("FDSK")."""

_CHECKED_UP_TO = 64 * 2**20
"""Bytes. A larger file is not read through when it is opened, which takes 9 s a gigabyte on a
cold disk; what is damaged in it is told when it is met."""

Migration = Sequence[str]
"""SQL statements that bring a database from one version of the schema to the next."""

MIGRATIONS: Sequence[Migration] = (
    (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
        """CREATE TABLE identity (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            enrolled_at TEXT NOT NULL,  -- ISO 8601, UTC
            note TEXT NOT NULL,
            removed_at TEXT             -- ISO 8601, UTC; NULL while shown
        )""",
        """CREATE TABLE template (
            id INTEGER PRIMARY KEY,
            identity_id TEXT NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
            quality REAL NOT NULL,
            model_id TEXT NOT NULL,
            embedding BLOB NOT NULL,    -- float32, little-endian
            crop BLOB NOT NULL          -- PNG
        )""",
        "CREATE INDEX template_identity ON template (identity_id)",
    ),
    (
        # Loading a gallery reads this index alone. In the table each embedding lies beside its
        # crop, some 20 KB of PNG: 100,000 of them took 7.3 s to load from a cold disk, now 0.3.
        "CREATE INDEX template_embedding ON template (identity_id, embedding)",
        "DROP INDEX template_identity",
    ),
)
"""The n-th leads to version n + 1 of the schema. Only ever append: galleries outlive releases."""


def open_database(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """A connection in autocommit mode to the gallery at `path`, made where there is none.

    Nothing of a file that is not a gallery is changed. Raises GalleryError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # SQLite gives its -wal and -shm files the permissions of the database.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise _not_writable(path, error.strerror or str(error)) from error
    with explained(path):
        db = sqlite3.connect(
            path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        try:
            db.execute("PRAGMA secure_delete = ON")
            db.execute("PRAGMA foreign_keys = ON")
            migrate(db, path)
            _use_wal(db, busy_timeout_s)
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA fullfsync = ON")  # macOS; means nothing elsewhere
            db.execute("PRAGMA temp_store = MEMORY")  # VACUUM copies faces: not into /tmp
            if path.stat().st_size <= _CHECKED_UP_TO:
                (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
                if verdict != "ok":
                    raise damaged(path, " ".join(verdict.split()))
            path.chmod(0o600)
        except BaseException:
            db.close()
            raise
    return db


def migrate(
    db: sqlite3.Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Bring `db` to the newest schema, all or nothing.

    Raises GalleryError where the database is not Facedesk's, or from a newer Facedesk.
    """
    if _schema_version(db, path, len(migrations)) == len(migrations):
        return
    with transaction(db):
        # Read again: another process may have migrated while this one waited for the lock.
        version = _schema_version(db, path, len(migrations))
        for migration in migrations[version:]:
            for statement in migration:
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {len(migrations)}")


def _schema_version(db: sqlite3.Connection, path: Path, newest: int) -> int:
    # One statement sees one state: another process may be making the schema just now.
    application_id, version, objects = db.execute(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master) "
        "FROM pragma_application_id, pragma_user_version"
    ).fetchone()
    if application_id != APPLICATION_ID and (application_id, version, objects) != (0, 0, 0):
        raise _not_a_gallery(path)
    if version > newest:
        raise GalleryError(
            f"a gallery of version {newest} or older at {path}",
            f"it is of version {version}, made by a newer Facedesk",
            "Update Facedesk, or choose another gallery; nothing was changed",
        )
    return int(version)


def _use_wal(db: sqlite3.Connection, timeout_s: float) -> None:
    """Write ahead. Unlike all else, SQLite does not wait for others when it changes to this."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        with transaction(db):
            pass  # to wait for the other one's end


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All of the block's changes, or none. Takes the write lock at once."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # some failures, a full disk among them, have rolled back already
            db.execute("ROLLBACK")
        raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the world did to the file into a GalleryError; let our own mistakes through."""
    try:
        yield
    except sqlite3.Error as error:
        explanation = _explanation(path, error)
        if explanation is None:
            raise
        raise explanation from error


def _explanation(path: Path, error: sqlite3.Error) -> GalleryError | None:
    # The low byte of an extended result code is the primary one: sqlite.org/rescode.html
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return GalleryError(
                f"room on the disk for the gallery {path}",
                "the disk is full",
                "Free some space and try again; nothing was changed",
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return in_use(path)
        case sqlite3.SQLITE_NOTADB:
            return _not_a_gallery(path)
        case sqlite3.SQLITE_CORRUPT:
            return damaged(path, str(error))
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return _not_writable(path, str(error))
        case sqlite3.SQLITE_IOERR:
            return GalleryError(
                f"to read and write the gallery {path}",
                f"its disk failed ({error})",
                "Check the disk and its connection, then start Facedesk again",
            )
    return None


def damaged(path: Path, detail: str) -> GalleryError:
    return GalleryError(
        f"an intact gallery at {path}",
        f"it is damaged ({detail})",
        "Put a backup copy in its place, or move it away to begin an empty gallery",
    )


def in_use(path: Path) -> GalleryError:
    return GalleryError(
        f"the gallery {path} to be free",
        "another program is using it",
        "Wait for the other program to finish, or close it, and try again",
    )


def _not_a_gallery(path: Path) -> GalleryError:
    return GalleryError(
        f"a Facedesk gallery at {path}",
        "the file there is of another kind",
        "Choose another file, or move this one away; it was not changed",
    )


def _not_writable(path: Path, detail: str) -> GalleryError:
    return GalleryError(
        f"to be allowed to write {path} and its folder",
        f"that is not possible ({detail})",
        "Change the permissions, or keep the gallery in another folder",
    )
