"""Makes sure that nothing of what is erased is left in an SQLite file or its log.

secure_delete, which every connection has on, writes zeros over each cell and each page that is
given up. But SQLite moves cells between pages where rows grow, or are deleted, or come between
others, and leaves copies of them in the unused part of a page; nobody knows where they are. So

- what is large, or secret, stands in tables to which rows are only added, at the end. Such rows
  are never deleted and never grow: they are blanked. Nothing in such a table ever moves.
- a table that is small is written anew, whole (`rewrite`): each of its pages is given up.

Then the log is emptied, which has the pages as they were (`empty_log`). Neither costs more for
a large file; VACUUM, which rewrites it, would take minutes and as much memory as the file is
large, and would keep everybody else from writing meanwhile.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from common.sealing.tally import counted_at_once
from common.sqlite_file import Format, explained, in_use

LOG_WAIT_S = 1.0
"""How long to wait for readers while the log is emptied: others cannot write meanwhile, and they
wait for common.sqlite_file.BUSY_S at most."""


def rewrite(
    db: sqlite3.Connection, table: str, keep: str = "TRUE", values: Sequence[object] = ()
) -> None:
    """Write a small table anew, within a transaction, so that no old page of it stays.

    keep: SQL condition of the rows that stay; values: for its question marks. The table must
    have no trigger but those of its tally, and no foreign key may lead to it: then SQLite gives
    its pages up as a whole, and not row by row.
    """
    with counted_at_once(db, table, keep, values):
        db.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM main.{table} WHERE {keep}", values)
        db.execute(f"DELETE FROM main.{table}")
        db.execute(f"INSERT INTO main.{table} SELECT * FROM temp.kept")
        db.execute("DROP TABLE temp.kept")


def finish_rewrite(db: sqlite3.Connection) -> None:
    """Finish what an earlier release began: it deleted rows, but could not erase their copies.

    Nothing happens in other files. This alone rewrites a large file (VACUUM), and only once.
    """
    if db.execute("SELECT 1 FROM meta WHERE key = 'rewrite_due'").fetchone():
        db.execute("VACUUM")
        db.execute("DELETE FROM meta WHERE key = 'rewrite_due'")


def empty_log(db: sqlite3.Connection, path: Path, file: Format) -> None:
    """Bring the pages as they are now into the file, and empty the log of what they were.

    Raises the format's error where another program is still reading the old pages.
    """
    with explained(path, file):
        db.execute("PRAGMA wal_checkpoint(PASSIVE)")  # most of the work, in nobody's way
        ((patience_ms,),) = db.execute("PRAGMA busy_timeout")
        db.execute(f"PRAGMA busy_timeout = {min(patience_ms, int(LOG_WAIT_S * 1000))}")
        try:
            (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            db.execute(f"PRAGMA busy_timeout = {patience_ms}")
    if busy:
        raise in_use(path, file)
