"""Counts the tries at a PIN or a code in its file, with pauses that grow with the wrong ones."""

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
"""The SQL that makes the table of tries, for the migrations of a file that counts them."""


@dataclass(frozen=True)
class Attempts:
    """The rule for tries at a secret, for a file that has TABLE in it. Its methods raise sqlite3's
    errors.

    A try is counted as wrong, on the disk, before it is looked at: whoever cuts the power while it
    is looked at gains nothing. The time is the wall clock's, so that a restart ends no pause. A
    clock that is set back makes no pause longer; one that is set forward ends it.

    pauses_s: seconds until the next try after the first, the second and each further wrong try in a
    row; the last value goes on. forgiven_s: after each such time one wrong try is forgotten.
    """

    pauses_s: tuple[float, ...]
    forgiven_s: float = math.inf

    def wait_s(self, db: sqlite3.Connection, now: float) -> float:
        """Returns the seconds until a try is looked at again; 0 means at once."""
        with transaction(db):
            return self._bring_up_to(db, now)[1]

    def begin(self, db: sqlite3.Connection, now: float) -> float:
        """Counts a try and returns 0 if no pause is running. Otherwise returns the seconds left of
        the pause."""
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
        """Takes back the try that was just counted, because it was right."""
        with transaction(db):
            db.execute("UPDATE attempts SET wrong = max(0, wrong - 1), closed_until = at")

    def forget(self, db: sqlite3.Connection) -> None:
        """Forgets all tries so far."""
        with transaction(db):
            db.execute("UPDATE attempts SET wrong = 0, closed_until = at")

    def _bring_up_to(self, db: sqlite3.Connection, now: float) -> tuple[float, float]:
        """Returns the number of wrong tries that are not forgiven by now, and the seconds to
        wait."""
        wrong, at, closed_until = db.execute("SELECT * FROM attempts").fetchone()
        if at > now:  # the clock was set back
            closed_until -= at - now
            at = now
        wrong = max(0.0, wrong - (now - at) / self.forgiven_s)
        db.execute(
            "UPDATE attempts SET wrong = ?, at = ?, closed_until = ?", (wrong, now, closed_until)
        )
        return wrong, max(0.0, closed_until - now)
