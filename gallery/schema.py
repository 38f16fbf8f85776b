"""The tables of the gallery's file, by versions."""

from __future__ import annotations

from collections.abc import Sequence

from common.errors import GalleryError
from common.sentence import Sentence
from common.sqlite_file import Format, Migration

MIGRATIONS: Sequence[Migration] = (
    (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
        """CREATE TABLE identity (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            enrolled_at TEXT NOT NULL,  -- ISO 8601, UTC
            note TEXT NOT NULL,
            removed_at TEXT             -- ISO 8601, UTC; NULL while shown
        )""",
        """CREATE TABLE template (
            id INTEGER PRIMARY KEY,
            identity_id TEXT NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
            quality REAL NOT NULL,
            model_id TEXT NOT NULL,
            embedding BLOB NOT NULL,    -- float32, little-endian
            crop BLOB NOT NULL          -- PNG
        )""",
        "CREATE INDEX template_identity ON template (identity_id)",
    ),
    (
        # Loading a gallery reads this index alone. In the table each embedding lies beside its
        # crop, some 20 KB of PNG: 100,000 of them took 7.3 s to load from a cold disk, now 0.3.
        "CREATE INDEX template_embedding ON template (identity_id, embedding)",
        "DROP INDEX template_identity",
    ),
    (
        # What is erased leaves nothing behind where rows never move: see common.sqlite_erasing.
        # Embeddings lie apart from crops, as in the index before, and numbers, all of them of
        # four bytes, stand for identities, so that a merge changes no row's size.
        "ALTER TABLE template RENAME TO former_template",
        "ALTER TABLE identity RENAME TO former_identity",
        """CREATE TABLE identity (
            number INTEGER PRIMARY KEY AUTOINCREMENT,  -- in the order of enrollment
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            enrolled_at TEXT NOT NULL,  -- ISO 8601, UTC
            note TEXT NOT NULL
        )""",
        """CREATE TABLE template (
            id INTEGER PRIMARY KEY,
            identity_number INTEGER,    -- NULL: erased
            enrolled_as INTEGER,        -- the identity's before a merge that may be undone
            quality REAL NOT NULL,
            model_id TEXT NOT NULL,
            embedding BLOB NOT NULL     -- float32, little-endian
        )""",
        """CREATE TABLE crop (
            template_id INTEGER PRIMARY KEY,
            png BLOB NOT NULL           -- empty: erased
        )""",
        """CREATE TABLE erasure (
            position INTEGER PRIMARY KEY,
            identity_id TEXT NOT NULL UNIQUE,
            asked_at TEXT NOT NULL,                -- ISO 8601, UTC
            merged_into TEXT NOT NULL DEFAULT '',  -- the other's id; empty for a removal
            holder TEXT NOT NULL DEFAULT ''        -- the lease of who may undo it; or nobody
        )""",
        "INSERT INTO sqlite_sequence VALUES ('identity', 1 << 24)",
        "INSERT INTO identity SELECT (1 << 24) + rowid, id, name, enrolled_at, note"
        " FROM former_identity ORDER BY rowid",
        "INSERT INTO erasure (identity_id, asked_at) SELECT id, removed_at"
        " FROM former_identity WHERE removed_at IS NOT NULL ORDER BY removed_at, rowid",
        "INSERT INTO template SELECT t.id, i.number, i.number, t.quality, t.model_id, t.embedding"
        " FROM former_template AS t CROSS JOIN identity AS i ON i.id = t.identity_id ORDER BY t.id",
        "INSERT INTO crop SELECT id, crop FROM former_template ORDER BY id",
        "DROP TABLE former_template",
        "DROP TABLE former_identity",
        "CREATE INDEX template_identity ON template (identity_number)",
        "DELETE FROM meta WHERE key = 'rewrite_due'",
    ),
    (
        # A set of embeddings for each model, so that another one can be made beside the one in
        # use: see gallery/embedding_sets.py. Nothing may move, so templates are written anew.
        """CREATE TABLE embedding_set (
            number INTEGER PRIMARY KEY AUTOINCREMENT,  -- the table is embedding_{number}
            model_id TEXT NOT NULL UNIQUE,
            dimension INTEGER NOT NULL,
            state TEXT NOT NULL         -- active, former or begun
        )""",
        """CREATE TABLE embedding_1 (
            template_id INTEGER PRIMARY KEY,
            vector BLOB NOT NULL        -- float32, little-endian; empty: erased; zeros: none made
        )""",
        "INSERT INTO embedding_set (number, model_id, dimension, state)"
        " SELECT 1, m.value, CAST(d.value AS INTEGER), 'active' FROM meta AS m JOIN meta AS d"
        " WHERE m.key = 'model_id' AND d.key = 'dimension'",
        "DELETE FROM meta WHERE key IN ('model_id', 'dimension')",
        "ALTER TABLE template RENAME TO former_template",
        """CREATE TABLE template (
            id INTEGER PRIMARY KEY,
            identity_number INTEGER,    -- NULL: erased
            enrolled_as INTEGER,        -- the identity's before a merge that may be undone
            quality REAL NOT NULL,
            model_id TEXT NOT NULL      -- wants crops such as this one's; empty: erased
        )""",
        "INSERT INTO template SELECT id, identity_number, enrolled_as, quality, model_id"
        " FROM former_template ORDER BY id",
        "INSERT INTO embedding_1 SELECT id, embedding FROM former_template ORDER BY id",
        "DROP INDEX template_identity",
        "DROP TABLE former_template",
        "CREATE INDEX template_identity ON template (identity_number)",
        """CREATE TABLE view (
            template_id INTEGER PRIMARY KEY,
            jpeg BLOB NOT NULL,         -- empty: erased
            face BLOB NOT NULL          -- box and landmarks, float32, little-endian
        )""",
    ),
    (
        # One picture of a person: when it came, whether it was chosen to be shown. The removal of
        # one is that of an identity which has it alone, a part of the person's.
        "ALTER TABLE template ADD COLUMN added_at TEXT",  # ISO 8601, UTC; NULL: see the identity's
        "ALTER TABLE template ADD COLUMN is_portrait INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE erasure ADD COLUMN part_of TEXT NOT NULL DEFAULT ''",  # the person's id
    ),
)

GALLERY = Format(Sentence("gallery"), int.from_bytes(b"FDSK"), MIGRATIONS, GalleryError)
