"""The tables of the gallery's file, by versions."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from common.errors import GalleryError
from common.sealing.tables import SEALING_TABLE, SealedTable
from common.sealing.tally import TALLY_TABLE
from common.sentence import Sentence
from common.sqlite_file import Format, Migration

IDENTITY = SealedTable("identity", ("number", "id", "enrolled_at"), ("name", "note"))

TEMPLATE = SealedTable(
    "template",
    (
        *("id", "identity_number", "enrolled_as", "quality", "model_id"),
        *("added_at", "is_portrait"),
    ),
    (),
)
"""It has no secret, but whoever changes it gives somebody another one's face."""

CROP = SealedTable("crop", ("template_id",), ("png",))
VIEW = SealedTable("view", ("template_id",), ("jpeg", "face"))
EMBEDDING = SealedTable("embedding", ("template_id",), ("vector",), is_family=True)

VERSION = SealedTable("version", ("number", "made_at", "returned_to"), ("former_model", "model"))
"""A change of the gallery: see gallery/history/log.py."""

VERSION_PERSON = SealedTable(
    "version_person", ("position", "version", "identity_number"), ("before", "after")
)

CONSENT = SealedTable(
    "consent",
    ("number", "identity_number", "text_number"),
    ("at", "language", "sha256", "way"),
)
CONSENT_TEXT = SealedTable("consent_text", ("number",), ("text",))

SEALED = (
    IDENTITY,
    TEMPLATE,
    CROP,
    VIEW,
    EMBEDDING,
    VERSION,
    VERSION_PERSON,
    CONSENT,
    CONSENT_TEXT,
)

EMBEDDING_COLUMNS = "(template_id INTEGER PRIMARY KEY, sealed BLOB NOT NULL)"


def _seal_embeddings(db: sqlite3.Connection) -> None:
    names = db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'embedding_[0-9]*'"
    ).fetchall()
    for (name,) in names:
        table = EMBEDDING.numbered(int(name.removeprefix("embedding_")))
        db.execute(f"CREATE TABLE {table.physical} {EMBEDDING_COLUMNS}")
        db.execute(table.copying(name))
        db.execute(f"DROP TABLE {name}")


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
    (
        # Names, notes, faces and whose they are: see common.sealing.tables. As before, rows are
        # added at the end, and blanked where they stand: a sealed value is 37 bytes longer.
        *SEALING_TABLE,
        """CREATE TABLE sealed_identity (
            number INTEGER PRIMARY KEY AUTOINCREMENT,  -- in the order of enrollment
            enrolled_at TEXT NOT NULL,  -- ISO 8601, UTC
            id TEXT NOT NULL UNIQUE,
            sealed BLOB NOT NULL        -- name, note
        )""",
        IDENTITY.copying("identity"),
        "DELETE FROM sqlite_sequence WHERE name = 'sealed_identity'",
        "INSERT INTO sqlite_sequence SELECT 'sealed_identity', seq FROM sqlite_sequence"
        " WHERE name = 'identity'",
        "DROP TABLE identity",
        """CREATE TABLE sealed_template (
            id INTEGER PRIMARY KEY,
            identity_number INTEGER,    -- NULL: erased
            enrolled_as INTEGER,        -- the identity's before a merge that may be undone
            quality REAL NOT NULL,
            model_id TEXT NOT NULL,     -- wants crops such as this one's; empty: erased
            added_at TEXT,              -- ISO 8601, UTC; NULL: see the identity's
            is_portrait INTEGER NOT NULL DEFAULT 0,
            sealed BLOB NOT NULL        -- nothing: it shows that the columns are as they were
        )""",
        TEMPLATE.copying("template"),
        "DROP TABLE template",
        "CREATE INDEX template_identity ON sealed_template (identity_number)",
        """CREATE TABLE sealed_crop (
            template_id INTEGER PRIMARY KEY,
            sealed BLOB NOT NULL        -- PNG; empty: erased
        )""",
        CROP.copying("crop"),
        "DROP TABLE crop",
        """CREATE TABLE sealed_view (
            template_id INTEGER PRIMARY KEY,
            sealed BLOB NOT NULL        -- JPEG, box and landmarks; empty: erased
        )""",
        VIEW.copying("view"),
        "DROP TABLE view",
        _seal_embeddings,
    ),
    (
        # What each change has made of whom. To the people's table rows are only added at the end;
        # they are blanked where they stand, and the older half is left out when both are written
        # anew: see gallery/history/log.py.
        """CREATE TABLE sealed_version (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            made_at TEXT NOT NULL,      -- ISO 8601, UTC
            returned_to INTEGER,        -- the version that this one is a return to
            sealed BLOB NOT NULL        -- model ids, where another set was put in use
        )""",
        """CREATE TABLE sealed_version_person (
            position INTEGER PRIMARY KEY,
            version INTEGER NOT NULL,
            identity_number INTEGER,    -- NULL: erased
            sealed BLOB NOT NULL        -- the person's state before and after; NULL: not there
        )""",
        "CREATE INDEX version_person_version ON sealed_version_person (version)",
        "CREATE INDEX version_person_identity ON sealed_version_person (identity_number)",
    ),
    (
        # What people have agreed to: see gallery/consents.py. Rows are added at the end, and
        # blanked where they stand.
        """CREATE TABLE sealed_consent (
            number INTEGER PRIMARY KEY,
            identity_number INTEGER,    -- NULL: erased
            text_number INTEGER NOT NULL,
            sealed BLOB NOT NULL        -- at, language, sha256, way; empty: erased
        )""",
        "CREATE INDEX consent_identity ON sealed_consent (identity_number)",
        """CREATE TABLE sealed_consent_text (
            number INTEGER PRIMARY KEY,
            sealed BLOB NOT NULL        -- text
        )""",
        # Since when it is asked whether somebody stays, and from when on they are kept anew, both
        # ISO 8601, UTC, or NULL: see station/people/retention.py.
        "ALTER TABLE sealed_identity ADD COLUMN asked_since TEXT",
        "ALTER TABLE sealed_identity ADD COLUMN kept_since TEXT",
    ),
    TALLY_TABLE,
)

TALLIED = (
    *(IDENTITY.physical, TEMPLATE.physical, CONSENT.physical, CONSENT_TEXT.physical),
    *("erasure", "embedding_set", "meta"),
)
"""Who there is, which templates are theirs, who is hidden, what people have agreed to, and whose
the embeddings are. Each template has one embedding and one crop, which is checked where they are
read."""

GALLERY = Format(
    Sentence("gallery"), int.from_bytes(b"FDSK"), MIGRATIONS, GalleryError, SEALED, TALLIED
)
