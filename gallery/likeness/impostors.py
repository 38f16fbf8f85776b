"""Keeps the comparisons in which a face was taken for somebody else: those that ended in "not me"
at the station, or in "this is not her" in the window.

The same file has what look_alike_list.py and stranger_scores.py keep: similarities, and no face.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from common.errors import GalleryError
from common.sealing.tables import SEALING_TABLE, SealedTable
from common.sealing.tally import TALLY_TABLE
from common.sentence import Sentence
from common.sqlite_erasing import empty_log, rewrite
from common.sqlite_file import BUSY_S, Format, damaged, explained, open_database, transaction
from gallery.identity import Match

_IMPOSTOR = SealedTable(
    "impostor",
    ("id", "identity_id", "other_id"),
    ("at", "similarity", "threshold", "model_id", "own_limit"),
)

IMPOSTORS_FILE = Format(
    Sentence("file of impostors"),
    int.from_bytes(b"FDIM"),
    (
        (
            "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
            """CREATE TABLE impostor (
                id INTEGER PRIMARY KEY,
                identity_id TEXT NOT NULL,
                at TEXT NOT NULL,            -- ISO 8601, UTC
                similarity REAL NOT NULL,
                threshold REAL NOT NULL,
                model_id TEXT NOT NULL,
                embedding BLOB NOT NULL      -- float32, little-endian
            )""",
            "CREATE INDEX impostor_identity ON impostor (identity_id)",
        ),
        (
            # No embedding: it was of somebody else, and nobody could tell of whom.
            "ALTER TABLE impostor RENAME TO former_impostor",
            """CREATE TABLE impostor (
                id INTEGER PRIMARY KEY,
                identity_id TEXT NOT NULL,
                at TEXT NOT NULL,            -- ISO 8601, UTC
                similarity REAL NOT NULL,
                threshold REAL NOT NULL,
                model_id TEXT NOT NULL
            )""",
            "INSERT INTO impostor SELECT id, identity_id, at, similarity, threshold, model_id"
            " FROM former_impostor",
            "DROP TABLE former_impostor",
            "CREATE INDEX impostor_of ON impostor (identity_id)",
            "DELETE FROM meta WHERE key = 'rewrite_due'",
        ),
        (
            # Whom the face resembled as well; empty: nobody.
            "ALTER TABLE impostor ADD COLUMN other_id TEXT NOT NULL DEFAULT ''",
        ),
        (
            # See look_alike_list.py.
            """CREATE TABLE look_alike (
                one_id TEXT NOT NULL,        -- the smaller of the two ids
                other_id TEXT NOT NULL,
                similarity REAL NOT NULL,
                PRIMARY KEY (one_id, other_id)
            ) WITHOUT ROWID""",
            "CREATE INDEX look_alike_other ON look_alike (other_id)",
            """CREATE TABLE compared (
                identity_id TEXT PRIMARY KEY,
                mark TEXT NOT NULL,          -- of the templates
                level REAL NOT NULL          -- similarity of the pairs that are kept, at least
            ) WITHOUT ROWID""",
            # See stranger_scores.py.
            """CREATE TABLE stranger (
                id INTEGER PRIMARY KEY,
                similarity REAL NOT NULL,
                people INTEGER NOT NULL,     -- in the gallery at that time
                model_id TEXT NOT NULL
            )""",
        ),
        (
            # What the person's own pictures allowed then; -1: not known.
            "ALTER TABLE impostor ADD COLUMN own_limit REAL NOT NULL DEFAULT -1",
        ),
        (
            *SEALING_TABLE,
            """CREATE TABLE sealed_impostor (
                id INTEGER PRIMARY KEY,
                identity_id TEXT NOT NULL,
                other_id TEXT NOT NULL,      -- whom the face resembled as well; empty: nobody
                sealed BLOB NOT NULL         -- at, similarity, threshold, model_id, own_limit
            )""",
            _IMPOSTOR.copying("impostor"),
            "DROP TABLE impostor",
            "CREATE INDEX impostor_of ON sealed_impostor (identity_id)",
        ),
        TALLY_TABLE,
    ),
    GalleryError,
    (_IMPOSTOR,),
    (_IMPOSTOR.physical, "look_alike", "compared", "stranger", "meta"),
)

KEPT = 20
"""How many examples of one identity and model are kept: those with the highest similarities, so
that many of no account take none away that counts."""


@dataclass(frozen=True)
class Impostor:
    """A comparison that gave this identity to a face whose owner said that it is somebody else.

    Nothing of the face itself is kept: nobody knows whose it is, so nobody could ask for its
    erasure.

    number: of the row in the file. similarity, threshold: cosine, of the decision. model_id: of the
    embedder. at: aware datetime. other_id: the enrolled person whom the face resembled enough for a
    name, too; empty for none. own_limit: the similarity that the person's own pictures had to each
    other then, at least; -1 where that was not kept.
    """

    number: int
    identity_id: str
    similarity: float
    threshold: float
    model_id: str
    at: datetime
    other_id: str = ""
    own_limit: float = -1.0


class Impostors:
    """The file of impostor examples, which only its owner may read; what is erased leaves no byte
    in it.

    One thread at a time uses it. Every method raises GalleryError where file or disk are at fault.

    model_id: of the embedder in use. clock: returns the time now as an aware datetime.
    """

    def __init__(
        self,
        path: Path,
        model_id: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._path = path
        self._model_id = model_id
        self._clock = clock
        self._db = open_database(path, BUSY_S, IMPOSTORS_FILE)

    def close(self) -> None:
        self._db.close()

    def add(self, match: Match, other_id: str = "", own_limit: float = -1.0) -> Impostor:
        """Adds an example: somebody was taken for `match` just now, and is not this person.

        other_id, own_limit: see Impostor.
        """
        who, at = match.identity.id, self._clock()
        values = (float(match.similarity), float(match.threshold), self._model_id, other_id)
        with explained(self._path, IMPOSTORS_FILE), transaction(self._db):
            self._db.execute(
                "INSERT INTO impostor (identity_id, at, similarity, threshold, model_id, other_id,"
                " own_limit) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (who, at.isoformat(), *values, own_limit),
            )
            ((number,),) = self._db.execute("SELECT max(id) FROM impostor")
            self._db.execute(  # of the same person: `forget` erases all traces of it
                "DELETE FROM impostor WHERE identity_id = ?1 AND model_id = ?2 AND id NOT IN"
                " (SELECT id FROM impostor WHERE identity_id = ?1 AND model_id = ?2"
                " ORDER BY similarity DESC, id DESC LIMIT ?3)",
                (who, self._model_id, KEPT),
            )
        similarity, threshold, model_id, other_id = values
        return Impostor(number, who, similarity, threshold, model_id, at, other_id, own_limit)

    def examples(self, identity_id: str | None = None) -> list[Impostor]:
        """Returns the examples of an identity, or of everybody, the oldest first."""
        with explained(self._path, IMPOSTORS_FILE):
            rows = self._db.execute(
                "SELECT id, identity_id, similarity, threshold, model_id, at, other_id,"
                " own_limit FROM impostor WHERE ?1 IS NULL OR identity_id = ?1 ORDER BY id",
                (identity_id,),
            ).fetchall()
        try:
            return [
                Impostor(
                    number,
                    who,
                    float(similarity),
                    float(threshold),
                    model,
                    datetime.fromisoformat(at),
                    other,
                    float(own_limit),
                )
                for number, who, similarity, threshold, model, at, other, own_limit in rows
            ]
        except (TypeError, ValueError) as error:
            raise damaged(
                self._path, Sentence("an example cannot be read"), IMPOSTORS_FILE
            ) from error

    def take_back(self, example: Impostor) -> bool:
        """Erases an example that was a mistake. Returns whether it was there still."""
        with explained(self._path, IMPOSTORS_FILE), transaction(self._db):
            there = self._db.execute(
                "SELECT id FROM impostor WHERE id = ? AND identity_id = ? AND at = ?",
                (example.number, example.identity_id, example.at.isoformat()),
            ).fetchone()
            if there is not None:
                rewrite(self._db, _IMPOSTOR.physical, "id <> ?", there)
        empty_log(self._db, self._path, IMPOSTORS_FILE)
        return there is not None

    def forget(self, identity_id: str, merged_into: str = "") -> int:
        """Erases a person from the examples. Returns how many there were of them.

        merged_into: the id of the person whom they turned out to be, who then has the examples;
        empty where they were removed, and the examples go.
        """
        with explained(self._path, IMPOSTORS_FILE), transaction(self._db):
            ((count,),) = self._db.execute(
                "SELECT count(*) FROM impostor WHERE identity_id = ?", (identity_id,)
            )
            if merged_into:  # what was taken for one of them and looked like both is one person
                both = (identity_id, merged_into)
                self._db.execute(
                    "DELETE FROM impostor WHERE identity_id IN (?1, ?2) AND other_id IN (?1, ?2)",
                    both,
                )
                self._db.execute(
                    "UPDATE impostor SET identity_id = ?2 WHERE identity_id = ?1", both
                )
            self._db.execute(
                "UPDATE impostor SET other_id = ? WHERE other_id = ?", (merged_into, identity_id)
            )
            rewrite(self._db, _IMPOSTOR.physical, "identity_id <> ?", (identity_id,))
            rewrite(self._db, "look_alike", "?1 NOT IN (one_id, other_id)", (identity_id,))
            rewrite(self._db, "compared", "identity_id <> ?", (identity_id,))
        empty_log(self._db, self._path, IMPOSTORS_FILE)
        return int(count)
