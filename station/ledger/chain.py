"""The ledger's rows: how an entry is written, hashed and chained to the one before.

Whoever has the home's key can verify a ledger with other tools. The columns of its table
`sealed_entry`, and the record in each row (common.sealing.records), together are COLUMNS and
`hash`, which hold integers and text alone; an empty text or 0 stands for nothing. A record that
is sealed with another key has the same hash, and so has one of a time when rows were not sealed.
The hash is the SHA-256, in lower-case hexadecimal, of all COLUMNS in that order, each written as
a netstring: its length in bytes in decimal digits, a colon, the bytes, a comma (D. J. Bernstein,
Netstrings, 1997). The bytes of a text are its UTF-8, those of an integer its decimal digits:
entry 7 of the station "Cửa" begins `1:7,` and goes on, after two more columns, with `5:Cửa,`.
`previous_hash` is the hash of the entry before; in the first entry it is ZEROS.

    number          1 and up, without a gap
    at              when it was written, 2026-11-02T01:00:00.000000+00:00, always UTC
    kind            a value of station.ledger.entry.Kind; means and liveness likewise
    station, identity_id, name, note
    similarity, threshold    decimal numbers, as text
    counts_as       in a correction: check-in or check-out
    happened_at     in a correction: when that was; in all other entries the same as `at`
    refers_to       the number of the entry that this one undoes or corrects
    picture_sha256  the hash of the picture's bytes, which may be erased later: the table
                    `picture` has no row then, or an empty one
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

from station.ledger.entry import Entry, Event, Kind, Liveness, Means

COLUMNS = (
    "number",
    "at",
    "kind",
    "station",
    "identity_id",
    "name",
    "means",
    "similarity",
    "threshold",
    "liveness",
    "counts_as",
    "happened_at",
    "refers_to",
    "note",
    "picture_sha256",
    "previous_hash",
)

ZEROS = "0" * 64

Row = Sequence[int | str | bytes | None]
"""The values of COLUMNS and of `hash` of an entry. Bytes stand for the text that they are in
UTF-8."""


def text_of(at: datetime) -> str:
    """Returns an aware datetime as the ledger writes it: such texts sort as their times do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def row_of(event: Event, number: int, at: datetime, previous_hash: str) -> tuple[int | str, ...]:
    """Returns the row of a new entry, with its hash last. Raises ValueError for text that cannot be
    written in UTF-8."""
    columns = (
        number,
        text_of(at),
        event.kind,
        event.station,
        event.identity_id,
        event.name,
        event.means,
        _decimal(event.similarity),
        _decimal(event.threshold),
        event.liveness,
        event.counts_as or "",
        text_of(event.happened_at or at),
        event.refers_to or 0,
        event.note,
        hashlib.sha256(event.picture).hexdigest() if event.picture is not None else "",
        previous_hash,
    )
    return (*columns, hash_of(columns))


def hash_of(columns: Row) -> str:
    """Computes the hash of an entry from its COLUMNS. Raises ValueError for a value that is neither
    an integer nor text."""
    netstrings = bytearray()
    for value in columns:
        if value is None:
            raise ValueError("neither a number nor text")
        text = value if isinstance(value, bytes) else str(value).encode()
        netstrings += b"%d:%b," % (len(text), text)
    return hashlib.sha256(netstrings).hexdigest()


def entry_of(row: Row) -> Entry:
    """Reads an entry from its row. Raises ValueError for a row that cannot be an entry's."""
    if None in row:
        raise ValueError("a record that was changed")
    texts = (value.decode() if isinstance(value, bytes) else value for value in row)
    column: dict[str, Any] = dict(zip((*COLUMNS, "hash"), texts, strict=True))
    similarity, threshold = column["similarity"], column["threshold"]
    try:
        event = Event(
            kind=Kind(column["kind"]),
            station=column["station"],
            identity_id=column["identity_id"],
            name=column["name"],
            means=Means(column["means"]),
            similarity=float(similarity) if similarity else None,
            threshold=float(threshold) if threshold else None,
            liveness=Liveness(column["liveness"]),
            refers_to=column["refers_to"] or None,
            counts_as=Kind(column["counts_as"]) if column["counts_as"] else None,
            happened_at=_time(column["happened_at"]) if column["counts_as"] else None,
            note=column["note"],
        )
        at = _time(column["at"])
    except TypeError as error:  # NULL where text is expected
        raise ValueError(f"not an entry: {error}") from error
    return Entry(
        number=column["number"],
        at=at,
        event=event,
        picture_sha256=column["picture_sha256"],
        previous_hash=column["previous_hash"],
        hash=column["hash"],
    )


class Damage(Enum):
    """What is wrong with the first entry that is not as it was written.

    CHANGED: its hash is not the one that its content gives.
    PICTURE: its picture is another one than was written.
    MISSING: there is no entry of this number, but there are later ones.
    UNLINKED: its `previous_hash` is not the hash of the entry before. One of the two was put in,
        exchanged or changed, and hashed again.
    CUT_OFF: the ledger was longer once.
    """

    CHANGED = auto()
    PICTURE = auto()
    MISSING = auto()
    UNLINKED = auto()
    CUT_OFF = auto()


@dataclass(frozen=True)
class Verification:
    """The result of checking all entries.

    intact: how many entries, from the first one on, are as they were written.
    newest_hash: the hash of the last intact entry; ZEROS where there is none.
    damage: what is wrong with the entry of number intact + 1; None where nothing is wrong.
    """

    intact: int
    newest_hash: str
    damage: Damage | None


def verified(rows: Iterable[tuple[Row, bytes | None]], highest: int) -> Verification:
    """Checks the hash and the link of every row, up to the first that is wrong.

    rows: by number, each with its picture. highest: the largest number that was ever given.
    """
    intact, newest_hash = 0, ZEROS
    for row, picture in rows:
        checked = _checked(row, picture, intact + 1, newest_hash)
        if isinstance(checked, Damage):
            return Verification(intact, newest_hash, checked)
        intact, newest_hash = checked.number, checked.hash
    return Verification(intact, newest_hash, Damage.CUT_OFF if highest > intact else None)


def _checked(row: Row, picture: bytes | None, number: int, previous_hash: str) -> Entry | Damage:
    try:
        entry = entry_of(row)
        if entry.number > number:
            return Damage.MISSING
        if hash_of(row[:-1]) != entry.hash:
            return Damage.CHANGED
    except ValueError:
        return Damage.CHANGED
    if (entry.number, entry.previous_hash) != (number, previous_hash):
        return Damage.UNLINKED
    if picture is not None and hashlib.sha256(picture).hexdigest() != entry.picture_sha256:
        return Damage.PICTURE
    return entry


def _decimal(value: float | None) -> str:
    if value is None:
        return ""
    if not math.isfinite(value):
        raise ValueError(f"not a number: {value}")
    return repr(float(value))  # the shortest that is read back as the same number


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
