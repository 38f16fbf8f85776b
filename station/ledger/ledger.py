"""The check-in ledger: one SQLite file to which rows are added; no row is ever changed or taken
out.

How rows are hashed and chained, so that other tools can verify them, stands in
station.ledger.chain.

What the chain shows: a row that was changed, taken out, put in or exchanged; and without the home's
key nobody can write a row, since each is sealed. What it cannot show: that the newest rows were cut
off by somebody who also mended SQLite's own count of them, or, by somebody who has the key, that
the whole ledger was written anew. Whoever has noted the newest hash elsewhere sees that as well,
since then no entry has it (`Ledger.number_of`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from common.errors import LedgerError
from common.sentence import Sentence
from common.sqlite_file import (
    BUSY_S,
    damaged,
    explained,
    file_mark,
    open_database,
    opened_to_read,
    transaction,
)
from station.ledger.chain import (
    COLUMNS,
    ZEROS,
    Row,
    Verification,
    entry_of,
    row_of,
    text_of,
    verified,
)
from station.ledger.entry import Entry, Event, Kind
from station.ledger.picture_erasing import OF_PEOPLE, UNCLAIMED, erase_pictures
from station.ledger.schema import CHECKINS

Clock = Callable[[], datetime]
"""Returns the time now as an aware datetime."""

_ROW = ", ".join((*COLUMNS, "hash"))

# The undos and corrections by which an entry no longer counts: `stays.amended_by` in SQL.
_AMENDMENTS = """
    SELECT number FROM entry AS amendment
    WHERE refers_to = {} AND refers_to > 0 AND (kind = 'undone' OR NOT EXISTS (
        SELECT 1 FROM entry AS undo
        WHERE undo.refers_to = amendment.number AND refers_to > 0 AND undo.kind = 'undone'
    ))"""

_PAGE = 1000


def count_rows(path: Path) -> int:
    """Returns how many entries the ledger at `path` has; 0 where there is none. Only the entries'
    numbers are looked at, which is quick. Raises LedgerError."""
    if not path.exists():
        return 0
    with opened_to_read(path, CHECKINS) as db:
        ((highest,),) = db.execute("SELECT coalesce(max(number), 0) FROM entry")
        return int(highest)


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """The ledger's file. Once `append` has returned, the entry is on the disk.

    One thread at a time uses a ledger; other processes may append to the same file meanwhile.
    Every method raises LedgerError where the file, the disk or another program is at fault.

    busy_timeout_s: how long to wait for another program's change to end.
    """

    def __init__(self, path: Path, clock: Clock = _now, busy_timeout_s: float = BUSY_S) -> None:
        self._path = path
        self._clock = clock
        self._busy_timeout_s = busy_timeout_s
        self._open()

    def close(self) -> None:
        self._db.close()

    def _open(self) -> None:
        self._db = open_database(self._path, self._busy_timeout_s, CHECKINS)
        # Whoever tampers may write text that is no UTF-8; it must not stop a verification.
        self._db.text_factory = bytes
        self._mark = file_mark(self._path)

    def _follow_file(self) -> None:
        """Opens the file at the ledger's path again if it is no longer the one that is open: what
        is written to a file that was moved away or deleted would be lost."""
        if file_mark(self._path) != self._mark:
            self._db.close()
            self._open()

    # -- writing ---------------------------------------------------------------------------

    def append(self, event: Event) -> Entry:
        """Writes an event down for good.

        Raises ValueError for an event that makes no sense; LedgerError where it refers to an
        entry that is not there or counts no more, or is of a time that has not come yet.
        """
        self._follow_file()
        with explained(self._path, CHECKINS), transaction(self._db):
            now = self._clock()
            if event.refers_to is not None:
                self._require_counting(event.refers_to)
            _require_sense(event)
            if event.happened_at is not None and event.happened_at > now:
                raise LedgerError(
                    "a time that has passed",
                    Sentence(
                        "{} is still to come", f"{event.happened_at.astimezone():%Y-%m-%d %H:%M}"
                    ),
                    "Type the time again, or set the computer's clock",
                )
            row = row_of(event, self._highest() + 1, now, self._newest_hash())
            marks = ", ".join("?" * len(row))
            self._db.execute(f"INSERT INTO entry ({_ROW}) VALUES ({marks})", row)
            if event.picture is not None:
                self._db.execute("INSERT INTO picture VALUES (?, ?)", (row[0], event.picture))
        return entry_of(row)

    def erase_pictures(self, *identity_ids: str) -> int:
        """Erases every picture of these people for good. Returns how many pictures there were.

        Once this returns, no byte of them is left in the file. The entries stay, with the pictures'
        hashes. The pictures of entries that were corrected into one of these people are erased,
        too.
        """
        return erase_pictures(self._db, self._path, OF_PEOPLE, json.dumps(identity_ids))

    def erase_unclaimed_pictures(self) -> int:
        """Erases the pictures of people who said "not me" at the station, whom nobody knows.
        Returns how many. An entry that was corrected since then belongs to a person, and keeps its
        picture."""
        return erase_pictures(self._db, self._path, UNCLAIMED)

    # -- reading ---------------------------------------------------------------------------

    def entries(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Entry]:
        """Gives the entries written from `since` on and before `until`, by number.

        They are read in pages, so that nobody who writes meanwhile has to wait.
        """
        bounds = {"at >= ?": since, "at < ?": until}
        period = {bound: text_of(at) for bound, at in bounds.items() if at is not None}
        within = " AND ".join(["TRUE", *period])
        ((first, last),) = self._rows(
            f"SELECT min(number), max(number) FROM entry WHERE {within}", *period.values()
        )
        while first is not None and first <= last:
            page = self._rows(
                f"SELECT {_ROW} FROM entry NOT INDEXED"
                f" WHERE number BETWEEN ? AND ? AND {within}"
                f" ORDER BY number LIMIT {_PAGE}",
                first,
                last,
                *period.values(),
            )
            yield from map(self._entry, page)
            first = page[-1][0] + 1

    def amendments(self) -> list[Entry]:
        """Returns every undo and every correction of an entry, whenever it was written, by
        number."""
        rows = self._rows(f"SELECT {_ROW} FROM entry WHERE refers_to > 0 ORDER BY number")
        return [self._entry(row) for row in rows]

    def entry(self, number: int) -> Entry:
        """Returns the entry of this number. Raises LedgerError where there is none."""
        rows = self._rows(f"SELECT {_ROW} FROM entry WHERE number = ?", number)
        if not rows:
            raise LedgerError(
                Sentence("an entry with the number {} in the ledger", number),
                "there is none",
                "facedesk checkins list shows all entries",
            )
        return self._entry(rows[0])

    def newest_of(self, identity_id: str) -> Entry | None:
        """Returns the newest entry that counts of this person; it `counts_as` check-in or
        check-out.

        It is the one with the largest number, even where the clock was set back, unless a
        correction speaks of a later time.
        """
        self._follow_file()
        newest = self._first_counting(
            "identity_id = ? AND kind IN ('check-in', 'check-out')", "number DESC", identity_id
        )
        correction = self._first_counting(
            "identity_id = ? AND kind = 'correction' AND happened_at > ?",
            "happened_at DESC, number DESC",
            identity_id,
            text_of(newest.happened_at) if newest is not None else "",
        )
        return correction or newest

    def entries_of(self, identity_id: str) -> list[Entry]:
        """Returns the entries about this person, and whatever amends one of them, by number."""
        rows = self._rows(
            f"SELECT {_ROW} FROM entry WHERE identity_id = ?1 OR refers_to IN"
            " (SELECT number FROM entry WHERE identity_id = ?1) ORDER BY number",
            identity_id,
        )
        return [self._entry(row) for row in rows]

    def count_of(self, identity_id: str) -> int:
        """Returns how many entries are about this person, amendments and acts of administration
        included."""
        ((count,),) = self._rows("SELECT count(*) FROM entry WHERE identity_id = ?", identity_id)
        return int(count)

    def picture(self, number: int) -> bytes | None:
        """Returns the picture that was kept with an entry, as it was given."""
        rows = self._rows("SELECT bytes FROM picture WHERE number = ?", number)
        if rows and rows[0][0] is None:
            raise damaged(self._path, Sentence("the picture of entry {}", number), CHECKINS)
        return (rows[0][0] or None) if rows else None

    def verify(self) -> Verification:
        """Checks every row and every picture: 1 s for 100,000 rows without pictures."""
        highest = self._highest()
        with (
            explained(self._path, CHECKINS),
            closing(
                self._db.execute(
                    f"SELECT {_ROW}, CASE WHEN p.number IS NULL THEN NULL"
                    f" ELSE nullif(coalesce(bytes, x'00'), x'') END"  # x'00': it was changed
                    " FROM entry LEFT JOIN picture AS p USING (number) ORDER BY number"
                )
            ) as rows,
        ):
            verification = verified(((row[:-1], row[-1]) for row in rows), highest)
            if verification.damage is not None:
                return verification
            ((verdict,),) = self._db.execute("PRAGMA integrity_check(1)")
            strays = self._db.execute("PRAGMA main.foreign_key_check").fetchall()
        if verdict != b"ok":
            raise damaged(self._path, " ".join(verdict.decode().split()), CHECKINS)
        if strays:
            raise damaged(self._path, Sentence("a picture in it is of no entry"), CHECKINS)
        return verification

    def number_of(self, hash_: str) -> int | None:
        """Returns the number of the entry with this hash; None where no entry has it."""
        rows = self._rows("SELECT number FROM entry WHERE hash = ?", hash_)
        return rows[0][0] if rows else None

    # -- within ----------------------------------------------------------------------------

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with explained(self._path, CHECKINS):
            return self._db.execute(sql, values).fetchall()

    def _entry(self, row: Row) -> Entry:
        try:
            return entry_of(row)
        except ValueError as error:
            raise self._unreadable(row[0]) from error

    def _unreadable(self, number: object) -> LedgerError:
        return LedgerError(
            "entries as they were written",
            Sentence("entry {} of {} cannot be read", repr(number), self._path),
            "facedesk checkins verify says which entries were changed; put a backup copy in"
            " the ledger's place",
        )

    def _highest(self) -> int:
        """Returns the largest number that was ever given, even if its entry is not there any
        more."""
        ((highest,),) = self._rows(
            "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'sealed_entry'), 0),"
            " coalesce((SELECT max(number) FROM entry), 0))"
        )
        return int(highest)

    def _newest_hash(self) -> str:
        rows = self._rows("SELECT number, hash FROM entry ORDER BY number DESC LIMIT 1")
        for number, newest in rows:
            try:
                return str(newest, "utf-8")
            except (ValueError, TypeError) as error:
                raise self._unreadable(number) from error
        return ZEROS

    def _first_counting(self, where: str, order: str, *values: object) -> Entry | None:
        amendments = _AMENDMENTS.format("entry.number")
        rows = self._rows(
            f"SELECT {_ROW} FROM entry WHERE {where} AND NOT EXISTS ({amendments})"
            f" ORDER BY {order} LIMIT 1",
            *values,
        )
        return self._entry(rows[0]) if rows else None

    def _require_counting(self, number: int) -> None:
        if self.entry(number).event.kind in (Kind.UNDONE, Kind.ADMINISTRATION):
            raise LedgerError(
                "the number of a check-in, a check-out or a correction",
                Sentence("entry {} is none", number),
                "facedesk checkins list shows all entries",
            )
        amendments = self._rows(_AMENDMENTS.format("?"), number)
        if amendments:
            raise LedgerError(
                Sentence("entry {} to count", number),
                Sentence("entry {} has undone or corrected it already", amendments[0][0]),
                "facedesk checkins list shows what counts now",
            )


def _require_sense(event: Event) -> None:
    """Raises ValueError for an event that no part of the program may write."""
    is_correction = event.kind is Kind.CORRECTION
    if is_correction != (event.counts_as in (Kind.CHECK_IN, Kind.CHECK_OUT)):
        raise ValueError(f"a correction, and nothing else, counts as in or out: {event}")
    if is_correction != (event.happened_at is not None):
        raise ValueError(f"a correction, and nothing else, has a time of its own: {event}")
    if event.refers_to is None and event.kind is Kind.UNDONE:
        raise ValueError(f"what is undone? {event}")
    if event.refers_to is not None and event.kind not in (Kind.UNDONE, Kind.CORRECTION):
        raise ValueError(f"only an undo or a correction refers to an entry: {event}")
    if not event.identity_id and event.kind is not Kind.ADMINISTRATION:
        raise ValueError(f"whom is it about? {event}")
