"""The durable store: one SQLite file that holds who is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facedesk_errors import GalleryError, UnknownIdentityError
from gallery.crops import Crop, from_png, to_png
from gallery.database import damaged, erase, explained, file_mark, open_database, transaction
from gallery.embeddings import unit_rows
from gallery.identity import Identity, Template

_STORED = """
    SELECT i.id, i.name, i.enrolled_at, i.note, t.embedding
    FROM identity AS i JOIN template AS t ON t.identity_id = i.id"""


@dataclass(frozen=True, eq=False)
class StoredIdentity:
    """An identity with the (n, d) float32 embeddings of its templates, oldest first."""

    identity: Identity
    embeddings: NDArray[np.float32]


class Store:
    """The gallery's file. Each change is one transaction, on the disk when the call returns.

    One thread at a time uses a store; other processes may use the same file meanwhile. Every
    method raises GalleryError where the file, the disk or another program is at fault, and
    where an id is not (or no longer) that of a shown identity; nothing is changed then.

    busy_timeout_s: how long to wait for another program's change to end.
    """

    def __init__(self, path: Path, busy_timeout_s: float = 5.0) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._open()

    def _open(self) -> None:
        self._db = open_database(self._path, self._busy_timeout_s)
        self._mark = file_mark(self._path)

    def close(self) -> None:
        self._db.close()

    # -- reading ---------------------------------------------------------------------------

    def data_version(self) -> tuple[object, int]:
        """Changes when another connection has changed the file, or another file has taken its
        place, which is used from then on."""
        if file_mark(self._path) != self._mark and not self._db.in_transaction:
            self._db.close()
            self._open()
        return self._mark, int(self._rows("PRAGMA data_version")[0][0])

    def model(self) -> tuple[str, int] | None:
        """(model_id, dimension) of the embeddings; None where no model was adopted yet."""
        meta = dict(self._rows("SELECT key, value FROM meta"))
        return (meta["model_id"], int(meta["dimension"])) if "model_id" in meta else None

    def load_all(self) -> Iterator[StoredIdentity]:
        """Every shown identity, in the order of enrollment, read one by one as asked for."""
        return self._stored("WHERE i.removed_at IS NULL ORDER BY i.rowid, t.id")

    def removed(self) -> list[Identity]:
        """Those removed, not yet purged: they can be restored. The last removed comes first."""
        rows = self._rows(
            "SELECT id, name, enrolled_at, note FROM identity"
            " WHERE removed_at IS NOT NULL ORDER BY removed_at DESC, rowid DESC"
        )
        return [_identity(*row) for row in rows]

    def crops(self, identity_id: str) -> list[Crop]:
        """The crops of its templates, oldest first."""
        self._require_shown(identity_id)
        return self._decoded_crops("WHERE identity_id = ? ORDER BY id", identity_id)

    def portrait(self, identity_id: str) -> Crop:
        """The crop of its best template by quality."""
        self._require_shown(identity_id)
        best = "WHERE identity_id = ? ORDER BY quality DESC, id LIMIT 1"
        return self._decoded_crops(best, identity_id)[0]

    # -- changing --------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All that the block changes as one change, or nothing where it raises. Nobody else
        changes the file meanwhile. One within another is part of it."""
        if self._db.in_transaction:
            yield
            return
        with explained(self._path), transaction(self._db):
            yield

    def adopt_model(self, model_id: str, dimension: int) -> None:
        """Make sure that the embeddings are this model's; a gallery without any takes it on.

        Raises GalleryError where there are embeddings of another model.
        """
        if self.model() == (model_id, dimension):
            return
        with self.changing():
            if self._rows("SELECT 1 FROM template LIMIT 1"):
                raise self._other_model(model_id)
            self._set_model(model_id, dimension)

    def add(self, identity: Identity, templates: Sequence[Template]) -> StoredIdentity:
        """A new identity; `templates` as for `add_templates`."""
        with self.changing():
            self._db.execute(
                "INSERT INTO identity (id, name, enrolled_at, note) VALUES (?, ?, ?, ?)",
                (identity.id, identity.name, identity.enrolled_at.isoformat(), identity.note),
            )
            return self._insert_templates(identity.id, templates)

    def add_templates(self, identity_id: str, templates: Sequence[Template]) -> StoredIdentity:
        """Raises ValueError where there is none, or one is not a sound template."""
        with self.changing():
            self._require_shown(identity_id)
            return self._insert_templates(identity_id, templates)

    def rename(self, identity_id: str, name: str) -> StoredIdentity:
        with self.changing():
            self._require_shown(identity_id)
            self._db.execute("UPDATE identity SET name = ? WHERE id = ?", (name, identity_id))
            return self._one(identity_id)

    def merge(self, into_id: str, from_id: str) -> StoredIdentity:
        """One person enrolled twice becomes one: `from_id` ends, its templates and note move."""
        if into_id == from_id:
            raise ValueError("an identity cannot be merged into itself")
        with self.changing():
            notes = [self._require_shown(i).note for i in (into_id, from_id)]
            self._db.execute(
                "UPDATE identity SET note = ? WHERE id = ?",
                ("\n".join(filter(None, notes)), into_id),
            )
            self._db.execute(
                "UPDATE template SET identity_id = ? WHERE identity_id = ?", (into_id, from_id)
            )
            self._db.execute("DELETE FROM identity WHERE id = ?", (from_id,))
            return self._one(into_id)

    def remove(self, identity_id: str) -> None:
        """Hide it at once, from every later `load_all` too; `restore` undoes it."""
        with self.changing():
            self._require_shown(identity_id)
            self._db.execute(
                "UPDATE identity SET removed_at = ? WHERE id = ?",
                (datetime.now(UTC).isoformat(), identity_id),
            )

    def restore(self, identity_id: str) -> StoredIdentity:
        """Show a removed identity again, as it was."""
        with self.changing():
            self._db.execute("UPDATE identity SET removed_at = NULL WHERE id = ?", (identity_id,))
            self._require_shown(identity_id)
            return self._one(identity_id)

    def purge_removed(self) -> int:
        """Erase those removed for good; their number.

        Once this returns, no byte of their names, embeddings and crops is left in the files.
        Raises GalleryError where another program keeps the file from being rewritten; they
        cannot be restored then, and the next call rewrites it.
        """
        removed = "DELETE FROM identity WHERE removed_at IS NOT NULL"
        return erase(self._db, self._path, removed)

    def reembed(
        self,
        model_id: str,
        dimension: int,
        embed: Callable[[list[Crop]], NDArray[np.float32]],
    ) -> None:
        """Make every embedding again from its crop with another model, all or none.

        embed: crops of one identity -> (n, dimension) float32 unit rows. What it raises, for
        crops that its model cannot use among others, passes through.
        """
        with self.changing():
            for (identity_id,) in self._rows("SELECT id FROM identity"):
                of_identity = "WHERE identity_id = ? ORDER BY id"
                ids = self._rows(f"SELECT id FROM template {of_identity}", identity_id)
                crops = self._decoded_crops(of_identity, identity_id)
                embeddings = unit_rows(embed(crops), dimension)
                self._db.executemany(
                    "UPDATE template SET embedding = ?, model_id = ? WHERE id = ?",
                    [(_blob(e), model_id, i) for e, (i,) in zip(embeddings, ids, strict=True)],
                )
            self._set_model(model_id, dimension)

    # -- within ----------------------------------------------------------------------------

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with explained(self._path):
            return self._db.execute(sql, values).fetchall()

    def _stored(self, where: str, *values: object) -> Iterator[StoredIdentity]:
        _, dimension = self.model() or ("", 0)
        with explained(self._path):
            rows = self._db.execute(f"{_STORED} {where}", values)
            for key, group in groupby(rows, key=lambda row: row[:4]):
                try:
                    embeddings = [np.frombuffer(row[4], "<f4") for row in group]
                    yield StoredIdentity(_identity(*key), unit_rows(embeddings, dimension))
                except ValueError as error:
                    raise damaged(self._path, "an embedding cannot be read") from error

    def _one(self, identity_id: str) -> StoredIdentity:
        (stored,) = self._stored("WHERE i.id = ? ORDER BY t.id", identity_id)
        return stored

    def _decoded_crops(self, where: str, *values: object) -> list[Crop]:
        rows = self._rows(f"SELECT crop FROM template {where}", *values)
        try:
            return [from_png(png) for (png,) in rows]
        except ValueError as error:
            raise damaged(self._path, "a crop cannot be read") from error

    def _require_shown(self, identity_id: str) -> Identity:
        rows = self._rows(
            "SELECT id, name, enrolled_at, note FROM identity WHERE id = ? AND removed_at IS NULL",
            identity_id,
        )
        if not rows:
            raise unknown_identity(identity_id)
        return _identity(*rows[0])

    def _other_model(self, wanted: str) -> GalleryError:
        stored, dimension = self.model() or ("", 0)
        return GalleryError(
            f"a gallery of the model {wanted}",
            f"{self._path} is of the model {stored} ({dimension} numbers a face)",
            f"Choose the model {stored}, or embed the gallery again from its stored pictures"
            f" with {wanted}",
        )

    def _set_model(self, model_id: str, dimension: int) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)",
            [("model_id", model_id), ("dimension", str(dimension))],
        )

    def _insert_templates(self, identity_id: str, templates: Sequence[Template]) -> StoredIdentity:
        if not templates:
            raise ValueError("no templates")
        model = self.model()
        if model is None:
            raise ValueError("the store has adopted no model yet")
        for template in templates:
            # Another process may have embedded the gallery again since this one opened it.
            if template.model_id != model[0]:
                raise self._other_model(template.model_id)
        embeddings = unit_rows([t.embedding for t in templates], model[1])
        self._db.executemany(
            "INSERT INTO template (identity_id, quality, model_id, embedding, crop)"
            " VALUES (?, ?, ?, ?, ?)",
            [
                (identity_id, float(t.quality), t.model_id, _blob(embedding), to_png(t.crop))
                for t, embedding in zip(templates, embeddings, strict=True)
            ],
        )
        return self._one(identity_id)


def unknown_identity(identity_id: str) -> UnknownIdentityError:
    return UnknownIdentityError(
        f"a person with the id {identity_id} in the gallery",
        "there is none, or not any more",
        "Look at the list of people again; another program may have changed it",
    )


def _identity(identity_id: str, name: str, enrolled_at: str, note: str) -> Identity:
    return Identity(identity_id, name, datetime.fromisoformat(enrolled_at), note)


def _blob(embedding: NDArray[np.float32]) -> bytes:
    return embedding.astype("<f4").tobytes()
