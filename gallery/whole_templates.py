"""Writes templates with all that is stored of them, and reads them for a copy."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from gallery.crops import NO_CROP, from_jpeg, from_png, to_jpeg, to_png
from gallery.embedding_sets import EmbeddingSet, blob
from gallery.identity import FaceView, Template
from gallery.search.unit_rows import unit_rows


def whole_templates(
    db: sqlite3.Connection, embeddings: EmbeddingSet, identity_id: str
) -> list[Template]:
    """Return an identity's templates, oldest first, with their embeddings of the set.

    Raises ValueError where something of one cannot be read, and what SQLite raises.
    """
    rows = db.execute(
        "SELECT e.vector, c.png, t.quality, t.model_id,"
        " v.jpeg, v.face, t.added_at, t.is_portrait FROM template AS t"
        " LEFT JOIN crop AS c ON c.template_id = t.id"
        f" LEFT JOIN {embeddings.table} AS e ON e.template_id = t.id"
        " LEFT JOIN view AS v ON v.template_id = t.id"
        " WHERE t.is_genuine"
        " AND t.identity_number = (SELECT number FROM identity WHERE id = ?) ORDER BY t.id",
        (identity_id,),
    )
    return [_template(embeddings, *row) for row in rows]


def write_templates(
    db: sqlite3.Connection,
    embeddings: EmbeddingSet,
    identity_number: int,
    templates: Sequence[Template],
    *,
    is_copy: bool,
) -> None:
    """Add templates to an identity, with embeddings of the set's model.

    is_copy: whether these may be zeros, as whole_templates() returns them. Raises ValueError where
    one is of another dimension or of no length, and what SQLite raises.
    """
    is_nothing = [is_copy and not template.embedding.any() for template in templates]
    made = [t.embedding for t, nothing in zip(templates, is_nothing, strict=True) if not nothing]
    checked = iter(unit_rows(made or np.empty((0, embeddings.dimension)), embeddings.dimension))
    zeros = np.zeros(embeddings.dimension, np.float32)
    for template, nothing in zip(templates, is_nothing, strict=True):
        made_for = template.crop_model_id or template.model_id
        added_at = template.added_at or (None if is_copy else datetime.now(UTC))
        ((template_id,),) = db.execute("SELECT coalesce(max(id), 0) + 1 FROM template")
        db.execute(
            "INSERT INTO template (id, identity_number, enrolled_as, quality, model_id, added_at,"
            " is_portrait) VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6)",
            (
                template_id,
                identity_number,
                float(template.quality),
                made_for,
                added_at.isoformat() if added_at is not None else None,
                template.is_portrait,
            ),
        )
        vector = blob(zeros if nothing else next(checked))
        db.execute(f"INSERT INTO {embeddings.table} VALUES (?, ?)", (template_id, vector))
        db.execute("INSERT INTO crop VALUES (?, ?)", (template_id, to_png(template.crop)))
        if (view := template.view) is not None:
            jpeg = view.jpeg or to_jpeg(view.picture)
            db.execute("INSERT INTO view VALUES (?, ?, ?)", (template_id, jpeg, blob(view.numbers)))


def _template(
    of: EmbeddingSet,
    vector: bytes | None,
    png: bytes | None,
    quality: float,
    made_for: str,
    jpeg: bytes | None,
    face: bytes | None,
    added_at: str | None,
    is_portrait: int,
) -> Template:
    if vector is None or png is None:
        raise ValueError("the template's embedding or crop is missing")
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
        datetime.fromisoformat(added_at) if added_at else None,
        bool(is_portrait),
    )
