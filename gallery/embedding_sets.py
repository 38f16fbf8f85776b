"""The embeddings in the gallery's file: a set for each model that it has, one of which is in use.

A gallery is embedded again by making another set beside the one in use, a few templates at a time,
and by one short transaction that puts it in use once it is complete. Whoever is killed before that
has changed nothing; the set is gone on with the next time. The set that was in use before is kept,
so that a return is the same short transaction: only those who were enrolled meanwhile have to be
embedded for it.

Names, removals and merges are no part of a set: they hold for all. What is erased is blanked in
every set. Each set is a table of its own, to which rows are only added at the end, in the order
of the templates' ids (see common.sqlite_erasing). A template of which a model can make nothing has
an embedding of zeros, of full length, so that no row grows when it is made after all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.errors import GalleryError
from common.picture import RgbImage
from common.sealing.tables import SealedTable, add_views
from common.sentence import Sentence
from common.sqlite_file import explained, transaction
from gallery.crops import from_jpeg, from_png
from gallery.history.log import VersionLog
from gallery.identity import FaceView
from gallery.schema import EMBEDDING, EMBEDDING_COLUMNS, GALLERY
from gallery.search.unit_rows import unit_rows

_ACTIVE, _FORMER, _BEGUN = "active", "former", "begun"


@dataclass(frozen=True, slots=True)
class EmbeddingSet:
    """One model's embeddings, in a table of their own, whose name never comes from outside.

    state: whether it is in use, was in use before, or is being made.
    """

    number: int
    model_id: str
    dimension: int
    state: str

    @property
    def table(self) -> str:
        return self.sealed.name

    @property
    def sealed(self) -> SealedTable:
        return EMBEDDING.numbered(self.number)

    @property
    def zero_vector(self) -> str:
        """SQL of the embedding of a template of which the model can make nothing."""
        return f"zeroblob({4 * self.dimension})"


@dataclass(frozen=True, eq=False)
class StoredPicture:
    """What is kept of a template's picture: what another model's embedding can be made of.

    crop: (h, w, 3) uint8 RGB, as the model crop_model_id wants it; of no size where an
        embedding came without a picture, and None where it cannot be read.
    view: None for templates of a time when none was kept, and where it cannot be read.
    name: whose it is; empty for the removed, who may still be brought back.
    """

    template_id: int
    identity_id: str
    name: str
    crop: RgbImage | None
    crop_model_id: str
    view: FaceView | None


@dataclass(frozen=True, slots=True)
class Activation:
    """What came of putting a set in use.

    missing: the number of templates that it has to get first; it was not put in use where there are
    any. without: names of the people, by id, who have no embedding in the set; it was not put in
    use where that was not allowed.
    """

    is_active: bool
    missing: int
    without: dict[str, str]


class EmbeddingSets:
    """Raises GalleryError where file, disk or another program is at fault.

    db: the connection to the gallery, at `path`. log: its versions.
    """

    def __init__(self, db: sqlite3.Connection, path: Path, log: VersionLog) -> None:
        self._db = db
        self._path = path
        self._log = log

    # -- which there are -------------------------------------------------------------------

    @property
    def active(self) -> EmbeddingSet | None:
        """The set in use; None where no model was adopted yet."""
        return next(iter(self._where("state = ?", _ACTIVE)), None)

    @property
    def former(self) -> EmbeddingSet | None:
        """The set that was in use before; None where there was none."""
        return next(iter(self._where("state = ?", _FORMER)), None)

    def of(self, model_id: str) -> EmbeddingSet | None:
        return next(iter(self._where("model_id = ?", model_id)), None)

    def _where(self, condition: str, *values: object) -> list[EmbeddingSet]:
        rows = self._rows(
            f"SELECT number, model_id, dimension, state FROM embedding_set WHERE {condition}"
            " ORDER BY number",
            *values,
        )
        sets = [EmbeddingSet(*row) for row in rows]
        with explained(self._path, GALLERY):
            add_views(self._db, [one.sealed for one in sets])  # another program may have begun one
        return sets

    # -- making one ------------------------------------------------------------------------

    def adopt(self, model_id: str, dimension: int) -> None:
        """Put a set of this model in use, the only one: nobody is enrolled in the gallery.

        Call it in a transaction.
        """
        for other in self._where("TRUE"):
            self._drop(other)
        adopted = self._add(model_id, dimension, _ACTIVE)
        # The first one is there from the beginning.
        self._db.execute(
            f"CREATE TABLE IF NOT EXISTS {adopted.sealed.physical} {EMBEDDING_COLUMNS}"
        )
        add_views(self._db, [adopted.sealed])

    def begin(self, model_id: str, dimension: int) -> EmbeddingSet:
        """Return the model's set, made where there is none; another unfinished one is dropped."""
        with explained(self._path, GALLERY), transaction(self._db):
            found = self.of(model_id)
            if found is not None and found.dimension == dimension:
                return found
            if found is not None:
                raise ValueError(f"{model_id} has {found.dimension} numbers, not {dimension}")
            for unfinished in self._where("state = ?", _BEGUN):
                self._drop(unfinished)
            begun = self._add(model_id, dimension, _BEGUN)
            self._db.execute(f"CREATE TABLE {begun.sealed.physical} {EMBEDDING_COLUMNS}")
            add_views(self._db, [begun.sealed])
            return begun

    def count_without(self, of: EmbeddingSet) -> int:
        """Return how many templates have no embedding in the set."""
        ((count,),) = self._rows_without(of, "SELECT count(*)", "")
        return int(count)

    def pictures_without(self, of: EmbeddingSet, after: int, limit: int) -> list[StoredPicture]:
        """Return pictures of templates that have no embedding in the set, by their ids.

        Those of the removed, who may be brought back, are among them. after: the template's id
        before the first; ids are above 0. limit: the most to return.
        """
        rows = self._rows_without(
            of,
            "SELECT t.id, i.id, CASE WHEN EXISTS (SELECT 1 FROM erasure WHERE identity_id = i.id)"
            " THEN '' ELSE i.name END, t.model_id, c.png, v.jpeg, v.face",
            "AND t.id > ? ORDER BY t.id LIMIT ?",
            after,
            limit,
        )
        return [
            StoredPicture(template_id, who, name, _read(png), model_id, _view(jpeg, face))
            for template_id, who, name, model_id, png, jpeg, face in rows
        ]

    def put(self, of: EmbeddingSet, made: Sequence[tuple[int, NDArray[np.float32] | None]]) -> None:
        """Add embeddings to a set: of templates, by their ids, in ascending order.

        made: (dimension,) float32, unit length; None where the model can make nothing of the
        picture. What was erased meanwhile is passed over, and so is what another program has added.
        Raises GalleryError where another program has begun another set in this one's place.
        """
        with explained(self._path, GALLERY), transaction(self._db):
            self._require(of)
            for template_id, embedding in made:
                self._db.execute(
                    f"INSERT OR IGNORE INTO {of.table} SELECT id, {of.zero_vector} FROM template"
                    " WHERE id = ? AND identity_number NOT NULL",
                    (template_id,),
                )
                if embedding is not None:
                    (row,) = unit_rows([embedding], of.dimension)
                    self._db.execute(
                        f"UPDATE {of.table} SET vector = ? WHERE template_id = ?"
                        f" AND vector = {of.zero_vector}",
                        (blob(row), template_id),
                    )

    def activate(self, of: EmbeddingSet, *, anyway: bool = False) -> Activation:
        """Put a complete set in use; the one that was in use is kept, and all others are dropped.

        anyway: also where it has no embedding of some people, who then are not recognized.
        """
        with explained(self._path, GALLERY):
            with transaction(self._db):
                self._require(of)
                ((missing,),) = self._db.execute(
                    f"SELECT count(*) FROM template WHERE identity_number NOT NULL"
                    f" AND id NOT IN (SELECT template_id FROM {of.table})"
                ).fetchall()
                without = self._people_without(of)
                if missing or (without and not anyway):
                    return Activation(False, int(missing), without)
                if self._where("number = ?", of.number)[0].state != _ACTIVE:
                    former = self.active
                    self._log.begin()
                    self._log.note_model(former.model_id if former else "", of.model_id)
                    self._db.execute(
                        "UPDATE embedding_set SET state = CASE WHEN number = ? THEN ?"
                        " WHEN state = ? THEN ? ELSE ? END",
                        (of.number, _ACTIVE, _ACTIVE, _FORMER, _BEGUN),
                    )
                    self._log.write()
            with transaction(self._db):
                for unused in self._where("state = ?", _BEGUN):
                    self._drop(unused)
        return Activation(True, 0, without)

    # -- erasing ---------------------------------------------------------------------------

    def blank(self, identity_number: int) -> None:
        """Blank an identity's embeddings in every set; call it in the erasure's transaction."""
        for one in self._where("TRUE"):
            self._db.execute(
                f"UPDATE {one.table} SET vector = x'' WHERE template_id IN"
                " (SELECT id FROM template WHERE identity_number = ?)",
                (identity_number,),
            )

    # -- within ----------------------------------------------------------------------------

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with explained(self._path, GALLERY):
            return self._db.execute(sql, values).fetchall()

    def _add(self, model_id: str, dimension: int, state: str) -> EmbeddingSet:
        added = self._db.execute(
            "INSERT INTO embedding_set (model_id, dimension, state) VALUES (?, ?, ?)",
            (model_id, dimension, state),
        )
        return EmbeddingSet(int(added.lastrowid or 0), model_id, dimension, state)

    def _drop(self, one: EmbeddingSet) -> None:
        self._db.execute(f"DROP VIEW temp.{one.table}")
        self._db.execute(f"DROP TABLE {one.sealed.physical}")
        self._db.execute("DELETE FROM embedding_set WHERE number = ?", (one.number,))

    def _require(self, of: EmbeddingSet) -> None:
        if not self._where("number = ? AND model_id = ?", of.number, of.model_id):
            raise GalleryError(
                Sentence("to go on embedding the gallery for the model {}", of.model_id),
                "another program has begun to embed it for another model",
                "Let one of them finish; the gallery is as it was",
            )

    def _rows_without(
        self, of: EmbeddingSet, what: str, which: str, *values: object
    ) -> list[tuple[Any, ...]]:
        """Select from the templates that have no embedding in the set, with their pictures."""
        try:
            return self._rows(
                f"{what} FROM template AS t JOIN identity AS i ON i.number = t.identity_number"
                " AND t.is_genuine LEFT JOIN crop AS c ON c.template_id = t.id"
                " LEFT JOIN view AS v ON v.template_id = t.id"
                f" LEFT JOIN {of.table} AS e ON e.template_id = t.id"
                f" WHERE (e.template_id IS NULL OR e.vector = {of.zero_vector}) {which}",
                *values,
            )
        except sqlite3.OperationalError:
            self._require(of)  # another program may have dropped the table
            raise

    def _people_without(self, of: EmbeddingSet) -> dict[str, str]:
        rows = self._rows(
            "SELECT i.id, i.name FROM identity AS i JOIN template AS t"
            " ON t.identity_number = i.number AND t.is_genuine"
            f" LEFT JOIN {of.table} AS e ON e.template_id = t.id"
            " WHERE NOT EXISTS (SELECT 1 FROM erasure WHERE identity_id = i.id)"
            f" GROUP BY i.number HAVING max(coalesce(e.vector <> {of.zero_vector}, 0)) = 0"
            " ORDER BY i.number"
        )
        return {str(who): str(name) for who, name in rows}


def blob(embedding: NDArray[np.float32]) -> bytes:
    """Return an embedding as the file has it."""
    return embedding.astype("<f4").tobytes()


def _read(png: bytes | None) -> RgbImage | None:
    if not png:
        return np.empty((0, 0, 3), np.uint8)
    try:
        return from_png(png)
    except ValueError:
        return None


def _view(jpeg: bytes | None, face: bytes | None) -> FaceView | None:
    if not jpeg or not face:
        return None
    try:
        return FaceView.from_numbers(from_jpeg(jpeg), np.frombuffer(face, "<f4"))
    except ValueError:
        return None
