"""Reads what was added to the ledger since somebody last looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from common.sqlite_file import opened_to_read
from station.ledger.chain import COLUMNS, ZEROS, Row, entry_of, hash_of, text_of
from station.ledger.entry import Entry
from station.ledger.schema import CHECKINS

PAGE = 1000
"""The most entries that are read at a time."""

_ROW = ", ".join((*COLUMNS, "hash"))


@dataclass(frozen=True)
class Mark:
    """How far a ledger was read.

    number, hash: of the newest entry that was read; 0 and ZEROS (station.ledger.chain) before the
    first.
    at: when it was read, aware datetime.
    """

    number: int
    hash: str
    at: datetime


@dataclass(frozen=True)
class Added:
    """The entries that follow a mark, by number.

    changed: the numbers of rows whose hash is not the one that their content gives; they are not in
    `entries`. mark: of the last entry; the mark given where there is none.
    """

    entries: tuple[Entry, ...]
    changed: tuple[int, ...]
    mark: Mark


class LedgerTail:
    """Reads the new entries of the ledger that is at `path` at that moment; keeps no file open.

    Every method raises LedgerError, also where there is no file: it may be back in a moment. Each
    method waits up to common.sqlite_file.BUSY_S for another program.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def newest(self, now: datetime) -> Mark:
        rows = self._rows("SELECT number, hash FROM entry ORDER BY number DESC LIMIT 1")
        return Mark(rows[0][0], _text(rows[0][1]), now) if rows else Mark(0, ZEROS, now)

    def has(self, mark: Mark) -> bool:
        """Returns whether the mark is of this ledger, and not of one that stood at `path`
        before."""
        if mark.number == 0:  # of an empty one: then nothing in this one is older
            return not self._rows(
                "SELECT 1 FROM entry WHERE number = 1 AND at < ?", text_of(mark.at)
            )
        rows = self._rows("SELECT hash FROM entry WHERE number = ?", mark.number)
        return [_text(hash_) for (hash_,) in rows] == [mark.hash]

    def after(self, mark: Mark) -> Added:
        """Returns the next entries after the mark, PAGE of them at most."""
        rows = self._rows(
            f"SELECT {_ROW} FROM entry WHERE number > ? ORDER BY number LIMIT {PAGE}", mark.number
        )
        read = [(row[0], _intact(row)) for row in rows]
        return Added(
            tuple(entry for _, entry in read if entry is not None),
            tuple(number for number, entry in read if entry is None),
            Mark(rows[-1][0], _text(rows[-1][-1]), mark.at) if rows else mark,
        )

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with opened_to_read(self._path, CHECKINS) as db:
            db.text_factory = bytes  # whoever tampers may write text that is no UTF-8
            return db.execute(sql, values).fetchall()


def _intact(row: Row) -> Entry | None:
    try:
        entry = entry_of(row)
        return entry if hash_of(row[:-1]) == entry.hash else None
    except ValueError:
        return None


def _text(found: object) -> str:
    return found.decode(errors="replace") if isinstance(found, bytes) else str(found)
