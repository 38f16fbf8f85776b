"""Keeps the comparisons in which the station took a person for somebody else: those that ended in
"not me"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from pathlib import Path

from common.errors import StationError
from common.sentence import Sentence
from common.sealing.tables import SEALING_TABLE, SealedTable
from common.sqlite_erasing import empty_log, rewrite
from common.sqlite_file import BUSY_S, Format, damaged, explained, open_database, transaction
from gallery.identity import Match

_IMPOSTOR = SealedTable(
    "impostor", ("id", "identity_id"), ("at", "similarity", "threshold", "model_id")
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
            *SEALING_TABLE,
            """CREATE TABLE sealed_impostor (
                id INTEGER PRIMARY KEY,
                identity_id TEXT NOT NULL,
                sealed BLOB NOT NULL         -- at, similarity, threshold, model_id
            )""",
            _IMPOSTOR.copying("impostor"),
            "DROP TABLE impostor",
            "CREATE INDEX impostor_of ON sealed_impostor (identity_id)",
        ),
    ),
    StationError,
    (_IMPOSTOR,),
)

ABOVE = 0.01
"""A face needs a similarity higher by this much than the impostor's, in cosine."""

KEPT = 20
"""How many examples of one identity are kept: the newest ones."""


@dataclass(frozen=True, eq=False)
class Impostor:
    """A comparison that gave this identity to a face whose owner said that it is somebody else.

    Nothing of the face itself is kept: nobody knows whose it is, so nobody could ask for its
    erasure.

    similarity, threshold: cosine, of the decision. model_id: of the embedder. at: aware datetime.
    """

    identity_id: str
    similarity: float
    threshold: float
    model_id: str
    at: datetime


class Impostors:
    """The file of impostor examples, which only its owner may read; what is erased leaves no byte
    in it.

    One thread at a time uses it. Every method that reads or changes the file raises
    StationError where file or disk are at fault.

    model_id: of the embedder in use. clock: returns the time now as an aware datetime.
    raised_at_most: that embedder's figure, in cosine; without it required_similarity() has no
    upper bound, which nobody needs who only erases.
    """

    def __init__(
        self,
        path: Path,
        model_id: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        raised_at_most: float = inf,
    ) -> None:
        self._path = path
        self._model_id = model_id
        self._clock = clock
        self._raised_at_most = raised_at_most
        self._db = open_database(path, BUSY_S, IMPOSTORS_FILE)
        try:
            self._read_highest()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        self._db.close()

    def add(self, match: Match) -> None:
        """Adds an example: somebody was taken for `match` just now, and is not this person."""
        with explained(self._path, IMPOSTORS_FILE), transaction(self._db):
            self._db.execute(
                "INSERT INTO impostor (identity_id, at, similarity, threshold, model_id)"
                " VALUES (?, ?, ?, ?, ?)",
                (
                    match.identity.id,
                    self._clock().isoformat(),
                    float(match.similarity),
                    float(match.threshold),
                    self._model_id,
                ),
            )
            self._db.execute(  # of the same person: `forget` erases all traces of it
                "DELETE FROM impostor WHERE identity_id = ?1 AND id NOT IN (SELECT id FROM"
                " impostor WHERE identity_id = ?1 ORDER BY id DESC LIMIT ?2)",
                (match.identity.id, KEPT),
            )
        self._read_highest()

    def examples(self, identity_id: str) -> list[Impostor]:
        """Returns the examples of an identity, the oldest first."""
        with explained(self._path, IMPOSTORS_FILE):
            rows = self._db.execute(
                "SELECT identity_id, similarity, threshold, model_id, at FROM impostor"
                " WHERE identity_id = ? ORDER BY id",
                (identity_id,),
            ).fetchall()
        try:
            return [Impostor(i, s, t, m, datetime.fromisoformat(at)) for i, s, t, m, at in rows]
        except ValueError as error:
            raise damaged(
                self._path, Sentence("an example cannot be read"), IMPOSTORS_FILE
            ) from error

    def forget(self, identity_id: str) -> int:
        """Erases the examples of a person. Returns how many there were."""
        with explained(self._path, IMPOSTORS_FILE), transaction(self._db):
            ((count,),) = self._db.execute(
                "SELECT count(*) FROM impostor WHERE identity_id = ?", (identity_id,)
            )
            rewrite(self._db, _IMPOSTOR.physical, "identity_id <> ?", (identity_id,))
        empty_log(self._db, self._path, IMPOSTORS_FILE)
        self._read_highest()
        return int(count)

    def required_similarity(self, identity_id: str, threshold: float) -> float:
        """Returns the similarity that a face needs to be given this identity, once others were
        given it.

        It is more than any of the others had, but never more than `raised_at_most` above
        `threshold`: the person themselves, or a joker, may have touched "not me" at a similarity
        that only this person reaches, and that must keep nobody out. Similarities of other models
        are left out.
        Reads no file.
        """
        highest = self._highest.get(identity_id)
        if highest is None:
            return threshold
        return min(max(threshold, highest + ABOVE), threshold + self._raised_at_most)

    def _read_highest(self) -> None:
        with explained(self._path, IMPOSTORS_FILE):
            rows = self._db.execute(
                "SELECT identity_id, max(similarity) FROM impostor WHERE model_id = ?"
                " GROUP BY identity_id",
                (self._model_id,),
            ).fetchall()
        self._highest: dict[str, float] = dict(rows)
