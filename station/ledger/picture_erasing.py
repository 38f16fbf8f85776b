"""Erases pictures in the check-in ledger's file; its entries stay as they are."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from common.sqlite_erasing import empty_log, finish_rewrite
from common.sqlite_file import explained, transaction
from station.ledger.entry import Kind, Means
from station.ledger.schema import CHECKINS

OF_PEOPLE = """
    WITH RECURSIVE about (number) AS (
        SELECT number FROM entry WHERE identity_id IN (SELECT value FROM json_each(?))
        UNION
        SELECT refers_to FROM entry JOIN about USING (number) WHERE refers_to > 0
    )
    SELECT number FROM about"""
"""A query for the numbers of people's entries, also of entries that were corrected into one of
these people. Its value is a JSON list of the people's ids."""

UNCLAIMED = f"""
    SELECT refers_to FROM entry AS undo
    WHERE refers_to > 0 AND kind = '{Kind.UNDONE}' AND means <> '{Means.OPERATOR}'
    AND NOT EXISTS (
        SELECT 1 FROM entry WHERE refers_to > 0 AND refers_to = undo.refers_to
        AND kind = '{Kind.CORRECTION}'
    )"""
"""A query for the numbers of entries that were undone by "not me" at the station, and not corrected
since."""

_AT_ONCE = 100
"""How many pictures, of some 10 KB each, are erased in one step."""

_GIVE_WAY_S = 0.1
"""SQLite checks at least this often whether another program is waiting to write."""


def erase_pictures(db: sqlite3.Connection, path: Path, numbers: str, *values: object) -> int:
    """Erases the pictures of the entries whose numbers the query `numbers` gives. Returns how many
    there were.

    Once this returns no byte of them is left in the ledger's files. It is done bit by bit:
    whoever appends meanwhile waits some hundredths of a second. Raises LedgerError.
    """
    erased = 0
    with explained(path, CHECKINS):
        while True:
            with transaction(db):
                found = db.execute(
                    f"SELECT number FROM picture WHERE number IN ({numbers})"
                    f" AND length(coalesce(bytes, x'00')) > 0 LIMIT {_AT_ONCE}",
                    values,
                ).fetchall()
                db.executemany("UPDATE picture SET bytes = x'' WHERE number = ?", found)
            erased += len(found)
            if len(found) < _AT_ONCE:
                break
            time.sleep(_GIVE_WAY_S)
        finish_rewrite(db)
    empty_log(db, path, CHECKINS)
    return erased
