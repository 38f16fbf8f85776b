"""The inbox of unknown people, off by default: pictures of people whom nobody here knows, kept for
some hours."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from common.errors import StationError
from common.picture import RgbImage
from common.sealing.tables import SEALING_TABLE, SealedTable
from common.sealing.tally import TALLY_TABLE
from common.sentence import Sentence
from common.sqlite_erasing import empty_log
from common.sqlite_file import BUSY_S, Format, damaged, explained, open_database, transaction
from gallery.crops import from_png, to_png

_UNKNOWN = SealedTable("unknown", ("id", "at"), ("picture",))

INBOX_FILE = Format(
    Sentence("unknown inbox"),
    int.from_bytes(b"FDUN"),
    (
        (
            "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
            """CREATE TABLE unknown (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                at REAL NOT NULL,        -- seconds since 1970
                picture BLOB NOT NULL    -- PNG
            )""",
            "CREATE INDEX unknown_at ON unknown (at)",
        ),
        (
            # Once: rows were deleted, and left copies of others behind. See common.sqlite_erasing.
            "ALTER TABLE unknown RENAME TO former_unknown",
            """CREATE TABLE unknown (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                at REAL NOT NULL,        -- seconds since 1970
                picture BLOB NOT NULL    -- PNG; empty: erased
            )""",
            "INSERT INTO unknown SELECT * FROM former_unknown ORDER BY id",
            "INSERT INTO sqlite_sequence SELECT 'unknown', seq FROM sqlite_sequence"
            " WHERE name = 'former_unknown' AND NOT EXISTS (SELECT 1 FROM unknown)",
            "DROP TABLE former_unknown",
            "CREATE INDEX unknown_at ON unknown (at)",
            "DELETE FROM meta WHERE key = 'rewrite_due'",
        ),
        (
            *SEALING_TABLE,
            """CREATE TABLE sealed_unknown (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                at REAL NOT NULL,        -- seconds since 1970
                sealed BLOB NOT NULL     -- PNG; empty: erased
            )""",
            _UNKNOWN.copying("unknown"),
            "DELETE FROM sqlite_sequence WHERE name = 'sealed_unknown'",
            "INSERT INTO sqlite_sequence SELECT 'sealed_unknown', seq FROM sqlite_sequence"
            " WHERE name = 'unknown'",
            "DROP TABLE unknown",
            "CREATE INDEX unknown_at ON sealed_unknown (at)",
        ),
        TALLY_TABLE,
    ),
    StationError,
    (_UNKNOWN,),
    (_UNKNOWN.physical, "meta"),
)

MOST = 500
"""The most pictures; a further one replaces the oldest. Nobody can fill the disk by standing
there."""


@dataclass(frozen=True)
class Unknown:
    """An unknown person. at: aware datetime."""

    id: int
    at: datetime


class Inbox:
    """The file of unknown people, which only its owner may read; what is erased leaves no byte in
    it.

    One thread at a time uses it. Every method raises StationError where file or disk are at
    fault. clock: returns the time now as an aware datetime.
    """

    def __init__(
        self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._path = path
        self._clock = clock
        self._db = open_database(path, BUSY_S, INBOX_FILE)

    def close(self) -> None:
        self._db.close()

    def put(self, picture: RgbImage) -> Unknown:
        """Keeps a picture, (h, w, 3) uint8 RGB, of somebody who is there now."""
        png, at = to_png(picture), self._clock()
        with explained(self._path, INBOX_FILE), transaction(self._db):
            self._db.execute(
                "INSERT INTO unknown (at, picture) VALUES (?, ?)", (at.timestamp(), png)
            )
            ((id_,),) = self._db.execute("SELECT max(id) FROM unknown")
            displaced = self._blank("id <= ?", id_ - MOST)
        if displaced:
            with suppress(StationError):  # where somebody reads just now, the next purge does it
                empty_log(self._db, self._path, INBOX_FILE)
        return Unknown(id_, at)

    def all(self) -> list[Unknown]:
        """Returns all unknown people, the newest first."""
        with explained(self._path, INBOX_FILE):
            rows = self._db.execute(
                "SELECT id, at FROM unknown WHERE length(picture) > 0 ORDER BY at DESC, id DESC"
            )
            return [Unknown(i, datetime.fromtimestamp(at).astimezone()) for i, at in rows]

    def picture(self, unknown: Unknown) -> RgbImage:
        """Returns the picture, (h, w, 3) uint8 RGB. Raises StationError where it is not there any
        more."""
        with explained(self._path, INBOX_FILE):
            row = self._db.execute(
                "SELECT picture FROM unknown WHERE id = ? AND length(picture) > 0", (unknown.id,)
            ).fetchone()
        if row is None:
            raise StationError(
                "the picture to be in the inbox", "it was erased", "Look at the inbox again"
            )
        try:
            return from_png(row[0])
        except ValueError as error:
            raise damaged(self._path, Sentence("a picture cannot be read"), INBOX_FILE) from error

    def remove(self, unknown: Unknown) -> None:
        self._erase("id = ?", unknown.id)

    def purge(self, hours: float) -> int:
        """Erases pictures that are older than `hours`, and those that a wrong clock dated further
        than that into the future. Returns how many."""
        now = self._clock()
        oldest, newest = ((now + sign * timedelta(hours=hours)).timestamp() for sign in (-1, 1))
        return self._erase("(at < ? OR at > ?)", oldest, newest)

    def clear(self) -> int:
        """Erases all pictures, because the inbox was turned off. Returns how many."""
        return self._erase("TRUE")

    def _erase(self, where: str, *values: object) -> int:
        with explained(self._path, INBOX_FILE), transaction(self._db):
            count = self._blank(where, *values)
            if not self._db.execute("SELECT 1 FROM unknown WHERE length(picture) > 0").fetchone():
                # All of it, and so without a trace.
                self._db.execute(f"DELETE FROM {_UNKNOWN.physical}")
        empty_log(self._db, self._path, INBOX_FILE)
        return count

    def _blank(self, where: str, *values: object) -> int:
        found = self._db.execute(
            f"SELECT id FROM unknown WHERE length(picture) > 0 AND {where}", values
        ).fetchall()
        self._db.executemany("UPDATE unknown SET at = 0, picture = x'' WHERE id = ?", found)
        return len(found)
