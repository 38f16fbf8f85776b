"""The similarities that strangers at the station had to whoever they resembled most.

Of each visit one number is kept, and how many people there were to resemble: no face, no embedding,
no time, and nobody's id.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from common.sqlite_erasing import empty_log
from common.sqlite_file import BUSY_S, explained, open_database, transaction
from gallery.likeness.impostors import IMPOSTORS_FILE

KEPT = 5000
"""The newest visits; further back it was another camera, another light."""

_DIGITS = 3


@dataclass(frozen=True)
class StrangerScore:
    """One visit of a stranger: the similarity (cosine) to the most similar of so many people."""

    similarity: float
    people: int


class StrangerScores:
    """The scores of one model, in a file. Its methods raise GalleryError where file or disk are at
    fault.

    path: see IMPOSTORS_FILE; it is made when it is first written.
    """

    def __init__(self, path: Path, model_id: str) -> None:
        self._path = path
        self._model_id = model_id

    def all(self) -> list[StrangerScore]:
        """Return all scores, the oldest first."""
        if not self._path.exists():
            return []
        with (
            explained(self._path, IMPOSTORS_FILE),
            closing(open_database(self._path, BUSY_S, IMPOSTORS_FILE)) as db,
        ):
            rows = db.execute(
                "SELECT similarity, people FROM stranger WHERE model_id = ? ORDER BY id",
                (self._model_id,),
            ).fetchall()
        return [StrangerScore(float(similarity), int(people)) for similarity, people in rows]

    def add(self, scores: Sequence[StrangerScore]) -> None:
        """Keep further scores; beyond KEPT the oldest go."""
        rows = [(round(one.similarity, _DIGITS), one.people, self._model_id) for one in scores]
        with (
            explained(self._path, IMPOSTORS_FILE),
            closing(open_database(self._path, BUSY_S, IMPOSTORS_FILE)) as db,
            transaction(db),
        ):
            db.executemany(
                "INSERT INTO stranger (similarity, people, model_id) VALUES (?, ?, ?)", rows
            )
            db.execute(
                "DELETE FROM stranger WHERE id <= (SELECT max(id) FROM stranger) - ?", (KEPT,)
            )

    def forget(self) -> int:
        """Erase the scores of every model; return how many there were."""
        if not self._path.exists():
            return 0
        with (
            explained(self._path, IMPOSTORS_FILE),
            closing(open_database(self._path, BUSY_S, IMPOSTORS_FILE)) as db,
        ):
            with transaction(db):
                ((count,),) = db.execute("SELECT count(*) FROM stranger")
                db.execute("DELETE FROM stranger")
            empty_log(db, self._path, IMPOSTORS_FILE)
        return int(count)
