"""The tables of the ledger's file; their columns are explained in station.ledger.chain."""

from __future__ import annotations

from common.errors import LedgerError
from common.sealing.tables import SEALING_TABLE, SealedTable
from common.sealing.tally import TALLY_TABLE
from common.sentence import Sentence
from common.sqlite_file import Format, Migration
from station.ledger.chain import ZEROS

_SCHEMA = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    # AUTOINCREMENT keeps the largest number: rows that are merely deleted at the end are missed.
    """CREATE TABLE entry (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        station TEXT NOT NULL,
        identity_id TEXT NOT NULL,
        name TEXT NOT NULL,
        means TEXT NOT NULL,
        similarity TEXT NOT NULL,
        threshold TEXT NOT NULL,
        liveness TEXT NOT NULL,
        counts_as TEXT NOT NULL,
        happened_at TEXT NOT NULL,
        refers_to INTEGER NOT NULL,
        note TEXT NOT NULL,
        picture_sha256 TEXT NOT NULL,
        previous_hash TEXT NOT NULL,
        hash TEXT NOT NULL
    )""",
    "CREATE INDEX entry_at ON entry (at)",
    "CREATE INDEX entry_identity ON entry (identity_id)",
    "CREATE INDEX entry_refers_to ON entry (refers_to) WHERE refers_to > 0",
    "CREATE INDEX entry_correction ON entry (identity_id, happened_at) WHERE kind = 'correction'",
    """CREATE TABLE picture (
        number INTEGER PRIMARY KEY REFERENCES entry (number),
        bytes BLOB NOT NULL     -- JPEG; empty once it is erased
    )""",
    # They keep a mistake out, not a tamperer, who can drop them.
    """CREATE TRIGGER entry_is_not_changed BEFORE UPDATE ON entry
        BEGIN SELECT RAISE(ABORT, 'a ledger is never changed'); END""",
    """CREATE TRIGGER entry_is_not_deleted BEFORE DELETE ON entry
        BEGIN SELECT RAISE(ABORT, 'a ledger is never changed'); END""",
    f"""CREATE TRIGGER entry_follows_the_newest BEFORE INSERT ON entry
        WHEN NEW.number <= (SELECT coalesce(max(number), 0) FROM entry)
        OR NEW.previous_hash <>
            coalesce((SELECT hash FROM entry ORDER BY number DESC LIMIT 1), '{ZEROS}')
        BEGIN SELECT RAISE(ABORT, 'an entry follows the newest one'); END""",
)

_BLANK_PICTURES: Migration = ()
"""This migration changes no table: from here on the rows of erased pictures stay, but blank. An
earlier release would report them as tampered with; so it refuses to open such a ledger."""

ENTRY = SealedTable(
    "entry",
    (
        *("number", "at", "kind", "station", "identity_id", "means", "similarity", "threshold"),
        *("liveness", "counts_as", "happened_at", "refers_to"),
    ),
    ("name", "note", "picture_sha256", "previous_hash", "hash"),
    is_lenient=True,
    is_fixed=True,
)
"""The hashes are secret, too: whoever knows all of a row but the name could try names."""

PICTURE = SealedTable("picture", ("number",), ("bytes",), is_lenient=True)

_SEALED: Migration = (
    *SEALING_TABLE,
    """CREATE TABLE sealed_entry (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        station TEXT NOT NULL,
        identity_id TEXT NOT NULL,
        means TEXT NOT NULL,
        similarity TEXT NOT NULL,
        threshold TEXT NOT NULL,
        liveness TEXT NOT NULL,
        counts_as TEXT NOT NULL,
        happened_at TEXT NOT NULL,
        refers_to INTEGER NOT NULL,
        sealed BLOB NOT NULL    -- name, note, picture_sha256, previous_hash, hash
    )""",
    ENTRY.copying("entry"),
    "DELETE FROM sqlite_sequence WHERE name = 'sealed_entry'",
    "INSERT INTO sqlite_sequence SELECT 'sealed_entry', seq FROM sqlite_sequence"
    " WHERE name = 'entry'",
    """CREATE TABLE sealed_picture (
        number INTEGER PRIMARY KEY REFERENCES sealed_entry (number),
        sealed BLOB NOT NULL    -- JPEG; empty once it is erased
    )""",
    PICTURE.copying("picture"),
    "DROP TABLE picture",
    "DROP TRIGGER entry_is_not_deleted",  # dropping a table deletes its rows
    "DROP TABLE entry",
    "CREATE INDEX entry_at ON sealed_entry (at)",
    "CREATE INDEX entry_identity ON sealed_entry (identity_id)",
    "CREATE INDEX entry_refers_to ON sealed_entry (refers_to) WHERE refers_to > 0",
    "CREATE INDEX entry_correction ON sealed_entry (identity_id, happened_at)"
    " WHERE kind = 'correction'",
    # But for the record, which a rotation of the key seals anew.
    f"""CREATE TRIGGER entry_is_not_changed BEFORE UPDATE ON sealed_entry
        WHEN ({", ".join(f"OLD.{column}" for column in ENTRY.bound)})
        IS NOT ({", ".join(f"NEW.{column}" for column in ENTRY.bound)})
        BEGIN SELECT RAISE(ABORT, 'a ledger is never changed'); END""",
    """CREATE TRIGGER entry_is_not_deleted BEFORE DELETE ON sealed_entry
        BEGIN SELECT RAISE(ABORT, 'a ledger is never changed'); END""",
    """CREATE TRIGGER entry_follows_the_newest BEFORE INSERT ON sealed_entry
        WHEN NEW.number <= (SELECT coalesce(max(number), 0) FROM sealed_entry)
        BEGIN SELECT RAISE(ABORT, 'an entry follows the newest one'); END""",
)

CHECKINS = Format(
    Sentence("check-in ledger"),
    int.from_bytes(b"FDSC"),
    (_SCHEMA, _BLANK_PICTURES, _SEALED, TALLY_TABLE),
    LedgerError,
    (ENTRY, PICTURE),
    ("meta",),
)
