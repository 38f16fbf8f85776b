"""Tables of SQLite whose rows are sealed, and that are used as if they were not.

The rows of a table `person` stand in the table `sealed_person`: what is clear in columns, the rest
in one sealed record (common.sealing.records), which is also of the clear values. Each connection
has a temporary view `person` of it, which opens what is read, and triggers, which seal what is
written. So the stores' SQL is of plain tables. What it must not do:

- ask for `lastrowid` or `rowcount` after a change of such a table: SQLite counts none in a view;
- `INSERT ... ON CONFLICT DO`: a view cannot (`INSERT OR IGNORE` and `OR REPLACE` can);
- alter `person`: a migration alters `sealed_person`.

A column that is appended to `sealed_person` later is in the view as it is, clear and not bound to
the record; a secret one is appended to `SealedTable.secret`, and is NULL in older records.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from common.sealing.data_key import DataKey
from common.sealing.failures import as_bytes, note_failure, noting
from common.sealing.key_ring import KeyRing
from common.sealing.records import ChangedRecordError, Sealer, Value
from common.sealing.tally import add_tally_functions

SEALING_TABLE = (
    "CREATE TABLE sealing (key TEXT NOT NULL)",  # the id of the key with which is sealed now
    "INSERT INTO sealing VALUES (current_key())",
)
"""The beginning of the migration that seals a file."""

_KEY = "(SELECT key FROM sealing)"


@dataclass(frozen=True)
class SealedTable:
    """What is sealed of a table.

    bound: its clear columns that cannot be changed; the first one is the primary key. secret: the
    columns that cannot be read. is_lenient: whether a record that was changed reads as NULL, for
    a store that says itself what is wrong. is_family: whether it stands for all tables of this name
    with a number after it, `embedding_1` and so on. is_fixed: whether nothing in a row may ever
    change, but the key with which it is sealed.

    A migration seals the columns that a table had then: where `secret` grows later, the migration
    keeps a SealedTable of its own.
    """

    name: str
    bound: tuple[str, ...]
    secret: tuple[str, ...]
    is_lenient: bool = False
    is_family: bool = False
    is_fixed: bool = False

    @property
    def physical(self) -> str:
        return f"sealed_{self.name}"

    def numbered(self, number: int) -> SealedTable:
        """Return the table of a family with this number."""
        return replace(self, name=f"{self.name}_{number}", is_family=False)

    def copying(self, source: str, order: str = "") -> str:
        """SQL of a migration that seals the rows of a plain table into the physical one, which has
        the bound columns in their order, then `sealed`."""
        bound = ", ".join(self.bound)
        sealed = self._seal(self.bound, self.secret)
        return (
            f"INSERT INTO {self.physical} ({bound}, sealed) SELECT {bound}, {sealed} FROM {source}"
            f" ORDER BY {order or self.bound[0]}"
        )

    def _seal(self, bound: Sequence[str], secret: Sequence[str]) -> str:
        values = "".join(f", {value}" for value in (*map(as_bytes, bound), *secret))
        return f"seal({_KEY}, '{self.name}', {len(bound)}{values})"

    def _open(self, index: int, texts: frozenset[str]) -> str:
        """SQL that opens a value of a row. texts: the columns that may hold text; the others are
        quicker."""
        function = "opened_or_null" if self.is_lenient and index >= 0 else "opened"
        bound = "".join(f", {as_bytes(one) if one in texts else one}" for one in self.bound)
        return f"{function}(CAST(sealed AS BLOB), {index}, '{self.name}'{bound})"

    @property
    def is_genuine(self) -> str:
        """SQL that opens a record of the physical table, and raises where it cannot."""
        return self._open(-1, frozenset(self.bound))

    def view(
        self, columns: Sequence[tuple[str, str, str | None, int]], counts: bool
    ) -> Iterator[str]:
        """Yield the SQL of the view and its triggers.

        columns: of the physical table, each with its type, default and rank in the primary key.
        counts: whether the table is AUTOINCREMENT.
        """
        clear = [column for column, _, _, _ in columns if column != "sealed"]
        texts = frozenset(c for c, kind, _, _ in columns if kind not in ("INTEGER", "REAL"))
        shown = [*clear, *(f"{self._open(n, texts)} AS {one}" for n, one in enumerate(self.secret))]
        if not self.secret:
            shown.append(f"{self._open(-1, texts)} AS is_genuine")
        yield (
            f"CREATE TEMP VIEW {self.name} AS SELECT {', '.join(shown)} FROM main.{self.physical}"
        )
        key = self.bound[0]
        # As the column will have it: a record is bound to 1.0 where 1 is written to REAL.
        kinds = {column: kind for column, kind, _, _ in columns}
        new = {column: f"CAST(NEW.{column} AS {kinds[column]})" for column in clear}
        new |= {column: f"NEW.{column}" for column in self.secret}
        inserted = dict(new)
        for column, kind, default, rank in columns:
            if rank and kind.upper() == "INTEGER":
                inserted[column] = f"coalesce({new[column]}, {self._next_number(counts)})"
            elif default is not None:
                inserted[column] = f"coalesce({new[column]}, {default})"
        yield (
            f"CREATE TEMP TRIGGER {self.name}_inserted INSTEAD OF INSERT ON {self.name} BEGIN"
            f" INSERT INTO {self.physical} ({', '.join((*clear, 'sealed'))}) VALUES"
            f" ({', '.join(inserted[c] for c in clear)}, {self._sealed_of(inserted)}); END"
        )
        # A changed record of a lenient table reads as NULL, and may be blanked.
        unless = f" AND {self.is_genuine}" if self.is_fixed or not self.is_lenient else ""
        sealed = f"sealed = {self._sealed_of(new)} WHERE {key} = OLD.{key}{unless}"
        # A key that is set, be it to what it is, makes SQLite delete the row and insert another
        # one: rows would move, and leave copies behind.
        rest = "".join(f"{column} = {new[column]}, " for column in clear if column != key)
        yield (
            f"CREATE TEMP TRIGGER {self.name}_updated INSTEAD OF UPDATE ON {self.name} BEGIN"
            f"{self._refusal}"
            f" UPDATE {self.physical} SET {rest}{sealed} AND NEW.{key} IS OLD.{key};"
            f" UPDATE {self.physical} SET {key} = NEW.{key}, {rest}{sealed}"
            f" AND NEW.{key} IS NOT OLD.{key}; END"
        )
        yield (
            f"CREATE TEMP TRIGGER {self.name}_deleted INSTEAD OF DELETE ON {self.name} BEGIN"
            f" DELETE FROM {self.physical} WHERE {key} = OLD.{key}; END"
        )

    @property
    def _refusal(self) -> str:
        if not self.is_fixed:
            return ""
        former, new = (", ".join(f"{row}.{one}" for one in self.secret) for row in ("OLD", "NEW"))
        return f" SELECT RAISE(ABORT, 'it is never changed') WHERE ({former}) IS NOT ({new});"

    def _sealed_of(self, values: dict[str, str]) -> str:
        return self._seal([values[c] for c in self.bound], [values[c] for c in self.secret])

    def _next_number(self, counts: bool) -> str:
        """SQL of the number that SQLite would give to the next row."""
        highest = f"coalesce((SELECT max({self.bound[0]}) FROM {self.physical}), 0)"
        if counts:
            given = f"(SELECT seq FROM sqlite_sequence WHERE name = '{self.physical}')"
            highest = f"max({highest}, coalesce({given}, 0))"
        return f"{highest} + 1"


def add_functions(db: sqlite3.Connection, kind: int, ring: KeyRing) -> None:
    """Let a connection seal and open records of a kind of file with the keys of a home.

    Where one of these functions raises, sqlite3 raises an error of its own, which does not say
    why: `failure` returns that once.
    """
    sealer = Sealer(kind, ring.cipher)

    open_record = sealer.open

    def opened(record: bytes, index: int, table: str, *bound: Value) -> Value:
        try:
            secret = open_record(record, table, bound)
        except BaseException as error:
            note_failure(error)
            raise
        if index < 0:
            return 1
        return secret[index] if index < len(secret) else None

    def opened_or_null(record: bytes, index: int, table: str, *bound: Value) -> Value:
        try:
            return opened(record, index, table, *bound)
        except ChangedRecordError:
            return None

    def seal(key: str, table: str, bound: int, *values: Value) -> bytes:
        return sealer.seal(bytes.fromhex(key), table, values[:bound], values[bound:])

    def current_key() -> str:
        return ring.current().id.hex()

    db.create_function("opened", -1, opened, deterministic=True)
    db.create_function("opened_or_null", -1, opened_or_null, deterministic=True)
    db.create_function("seal", -1, noting(seal))
    db.create_function("current_key", 0, noting(current_key))
    add_tally_functions(db, sealer)


def add_views(db: sqlite3.Connection, tables: Sequence[SealedTable]) -> None:
    """Let a connection use those of the tables that are there as if they were not sealed."""
    for table in tables_in(db, tables):
        columns = db.execute(
            "SELECT name, type, dflt_value, pk FROM pragma_table_info(?, 'main')", (table.physical,)
        ).fetchall()
        if not {*table.bound, "sealed"} <= {name for name, *_ in columns}:
            raise sqlite3.OperationalError(f"{table.physical} has other columns")
        there = db.execute(
            "SELECT 1 FROM temp.sqlite_master WHERE name = ?", (table.name,)
        ).fetchone()
        if there:
            continue
        ((made,),) = db.execute(
            "SELECT sql FROM main.sqlite_master WHERE name = ?", (table.physical,)
        )
        for statement in table.view(columns, "AUTOINCREMENT" in made):
            db.execute(statement)


def tables_in(db: sqlite3.Connection, declared: Sequence[SealedTable]) -> Iterator[SealedTable]:
    """Yield those of the tables that a file has, each of a family by its own name."""
    rows = db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' ORDER BY rowid")
    there = [str(name, "utf-8") if isinstance(name, bytes) else name for (name,) in rows]
    for table in declared:
        if table.is_family:
            numbers = [name.removeprefix(f"{table.physical}_") for name in there]
            yield from (table.numbered(int(n)) for n in numbers if n.isdecimal())
        elif table.physical in there:
            yield table


def seal_again(db: sqlite3.Connection, tables: Sequence[SealedTable], key: DataKey) -> None:
    """Seal every record with another key, within a transaction; the old key opens them still."""
    db.execute("UPDATE sealing SET key = ?", (key.id.hex(),))
    for table in tables_in(db, tables):
        name = table.bound[0]
        keys = db.execute(f"SELECT {name} FROM main.{table.physical}").fetchall()
        # One by one: SQLite would copy all of the view's rows to memory first.
        db.executemany(f"UPDATE {table.name} SET {name} = {name} WHERE {name} = ?", keys)


def sealed_with(db: sqlite3.Connection) -> str:
    """Return the id of the key with which a file's records are sealed."""
    row = db.execute("SELECT CAST(key AS BLOB) FROM sealing").fetchone()
    return str(row[0], "ascii", "replace") if row and row[0] else ""


def check_all(db: sqlite3.Connection, tables: Sequence[SealedTable]) -> None:
    """Open every record once. Raises sqlite3's error where one cannot be opened."""
    for table in tables_in(db, tables):
        for _ in db.execute(f"SELECT 1 FROM main.{table.physical} WHERE NOT {table.is_genuine}"):
            pass
