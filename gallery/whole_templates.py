"""Reads templates with all that is stored of them, for a copy."""

from __future__ import annotations

import sqlite3

import numpy as np

from gallery.crops import NO_CROP, from_jpeg, from_png
from gallery.embedding_sets import EmbeddingSet
from gallery.identity import FaceView, Template
from gallery.search.unit_rows import unit_rows


def whole_templates(
    db: sqlite3.Connection, embeddings: EmbeddingSet, identity_id: str
) -> list[Template]:
    """Return an identity's templates, oldest first, with their embeddings of the set.

    Raises ValueError where something of one cannot be read, and what SQLite raises.
    """
    rows = db.execute(
        f"SELECT coalesce(e.vector, {embeddings.nothing}), c.png, t.quality, t.model_id,"
        " v.jpeg, v.face FROM template AS t"
        " JOIN crop AS c ON c.template_id = t.id"
        f" LEFT JOIN {embeddings.table} AS e ON e.template_id = t.id"
        " LEFT JOIN view AS v ON v.template_id = t.id"
        " WHERE t.identity_number = (SELECT number FROM identity WHERE id = ?) ORDER BY t.id",
        (identity_id,),
    )
    return [_template(embeddings, *row) for row in rows]


def _template(
    of: EmbeddingSet,
    vector: bytes,
    png: bytes,
    quality: float,
    made_for: str,
    jpeg: bytes | None,
    face: bytes | None,
) -> Template:
    embedding = np.frombuffer(vector, "<f4")
    if embedding.any():
        (embedding,) = unit_rows([embedding], of.dimension)
    view = None
    if jpeg and face:
        view = FaceView.from_numbers(from_jpeg(jpeg), np.frombuffer(face, "<f4"), jpeg)
    return Template(
        embedding,
        from_png(png) if png else NO_CROP,
        quality,
        of.model_id,
        made_for if made_for != of.model_id else "",
        view,
    )
