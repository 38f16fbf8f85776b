"""Looks through a gallery's file in depth: everything that is in it, and whether it fits together.

What is looked at at each opening is less: see common.sqlite_file.open_database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from common.errors import GalleryError
from common.sealing.tables import tables_in
from common.sentence import Sentence
from common.sqlite_file import BUSY_S, explained, open_database
from gallery.crops import from_jpeg, from_png
from gallery.embedding_sets import EmbeddingSet
from gallery.identity import FaceView
from gallery.schema import GALLERY
from gallery.search.unit_rows import unit_rows

MOST_TOLD = 20
"""So many things that are wrong are told; of the others how many there are."""


@dataclass(frozen=True)
class GalleryCheck:
    """What was looked at, and what is wrong, in sentences; empty where all is well.

    people: without those whose removal is pending. templates: that are not erased. records: sealed
    ones, each opened. crops, views: sound ones, the blank ones of the erased too. embeddings: of
    all sets.
    """

    people: int
    templates: int
    records: int
    crops: int
    views: int
    embeddings: int
    wrong: tuple[Sentence, ...]


def check_gallery(path: Path, told: Callable[[int], None] = lambda _: None) -> GalleryCheck:
    """Look at everything in the gallery at `path`, while nobody changes it.

    told: is told now and then how many templates were looked at. Raises GalleryError where the file
    cannot be opened at all.
    """
    with (
        explained(path, GALLERY),
        closing(open_database(path, BUSY_S, GALLERY)) as db,
    ):
        db.execute("BEGIN")
        return _Checking(db, path, told).done()


class _Checking:
    def __init__(self, db: sqlite3.Connection, path: Path, told: Callable[[int], None]) -> None:
        self._db = db
        self._path = path
        self._told = told
        self._wrong: list[Sentence] = []

    def done(self) -> GalleryCheck:
        for (verdict,) in self._db.execute("PRAGMA main.integrity_check(5)").fetchall():
            if verdict != "ok":
                self._wrong.append(Sentence("The file's pages: {}", " ".join(verdict.split())))
        records = self._opened_records()
        if not self._wrong:  # else it is not known where the rows belong to
            self._look_for_orphans()
            crops, views = self._decoded_pictures()
            sets = self._db.execute(
                "SELECT number, model_id, dimension, state FROM main.embedding_set"
            ).fetchall()
            embeddings = sum(self._looked_at(EmbeddingSet(*one)) for one in sets)
        else:
            crops = views = embeddings = 0
        return GalleryCheck(
            self._count("sealed_identity WHERE id NOT IN (SELECT identity_id FROM erasure)"),
            self._count("sealed_template WHERE identity_number NOT NULL"),
            records,
            crops,
            views,
            embeddings,
            tuple(self._wrong),
        )

    def _count(self, what: str) -> int:
        ((count,),) = self._db.execute(f"SELECT count(*) FROM main.{what}")
        return int(count)

    def _opened_records(self) -> int:
        opened = 0
        for table in list(tables_in(self._db, GALLERY.sealed)):
            key = table.bound[0]
            rows = self._db.execute(f"SELECT {key} FROM main.{table.physical}").fetchall()
            for (number,) in rows:
                try:
                    with explained(self._path, GALLERY):
                        self._db.execute(
                            f"SELECT 1 FROM main.{table.physical} WHERE {key} = ?"
                            f" AND {table.is_genuine}",
                            (number,),
                        ).fetchone()
                    opened += 1
                except GalleryError:
                    self._wrong.append(
                        Sentence("The record {} of {} cannot be opened", number, table.name)
                    )
        return opened

    def _look_for_orphans(self) -> None:
        alive = "SELECT number FROM main.sealed_identity"
        for what, sql in (
            (
                Sentence("a template is of nobody"),
                "SELECT id FROM main.sealed_template WHERE identity_number NOT NULL"
                f" AND identity_number NOT IN ({alive})",
            ),
            (
                Sentence("a crop is of no template"),
                "SELECT template_id FROM main.sealed_crop WHERE template_id NOT IN"
                " (SELECT id FROM main.sealed_template)",
            ),
            (
                Sentence("a view is of no template"),
                "SELECT template_id FROM main.sealed_view WHERE template_id NOT IN"
                " (SELECT id FROM main.sealed_template)",
            ),
            (
                Sentence("a template has no crop"),
                "SELECT id FROM main.sealed_template WHERE id NOT IN"
                " (SELECT template_id FROM main.sealed_crop)",
            ),
            (
                Sentence("somebody has no template"),
                "SELECT number FROM main.sealed_identity WHERE id NOT IN"
                " (SELECT identity_id FROM erasure) AND number NOT IN (SELECT identity_number FROM"
                " main.sealed_template WHERE identity_number NOT NULL)",
            ),
        ):
            for (number,) in self._db.execute(sql).fetchall():
                self._wrong.append(Sentence("{}: number {}", what, number))

    def _decoded_pictures(self) -> tuple[int, int]:
        crops = views = 0
        rows = self._db.execute("SELECT id FROM main.sealed_template ORDER BY id").fetchall()
        for n, (template_id,) in enumerate(rows):
            if n % 1000 == 0:
                self._told(n)
            for (png,) in self._db.execute(
                "SELECT png FROM crop WHERE template_id = ?", (template_id,)
            ):
                crops += self._is_sound("crop", template_id, partial(_decoded_crop, png))
            for jpeg, face in self._db.execute(
                "SELECT jpeg, face FROM view WHERE template_id = ?", (template_id,)
            ):
                views += self._is_sound("view", template_id, partial(_decoded_view, jpeg, face))
        return crops, views

    def _is_sound(self, what: str, template_id: int, decode: Callable[[], object]) -> bool:
        try:
            decode()
        except ValueError:
            self._wrong.append(Sentence("The {} {} is no picture", what, template_id))
            return False
        return True

    def _looked_at(self, one: EmbeddingSet) -> int:
        """Look at the embeddings of a set; return how many there are."""
        found = 0
        for template_id, vector, is_alive in self._rows_of(one):
            if vector is None:
                if is_alive and one.state == "active":
                    self._wrong.append(
                        Sentence("Template {} has no embedding of {}", template_id, one.model_id)
                    )
                continue
            is_sound = is_alive is not None and bool(vector) == bool(is_alive)
            if not (is_sound and _is_unit(vector, one)):
                self._wrong.append(
                    Sentence("The embedding {} of {} is none", template_id, one.model_id)
                )
            found += 1
        return found

    def _rows_of(self, one: EmbeddingSet) -> Iterator[tuple[int, bytes | None, int | None]]:
        yield from self._db.execute(
            "SELECT t.id, e.vector, t.identity_number NOT NULL FROM main.sealed_template AS t"
            f" LEFT JOIN {one.table} AS e ON e.template_id = t.id"
        )
        yield from self._db.execute(
            f"SELECT template_id, vector, NULL FROM {one.table}"
            " WHERE template_id NOT IN (SELECT id FROM main.sealed_template)"
        )


def _decoded_crop(png: bytes) -> None:
    if png:  # empty where it was erased, or came without one
        from_png(png)


def _decoded_view(jpeg: bytes, face: bytes) -> None:
    if jpeg:
        FaceView.from_numbers(from_jpeg(jpeg), np.frombuffer(face, "<f4"), jpeg)


def _is_unit(vector: bytes, of: EmbeddingSet) -> bool:
    """Whether these are the bytes of a vector of unit length, of zeros, or of an erased one."""
    if vector in (b"", bytes(4 * of.dimension)):
        return True
    try:
        unit_rows([np.frombuffer(vector, "<f4")], of.dimension)
    except ValueError:
        return False
    return True
