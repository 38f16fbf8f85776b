"""Keeps how often liveness has refused somebody, so that a restart of the station begins nothing
anew."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from common.errors import StationError
from common.sealing.tables import SEALING_TABLE
from common.sealing.tally import TALLY_TABLE
from common.sentence import Sentence
from common.sqlite_erasing import empty_log, rewrite
from common.sqlite_file import BUSY_S, Format, opened_briefly, transaction

REFUSALS_FILE = Format(
    Sentence("file of refusals"),
    int.from_bytes(b"FDRE"),
    (
        (
            """CREATE TABLE refused (
                identity_id TEXT PRIMARY KEY,
                times INTEGER NOT NULL,  -- in a row
                at REAL NOT NULL         -- of the newest, seconds since 1970
            ) WITHOUT ROWID""",
            "CREATE INDEX refused_at ON refused (at)",
        ),
        (*SEALING_TABLE, *TALLY_TABLE),
    ),
    StationError,
    tallied=("refused",),
)


@dataclass(frozen=True)
class RefusedBefore:
    """The refusals of a person. times: in a row. age_s: seconds since the newest, at least 0."""

    times: int
    age_s: float


class Refusals:
    """The file of refusals, which only its owner may read; it names people by their ids alone.

    It is opened for each call. Every method raises StationError where file or disk are at fault.

    clock: returns seconds since 1970.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock

    def since(self, seconds: float) -> Mapping[str, RefusedBefore]:
        """Returns the refusals of so many last seconds, by the person's id, and forgets all older
        ones. One from the future counts as of now: the clock was set back."""
        if not self._path.exists():
            return {}
        now = self._clock()
        with self._opened() as db, transaction(db):
            db.execute("DELETE FROM refused WHERE at <= ?", (now - seconds,))
            db.execute("UPDATE refused SET at = min(at, ?)", (now,))
            rows = db.execute("SELECT identity_id, times, at FROM refused").fetchall()
        return {who: RefusedBefore(times, now - at) for who, times, at in rows}

    def note(self, identity_id: str, times: int) -> None:
        """Writes down that a person was refused now, so many times in a row; 0 forgets them."""
        if times == 0 and not self._path.exists():
            return
        with self._opened() as db, transaction(db):
            if times == 0:
                db.execute("DELETE FROM refused WHERE identity_id = ?", (identity_id,))
            else:
                row = (identity_id, times, self._clock())
                db.execute("INSERT OR REPLACE INTO refused VALUES (?, ?, ?)", row)

    def forget(self, identity_id: str) -> None:
        """Erases a person; no byte of them is left in the file."""
        if not self._path.exists():
            return
        with self._opened() as db:
            with transaction(db):
                rewrite(db, "refused", "identity_id <> ?", (identity_id,))
            empty_log(db, self._path, REFUSALS_FILE)

    def _opened(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened_briefly(self._path, BUSY_S, REFUSALS_FILE)
