"""Tells which program may still undo its removals: it may as long as it runs, no longer."""

from __future__ import annotations

import os
import sqlite3
import uuid
from contextlib import closing, suppress
from pathlib import Path

from common.sqlite_file import explained, not_writable
from gallery.schema import GALLERY


class Lease:
    """A small file beside the gallery's, locked by SQLite as long as its program runs.

    The system drops the lock when a program ends, however it ends, on Linux, macOS and Windows;
    nobody else can take it before. The file is made at the first `take`.

    gallery: the gallery's file.
    """

    def __init__(self, gallery: Path) -> None:
        self._gallery = gallery
        self._db: sqlite3.Connection | None = None
        self.name = ""
        """The name by which others know the lease; empty while it is not taken."""

    def take(self) -> str:
        """Take the lease, unless it is taken already; return its name. Raises GalleryError."""
        if self._db is None:
            name = uuid.uuid4().hex
            path = _path(self._gallery, name)
            try:
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            except OSError as error:
                raise not_writable(path, error.strerror or str(error), GALLERY) from error
            with explained(self._gallery, GALLERY):
                db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
                try:
                    db.execute("PRAGMA journal_mode = MEMORY")  # nothing is ever written
                    db.execute("BEGIN EXCLUSIVE")
                except BaseException:
                    db.close()
                    raise
            self._db, self.name = db, name
        return self.name

    def release(self) -> None:
        """Give the lease up: its program can undo nothing any more."""
        if self._db is not None:
            self._db.close()
            discard(self._gallery, self.name)
            self._db, self.name = None, ""


def is_held(gallery: Path, name: str) -> bool:
    """Return whether the program that took the lease still runs; True where nobody can tell."""
    path = _path(gallery, name)
    if not name or not path.exists():
        return False
    try:
        with closing(
            sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None
            )
        ) as db:
            db.execute("PRAGMA journal_mode = MEMORY")
            db.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error:
        return path.exists()
    return False


def discard(gallery: Path, name: str) -> None:
    """Delete the file of a lease that nobody holds; one that cannot be deleted does no harm."""
    if name:
        with suppress(OSError):
            _path(gallery, name).unlink(missing_ok=True)


def _path(gallery: Path, name: str) -> Path:
    return gallery.with_name(f"{gallery.name}.lease-{name}")
