"""Whom the station took for somebody else: the comparisons that ended in "not me"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facedesk_errors import StationError
from gallery.database import BUSY_S, Format, damaged, erase, explained, open_database, transaction
from gallery.identity import Match

IMPOSTORS_FILE = Format(
    "file of impostors",
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
    ),
    StationError,
)

RAISED_AT_MOST = 0.1
"""Above the threshold, in cosine. With SFace, 83 % of single looks at the right person then pass
in a gallery of 12 people (96 % without it), and 66 % (89 %) at a gallery of 1,000's threshold:
228 probes of `facedesk evaluate`'s pictures. At a station a person is looked at many times."""

ABOVE = 0.01
"""So much more than the impostor's similarity is needed."""

KEPT = 20
"""Examples of one identity; the newest."""


@dataclass(frozen=True, eq=False)
class Impostor:
    """A face that was given this identity, and said that it is somebody else.

    similarity, threshold: cosine, of the decision. embedding: (d,) float32, unit length, of the
    face. model_id: of the embedder. at: aware datetime.
    """

    identity_id: str
    similarity: float
    threshold: float
    embedding: NDArray[np.float32]
    model_id: str
    at: datetime


class Impostors:
    """Private to the account, like the gallery; what is erased leaves no byte in the file.

    One thread at a time uses it. Every method that reads or changes the file raises
    StationError where file or disk are at fault.

    model_id: of the embedder in use. clock: aware datetime.
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
        try:
            self._read_highest()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        self._db.close()

    def add(self, match: Match, embedding: NDArray[np.float32]) -> None:
        """Somebody was taken for `match` just now, and is not this person; as in Impostor."""
        with explained(self._path, IMPOSTORS_FILE), transaction(self._db):
            self._db.execute(
                "INSERT INTO impostor (identity_id, at, similarity, threshold, model_id, embedding)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    match.identity.id,
                    self._clock().isoformat(),
                    float(match.similarity),
                    float(match.threshold),
                    self._model_id,
                    embedding.astype("<f4").tobytes(),
                ),
            )
            self._db.execute(
                "DELETE FROM impostor WHERE identity_id = ?1 AND id NOT IN (SELECT id FROM"
                " impostor WHERE identity_id = ?1 ORDER BY id DESC LIMIT ?2)",
                (match.identity.id, KEPT),
            )
        self._read_highest()

    def examples(self, identity_id: str) -> list[Impostor]:
        """The oldest first."""
        with explained(self._path, IMPOSTORS_FILE):
            rows = self._db.execute(
                "SELECT identity_id, similarity, threshold, embedding, model_id, at FROM impostor"
                " WHERE identity_id = ? ORDER BY id",
                (identity_id,),
            ).fetchall()
        try:
            return [
                Impostor(i, s, t, np.frombuffer(e, "<f4"), m, datetime.fromisoformat(at))
                for i, s, t, e, m, at in rows
            ]
        except ValueError as error:
            raise damaged(self._path, "an example cannot be read", IMPOSTORS_FILE) from error

    def forget(self, identity_id: str) -> int:
        """Erase the examples of a person; how many they were."""
        return self._erase("DELETE FROM impostor WHERE identity_id = ?", (identity_id,))

    def required_similarity(self, identity_id: str, threshold: float) -> float:
        """What a face needs to be given this identity, once others were given it.

        More than any of them had. But not more than RAISED_AT_MOST above `threshold`: the
        person themselves may have touched "not me", or a joker, at a similarity that only they
        reach, and nobody must be kept out by that. Similarities of other models say nothing.
        Reads no file.
        """
        highest = self._highest.get(identity_id)
        if highest is None:
            return threshold
        return min(max(threshold, highest + ABOVE), threshold + RAISED_AT_MOST)

    def _erase(self, delete: str, values: tuple[str, ...]) -> int:
        count = erase(self._db, self._path, delete, values, IMPOSTORS_FILE)
        self._read_highest()
        return count

    def _read_highest(self) -> None:
        with explained(self._path, IMPOSTORS_FILE):
            rows = self._db.execute(
                "SELECT identity_id, max(similarity) FROM impostor WHERE model_id = ?"
                " GROUP BY identity_id",
                (self._model_id,),
            ).fetchall()
        self._highest: dict[str, float] = dict(rows)
