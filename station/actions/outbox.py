"""Keeps what the webhook was not told of yet, on the disk, while the network is away."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from common.errors import StationError
from common.sealing.tables import SEALING_TABLE, SealedTable
from common.sealing.tally import TALLY_TABLE
from common.sentence import Sentence
from common.sqlite_erasing import empty_log, rewrite
from common.sqlite_file import BUSY_S, Format, damaged, explained, open_database, transaction
from station.ledger.tail import Mark

GIVE_UP = timedelta(days=3)
"""A delivery is given up after this time, when nobody needs it any more. The ledger still has
it."""

_DELIVERY = SealedTable("delivery", ("position", "id"), ("at", "body"))

_TAKEN_OVER = SealedTable("taken_over", ("only",), ("number", "hash", "at"))
"""The hash is secret: it is that of an entry, and so of a name, which can be guessed."""

OUTBOX_FILE = Format(
    Sentence("outbox"),
    int.from_bytes(b"FDOB"),
    (
        (
            """CREATE TABLE delivery (
                position INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                at TEXT NOT NULL,        -- ISO 8601, UTC
                body BLOB NOT NULL       -- JSON
            )""",
        ),
        (
            # One row at most: how far the ledger was taken over.
            """CREATE TABLE taken_over (
                only INTEGER PRIMARY KEY CHECK (only = 1),
                number INTEGER NOT NULL,
                hash TEXT NOT NULL,
                at TEXT NOT NULL         -- ISO 8601, UTC
            )""",
        ),
        (
            *SEALING_TABLE,
            """CREATE TABLE sealed_delivery (
                position INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                sealed BLOB NOT NULL     -- at, body
            )""",
            _DELIVERY.copying("delivery"),
            "DROP TABLE delivery",
            """CREATE TABLE sealed_taken_over (
                only INTEGER PRIMARY KEY CHECK (only = 1),
                sealed BLOB NOT NULL     -- number, hash, at
            )""",
            _TAKEN_OVER.copying("taken_over"),
            "DROP TABLE taken_over",
        ),
        TALLY_TABLE,
    ),
    StationError,
    (_DELIVERY, _TAKEN_OVER),
    (_DELIVERY.physical, _TAKEN_OVER.physical),
)


@dataclass(frozen=True)
class Delivery:
    """One message to the webhook. id: the same however often it is sent. at: when it happened,
    aware datetime. body: JSON, UTF-8."""

    id: str
    at: datetime
    body: bytes


class Outbox:
    """The file of deliveries, in the order in which they were put in; only its owner may read it.

    One thread uses it. Every method raises StationError where file or disk are at fault.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = open_database(path, BUSY_S, OUTBOX_FILE)
        # What is not UTF-8 is damage, too, and told as such.
        self._db.text_factory = bytes

    def close(self) -> None:
        self._db.close()

    def all(self) -> list[Delivery]:
        with explained(self._path, OUTBOX_FILE):
            rows = self._db.execute(
                "SELECT id, at, body FROM delivery ORDER BY position"
            ).fetchall()
        try:
            return [_delivery(*row) for row in rows]
        except (ValueError, TypeError) as error:
            raise damaged(self._path, Sentence("a delivery cannot be read"), OUTBOX_FILE) from error

    def has(self, delivery: Delivery) -> bool:
        """Returns whether the delivery is still in the outbox."""
        with explained(self._path, OUTBOX_FILE):
            found = self._db.execute("SELECT 1 FROM delivery WHERE id = ?", (delivery.id,))
            return found.fetchone() is not None

    def put(self, *deliveries: Delivery, mark: Mark | None = None) -> None:
        """Puts in all of the deliveries, or none; one that is in it already stays as it is.

        mark: how far the ledger is taken over with these, written in the same transaction.
        """
        with explained(self._path, OUTBOX_FILE), transaction(self._db):
            self._db.executemany(
                "INSERT OR IGNORE INTO delivery (id, at, body) VALUES (?, ?, ?)",
                [(one.id, one.at.isoformat(), one.body) for one in deliveries],
            )
            if mark is not None:
                self._db.execute(
                    "INSERT OR REPLACE INTO taken_over VALUES (1, ?, ?, ?)",
                    (mark.number, mark.hash, mark.at.isoformat()),
                )

    def mark(self) -> Mark | None:
        """Returns how far the ledger was taken over; None where it never was, and after
        forget_mark()."""
        with explained(self._path, OUTBOX_FILE):
            row = self._db.execute("SELECT number, hash, at FROM taken_over").fetchone()
        try:
            return _mark(*row) if row is not None else None
        except (ValueError, TypeError) as error:
            raise damaged(self._path, Sentence("its mark cannot be read"), OUTBOX_FILE) from error

    def forget_mark(self) -> None:
        """Forgets how far the ledger was taken over: what is written from now on is not taken over
        until another mark is put."""
        with explained(self._path, OUTBOX_FILE):
            self._db.execute("DELETE FROM taken_over")

    def remove(self, delivery: Delivery) -> None:
        with explained(self._path, OUTBOX_FILE):
            self._db.execute("DELETE FROM delivery WHERE id = ?", (delivery.id,))

    def about(self, identity_id: str) -> list[Delivery]:
        """Returns the deliveries about a person."""
        return [one for one in self.all() if _is_about(one, identity_id)]

    def forget(self, identity_id: str, before: datetime) -> list[Delivery]:
        """Erases the deliveries that are about a person and happened before `before`, an aware
        datetime.

        No byte of them is left in the file, nor of deliveries that were made long ago. Returns the
        deliveries about the person that are still in the outbox.
        """
        about = self.about(identity_id)
        gone = [one.id for one in about if one.at < before]
        with explained(self._path, OUTBOX_FILE), transaction(self._db):
            rewrite(
                self._db,
                _DELIVERY.physical,
                "id NOT IN (SELECT value FROM json_each(?))",
                (json.dumps(gone),),
            )
        empty_log(self._db, self._path, OUTBOX_FILE)
        return [one for one in about if one.at >= before]


def _is_about(delivery: Delivery, identity_id: str) -> bool:
    try:
        return bool(json.loads(delivery.body)["data"]["identity"] == identity_id)
    except (ValueError, LookupError, TypeError):  # nothing that names anybody
        return False


def _delivery(id_: bytes, at: bytes, body: bytes) -> Delivery:
    """Reads a delivery from its row. Raises ValueError or TypeError for a row that cannot be a
    delivery's."""
    delivery = Delivery(str(id_, "ascii"), datetime.fromisoformat(str(at, "ascii")), body)
    if not delivery.id.isalnum() or delivery.at.tzinfo is None or not isinstance(body, bytes):
        raise ValueError(f"not a delivery: {delivery}")
    return delivery


def _mark(number: int, hash_: bytes, at: bytes) -> Mark:
    """Reads a mark from its row. Raises ValueError or TypeError for a row that cannot be a
    mark's."""
    mark = Mark(number, str(hash_, "utf-8"), datetime.fromisoformat(str(at, "ascii")))
    if not isinstance(number, int) or mark.at.tzinfo is None:
        raise ValueError(f"not a mark: {mark}")
    return mark


def waiting(path: Path) -> int:
    """Returns how many deliveries are in the outbox at `path`; 0 where there is none. Raises
    StationError."""
    if not path.exists():
        return 0
    with closing(Outbox(path)) as outbox:
        return len(outbox.all())
