"""What there is of a person in the gallery's file, byte by byte: by which it is found anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from common.sealing.tables import tables_in
from common.sqlite_file import explained, opened_to_read
from gallery.schema import (
    CONSENT,
    CONSENT_TEXT,
    EMBEDDING,
    GALLERY,
    IDENTITY,
    VERSION,
    VERSION_PERSON,
)
from gallery.store import unknown_identity


@dataclass(frozen=True)
class PersonTraces:
    """The bytes of a person.

    embeddings: of each template in each set, float32, little-endian. pictures: PNG and JPEG files.
    records: the sealed records, as they stand in the file.
    """

    identity_id: str
    name: str
    embeddings: tuple[bytes, ...]
    pictures: tuple[bytes, ...]
    records: tuple[bytes, ...]


def traces_of(path: Path, identity_id: str) -> PersonTraces:
    """Return the traces of somebody who is still in the gallery at `path`.

    Raises UnknownIdentityError, and GalleryError where the file cannot be read.
    """
    with explained(path, GALLERY), opened_to_read(path, GALLERY) as db:
        row = db.execute(
            "SELECT number, name FROM identity WHERE id = ?", (identity_id,)
        ).fetchone()
        if row is None:
            raise unknown_identity(identity_id)
        number, name = row
        embeddings, pictures, records = list[bytes](), list[bytes](), list[bytes]()
        of_person = "SELECT id FROM template WHERE ? IN (identity_number, enrolled_as)"
        wheres = {
            IDENTITY.physical: "number = ?",
            CONSENT.physical: "identity_number = ?",
            VERSION_PERSON.physical: "identity_number = ?",
            "sealed_template": "? IN (identity_number, enrolled_as)",
        }
        for table in tables_in(db, GALLERY.sealed):
            if table in (CONSENT_TEXT, VERSION):
                continue  # they say nothing of anybody
            where = wheres.get(table.physical, f"template_id IN ({of_person})")
            sql = f"SELECT sealed FROM main.{table.physical} WHERE {where}"
            records += [bytes(one) for (one,) in db.execute(sql, (number,))]
            columns = {"crop": "png", "view": "jpeg"}
            if table.name.startswith(f"{EMBEDDING.name}_"):
                sql = f"SELECT vector FROM {table.name} WHERE {where} AND length(vector)"
                embeddings += [bytes(one) for (one,) in db.execute(sql, (number,))]
            elif column := columns.get(table.name):
                sql = f"SELECT {column} FROM {table.name} WHERE {where} AND length({column})"
                pictures += [bytes(one) for (one,) in db.execute(sql, (number,))]
    nothing = {one for one in embeddings if not any(one)}
    return PersonTraces(
        identity_id,
        name,
        tuple(one for one in embeddings if one not in nothing),
        tuple(pictures),
        tuple(records),
    )
