"""Shows that rows of a file's tables were taken out, added or put back from before.

A sealed record cannot be changed, but it can be deleted, or exchanged for an older one of its own
row. So a file has a tally: one sealed record with a sum for each table that is to be whole, with
the version of the schema, and with a digest of the schema itself. The sum is that of a keyed hash
(BLAKE2b, 32 bytes) of each row, modulo 2^256: a multiset hash (Clarke et al., Asiacrypt 2003,
MSet-Add-Hash), which a row that comes or goes changes by one addition, however large the table is.
The hashes' key is in the sealed record, so that nobody can look for rows with the same sum.

Temporary triggers of each connection keep the tally in the transaction that changes a table. Rows
of tables that are not sealed, but decide what is shown, are authenticated by it as well.

A whole older file, put back with its tally, is not noticed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b, sha256
from typing import Any

import msgspec

from common.sealing.failures import as_bytes, noting
from common.sealing.records import TAG_BYTES, ChangedRecordError, Sealer, Value

TALLY_TABLE = ("CREATE TABLE tally (sealed BLOB NOT NULL)",)
"""The migration from which on a file has a tally; what it says is computed after all migrations."""

_HASH_BYTES = 32
_MODULUS = 1 << (8 * _HASH_BYTES)
_KEY = "(SELECT key FROM sealing)"
_NOTHING = bytes(_HASH_BYTES)

_packed = msgspec.msgpack.Encoder().encode


class _Reading:
    """A tally's record, opened. key: of the hashes. version, schema: of the file. sums: by table,
    each _HASH_BYTES bytes, little-endian."""

    __slots__ = ("key", "schema", "sums", "version")

    def __init__(self, secret: Sequence[Any]) -> None:
        self.key, self.version, self.schema, sums = secret
        self.sums: dict[str, bytes] = dict(sums)

    @property
    def secret(self) -> tuple[Any, ...]:
        return self.key, self.version, self.schema, self.sums

    def hashed(self, table: str, row: Sequence[Value]) -> int:
        found = blake2b(_packed((table, row)), key=self.key, digest_size=_HASH_BYTES)
        return int.from_bytes(found.digest(), "little")


def add_tally_functions(db: sqlite3.Connection, sealer: Sealer) -> None:
    """Let a connection keep and compare the tally of its file."""
    last: list[tuple[bytes, _Reading]] = []

    def opened(record: bytes) -> _Reading:
        if last and last[0][0] == record:
            return last[0][1]
        secret = sealer.open(record, "tally", ())
        if len(secret) != 4:
            raise ChangedRecordError("tally")
        return _Reading(secret)

    def sealed(key: str, reading: _Reading) -> bytes:
        record = sealer.seal(bytes.fromhex(key), "tally", (), reading.secret)
        last[:] = [(record, reading)]
        return record

    def begun(key: str, version: int, schema: bytes) -> bytes:
        return sealed(key, _Reading((os.urandom(_HASH_BYTES), version, schema, {})))

    def moved(record: bytes, key: str, table: str, gone: int, *values: Value) -> bytes:
        reading = opened(record)
        total = int.from_bytes(reading.sums.get(table, _NOTHING), "little")
        for sign, row in ((-1, values[:gone]), (1, values[gone:])):
            if row:
                total += sign * reading.hashed(table, row)
        return with_total(record, key, table, (total % _MODULUS).to_bytes(_HASH_BYTES, "little"))

    def with_total(record: bytes, key: str, table: str, total: bytes) -> bytes:
        former = opened(record)
        reading = _Reading((*former.secret[:3], {**former.sums, table: total}))
        return sealed(key, reading)

    def total_of(record: bytes, table: str) -> bytes:
        return opened(record).sums.get(table, _NOTHING)

    def version_of(record: bytes) -> int:
        return int(opened(record).version)

    def schema_of(record: bytes) -> bytes:
        return bytes(opened(record).schema)

    def hash_of(record: bytes, table: str, *row: Value) -> bytes:
        return opened(record).hashed(table, row).to_bytes(_HASH_BYTES, "little")

    db.create_function("tally_begun", 3, noting(begun))
    db.create_function("tally_moved", -1, noting(moved))
    db.create_function("tally_with_total", 4, noting(with_total))
    db.create_function("tally_total_of", 2, noting(total_of))
    db.create_function("tally_version", 1, noting(version_of))
    db.create_function("tally_schema", 1, noting(schema_of))
    db.create_function("tally_hash", -1, noting(hash_of))


def has_tally(db: sqlite3.Connection) -> bool:
    return bool(db.execute("SELECT 1 FROM main.sqlite_master WHERE name = 'tally'").fetchone())


def write_tally(db: sqlite3.Connection, tables: Sequence[str], version: int) -> None:
    """Count the tables as they are now, within a transaction; the hashes get another key."""
    db.execute("DELETE FROM main.tally")
    db.execute(f"INSERT INTO main.tally VALUES (tally_begun({_KEY}, ?, ?))", (version, _schema(db)))
    for table in tables:
        db.execute(
            f"UPDATE main.tally SET sealed = tally_with_total(sealed, {_KEY}, ?, ?)",
            (table, _total(db, table)),
        )


def version_in_tally(db: sqlite3.Connection) -> int | None:
    """Return the version of the schema that the tally says; None where its record is gone, or the
    schema is another one than it was made for. Raises sqlite3's error where it cannot be opened."""
    rows = db.execute("SELECT tally_version(sealed), tally_schema(sealed) FROM main.tally")
    found = rows.fetchmany(2)
    if len(found) != 1 or found[0][1] != _schema(db):
        return None
    return int(found[0][0])


def untrue_table(db: sqlite3.Connection, tables: Sequence[str]) -> str | None:
    """Return the first of the tables whose rows are not those that the tally knows; None where all
    are. Raises sqlite3's error where the tally cannot be opened."""
    db.execute("BEGIN")  # one state of all of them: others may be writing
    try:
        for table in tables:
            (known,) = db.execute(
                "SELECT tally_total_of(sealed, ?) FROM main.tally", (table,)
            ).fetchone() or (None,)
            if _total(db, table) != known:
                return table
    finally:
        db.execute("COMMIT")
    return None


def watch(db: sqlite3.Connection, tables: Sequence[str]) -> None:
    """Let a connection's changes of the tables be counted, each in its transaction."""
    for table in tables:
        width = len(_columns(db, table))
        old, new = (_values(db, table, row) for row in ("OLD", "NEW"))
        for when, gone, values in (
            ("INSERT", 0, new),
            ("DELETE", width, old),
            ("UPDATE", width, f"{old}, {new}"),
        ):
            db.execute(
                f"CREATE TEMP TRIGGER {table}_tally_{when} AFTER {when} ON main.{table} BEGIN"
                f" UPDATE tally SET sealed = tally_moved(sealed, {_KEY}, '{table}', {gone},"
                f" {values}); END"
            )


@contextmanager
def counted_at_once(
    db: sqlite3.Connection, table: str, keep: str, values: Sequence[object]
) -> Iterator[None]:
    """Count all rows that do not keep the condition as gone, and nothing else in the `with` block:
    the table, in which the others stay, has no trigger there."""
    watched = db.execute(
        "SELECT CAST(name AS BLOB) FROM temp.sqlite_master WHERE type = 'trigger' AND name GLOB ?",
        (f"{table}_tally_*",),
    ).fetchall()
    if watched:
        gone = db.execute(
            f"SELECT {_values(db, table)} FROM main.{table} WHERE ({keep}) IS NOT TRUE", values
        ).fetchall()
        marks = "".join(", ?" for _ in gone[0]) if gone else ""
        for row in gone:
            db.execute(
                f"UPDATE main.tally SET sealed = tally_moved(sealed, {_KEY}, ?, ?{marks})",
                (table, len(row), *row),
            )
        for (name,) in watched:
            db.execute(f"DROP TRIGGER temp.{str(name, 'ascii')}")
    yield
    if watched:
        watch(db, [table])


def _total(db: sqlite3.Connection, table: str) -> bytes:
    """Return the sum of a table's rows."""
    hashes = db.execute(
        f"SELECT tally_hash((SELECT sealed FROM main.tally), '{table}', {_values(db, table)})"
        f" FROM main.{table}"
    )
    total = sum(int.from_bytes(found, "little") for (found,) in hashes)
    return (total % _MODULUS).to_bytes(_HASH_BYTES, "little")


def _values(db: sqlite3.Connection, table: str, row: str = "") -> str:
    """SQL of the values of a row that are hashed; row: OLD or NEW within a trigger."""
    dot = f"{row}." if row else ""
    return ", ".join(
        # Of a sealed record its tag, which is of all of it.
        f"substr(CAST({dot}sealed AS BLOB), -{TAG_BYTES})"
        if name == "sealed"
        else as_bytes(f"{dot}{name}")
        for name in _columns(db, table)
    )


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    rows = db.execute("SELECT CAST(name AS BLOB) FROM pragma_table_info(?, 'main')", (table,))
    return [str(name, "utf-8", "replace") for (name,) in rows]


def _schema(db: sqlite3.Connection) -> bytes:
    """Return a digest of the file's schema, without the tables that are made while it is used."""
    rows = db.execute(
        "SELECT CAST(type AS BLOB), CAST(name AS BLOB), CAST(tbl_name AS BLOB), CAST(sql AS BLOB)"
        " FROM main.sqlite_master WHERE name NOT GLOB 'sealed_embedding_[0-9]*'"
        " AND name NOT GLOB 'sqlite_*' ORDER BY name"
    ).fetchall()
    return sha256(_packed(rows)).digest()
