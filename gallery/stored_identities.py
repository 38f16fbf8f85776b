"""Reads identities with their embeddings: what is searched of a gallery's file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from gallery.embedding_sets import EmbeddingSet
from gallery.identity import Identity
from gallery.search.unit_rows import unit_rows


@dataclass(frozen=True, eq=False)
class StoredIdentity:
    """An identity with the (n, d) float32 embeddings of its templates, oldest first.

    template_count: of how many templates; the model can make nothing of the others' pictures.
    """

    identity: Identity
    embeddings: NDArray[np.float32]
    template_count: int


def stored_identities(
    db: sqlite3.Connection, embeddings: EmbeddingSet, where: str, values: tuple[object, ...]
) -> Iterator[StoredIdentity]:
    """Yield identities with their embeddings of the set, each read when asked for.

    where: a condition on identity AS i and template AS t, and an order that keeps the templates of
    each identity together; values: its parameters. Raises ValueError where an embedding or a time
    cannot be read, and what SQLite raises.
    """
    rows = db.execute(
        f"SELECT i.number, CASE WHEN e.vector = {embeddings.zero_vector} THEN '' ELSE e.vector END"
        " FROM identity AS i JOIN template AS t ON t.identity_number = i.number AND t.is_genuine"
        f" LEFT JOIN {embeddings.table} AS e ON e.template_id = t.id {where}",
        values,
    )
    for number, group in groupby(rows, key=itemgetter(0)):
        vectors = [vector for _, vector in group]
        if None in vectors:  # each template of the set in use has one, be it of zeros
            raise ValueError("an embedding is missing")
        # Apart, so that they are opened once, and not for each template.
        (who,) = db.execute(
            "SELECT id, name, enrolled_at, note FROM identity WHERE number = ?", (number,)
        ).fetchall()
        made = [np.frombuffer(vector, "<f4") for vector in vectors if vector != ""]
        unit = unit_rows(made or np.empty((0, embeddings.dimension)), embeddings.dimension)
        yield StoredIdentity(identity_of(*who), unit, len(vectors))


def identity_of(identity_id: str, name: str, enrolled_at: str, note: str) -> Identity:
    """Return an identity of its row. Raises ValueError for a time that is none."""
    return Identity(identity_id, name, datetime.fromisoformat(enrolled_at), note)
