"""Tries at a PIN or a code: counted in its file, with pauses that grow with the wrong ones."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import dataclass

from common.sqlite_file import transaction

TABLE = (
    """CREATE TABLE attempts (
        wrong REAL NOT NULL,     -- tries at `at`; they may be forgiven with time
        at REAL NOT NULL,        -- seconds since 1970
        closed_until REAL NOT NULL
    )""",
    "INSERT INTO attempts VALUES (0, 0, 0)",
)
"""For the migration of a file that counts tries."""


@dataclass(frozen=True)
class Attempts:
    """The rule, for a file that has TABLE in it. Its methods raise sqlite3's errors.

    A try counts as wrong, on the disk, before it is looked at: cutting the power while it is
    looked at gains nothing. The time is the wall clock's, so that a restart ends no pause. A
    clock that is set back lengthens none; one that is set forward ends it.

    pauses_s: after so many wrong tries, seconds until the next one; the last goes on.
    forgiven_s: in so long one wrong try is forgotten.
    """

    pauses_s: tuple[float, ...]
    forgiven_s: float = math.inf

    def wait_s(self, db: sqlite3.Connection, now: float) -> float:
        """Seconds until a try is looked at again; 0 is at once."""
        with transaction(db):
            return self._bring_up_to(db, now)[1]

    def begin(self, db: sqlite3.Connection, now: float) -> float:
        """Count a try where no pause is on: 0. Otherwise the seconds that are left of it."""
        with transaction(db):
            wrong, wait_s = self._bring_up_to(db, now)
            if wait_s == 0.0:
                wrong += 1
                pause_s = self.pauses_s[min(math.ceil(wrong), len(self.pauses_s)) - 1]
                db.execute(
                    "UPDATE attempts SET wrong = ?, closed_until = ?", (wrong, now + pause_s)
                )
            return wait_s

    def take_back(self, db: sqlite3.Connection) -> None:
        """The try just counted was right."""
        with transaction(db):
            db.execute("UPDATE attempts SET wrong = max(0, wrong - 1), closed_until = at")

    def forget(self, db: sqlite3.Connection) -> None:
        """No try so far counts any more."""
        with transaction(db):
            db.execute("UPDATE attempts SET wrong = 0, closed_until = at")

    def _bring_up_to(self, db: sqlite3.Connection, now: float) -> tuple[float, float]:
        """The wrong tries that are not forgiven by now, and the seconds to wait."""
        wrong, at, closed_until = db.execute("SELECT * FROM attempts").fetchone()
        if at > now:  # the clock was set back
            closed_until -= at - now
            at = now
        wrong = max(0.0, wrong - (now - at) / self.forgiven_s)
        db.execute(
            "UPDATE attempts SET wrong = ?, at = ?, closed_until = ?", (wrong, now, closed_until)
        )
        return wrong, max(0.0, closed_until - now)
