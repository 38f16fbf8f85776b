"""One person's pictures in the gallery's file: read, removed one by one, chosen, split off."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from common.errors import GalleryError
from common.picture import RgbImage
from common.sentence import Sentence
from gallery.crops import NO_CROP, from_jpeg, from_png
from gallery.embedding_sets import EmbeddingSet
from gallery.identity import FaceView, Identity

PORTRAIT_FIRST = (
    "t.is_portrait * (1 + (t.enrolled_as = t.identity_number)) DESC, t.quality DESC, t.id"
)
"""SQL: orders a person's templates AS t so that the one to be shown comes first: the chosen one,
of a merge's two the one of who stays, or else the one of the best quality."""


@dataclass(frozen=True, eq=False)
class KeptPicture:
    """A person's picture, as the gallery keeps it.

    template_id: its number in the gallery, never used again. added_at: aware datetime; of pictures
    from a time before it was written down, when the person was enrolled. quality: 0..1.
    is_portrait: whether it is the one that is shown for the person. embedding: (d,) float32, unit
    length; zeros where the gallery's model can make nothing of the picture. crop: (h, w, 3) uint8
    RGB, or NO_CROP. view: the face with room around it; None where none is kept.
    """

    template_id: int
    added_at: datetime
    quality: float
    is_portrait: bool
    embedding: NDArray[np.float32]
    crop: RgbImage
    view: FaceView | None

    @property
    def is_compared(self) -> bool:
        """Whether faces are compared with it."""
        return bool(self.embedding.any())

    @property
    def picture(self) -> RgbImage:
        """The largest picture that is kept of it, (h, w, 3) uint8 RGB; it may be NO_CROP."""
        return self.view.picture if self.view is not None else self.crop


def kept_pictures(
    db: sqlite3.Connection, embeddings: EmbeddingSet, identity_id: str
) -> list[KeptPicture]:
    """Return a person's pictures, oldest first, with their embeddings of the set.

    Raises ValueError where something of one cannot be read, and what SQLite raises.
    """
    shown = db.execute(
        f"SELECT t.id {_OF} WHERE o.id = ? AND length(c.png) ORDER BY {PORTRAIT_FIRST} LIMIT 1",
        (identity_id,),
    ).fetchone()
    rows = db.execute(
        "SELECT t.id, coalesce(t.added_at, a.enrolled_at, o.enrolled_at), t.quality,"
        f" e.vector, c.png, v.jpeg, v.face {_OF}"
        " LEFT JOIN identity AS a ON a.number = t.enrolled_as"
        f" LEFT JOIN {embeddings.table} AS e ON e.template_id = t.id"
        " LEFT JOIN view AS v ON v.template_id = t.id WHERE o.id = ? ORDER BY t.id",
        (identity_id,),
    )
    return [_picture(shown, *row) for row in rows]


def check_removable(
    db: sqlite3.Connection,
    embeddings: EmbeddingSet,
    identity: Identity,
    template_ids: Sequence[int],
) -> list[int]:
    """Raise GalleryError unless these are a person's pictures, and others stay; return these.

    Where the model compares faces with one that goes, one that it compares with has to stay.
    """
    rows = db.execute(
        f"SELECT t.id, coalesce(e.vector <> {embeddings.zero_vector}, 0) FROM template AS t"
        " JOIN identity AS o ON o.number = t.identity_number"
        f" LEFT JOIN {embeddings.table} AS e ON e.template_id = t.id WHERE o.id = ?",
        (identity.id,),
    ).fetchall()
    compared = dict(rows)
    if unknown := [one for one in template_ids if one not in compared]:
        raise GalleryError(
            Sentence("a picture of {}", identity.name),
            Sentence("number {} is none, or not any more", unknown[0]),
            "Look at the list of the pictures again",
        )
    stay = [one for one in compared if one not in template_ids]
    goes = any(compared[one] for one in template_ids)
    if not stay or (goes and not any(compared[one] for one in stay)):
        raise GalleryError(
            Sentence("a picture that {} can be recognized by to stay", identity.name),
            "it would be the last one that goes",
            "Add another picture first, or remove the whole person",
        )
    return stay


def move_pictures(
    db: sqlite3.Connection, template_ids: Iterable[int], to_number: int, *, for_good: bool
) -> None:
    """Let an identity have these templates. for_good: whether they count as enrolled for it."""
    for template_id in template_ids:
        if for_good:
            db.execute(
                "UPDATE template SET added_at = coalesce(added_at, (SELECT enrolled_at FROM"
                " identity WHERE number = enrolled_as)), enrolled_as = ?1 WHERE id = ?2",
                (to_number, template_id),
            )
        db.execute("UPDATE template SET identity_number = ? WHERE id = ?", (to_number, template_id))


def put_back(db: sqlite3.Connection, removal_id: str) -> str | None:
    """Let a picture that was removed be its person's again; return that person's id.

    It is the one as whom it was enrolled, or into whom that one was merged. The identity that had
    the picture meanwhile ends. None is returned where this is no removal of one picture.
    """
    owner = db.execute(
        "WITH RECURSIVE home (number, id) AS ("
        " SELECT i.number, i.id FROM erasure AS e JOIN identity AS part ON part.id = e.identity_id"
        " JOIN template AS t ON t.identity_number = part.number"
        " JOIN identity AS i ON i.number = t.enrolled_as"
        " WHERE e.identity_id = ?1 AND e.part_of <> ''"
        " UNION SELECT i.number, i.id FROM home JOIN erasure AS e ON e.identity_id = home.id"
        " JOIN identity AS i ON i.id = e.merged_into)"
        " SELECT h.number, h.id FROM home AS h WHERE NOT EXISTS"
        " (SELECT 1 FROM erasure WHERE identity_id = h.id AND merged_into <> '')",
        (removal_id,),
    ).fetchone()
    if owner is None:
        return None
    number, identity_id = owner
    db.execute(
        "UPDATE template SET identity_number = ? WHERE identity_number ="
        " (SELECT number FROM identity WHERE id = ?)",
        (number, removal_id),
    )
    db.execute("DELETE FROM erasure WHERE identity_id = ?", (removal_id,))
    db.execute("DELETE FROM identity WHERE id = ?", (removal_id,))
    return str(identity_id)


def choose_portrait(db: sqlite3.Connection, identity_id: str, template_id: int) -> bool:
    """Let this template's crop be the one that is shown; return whether the person has it."""
    known = db.execute(
        f"SELECT 1 {_OF} WHERE o.id = ? AND t.id = ? AND length(c.png)",
        (identity_id, template_id),
    ).fetchone()
    if known is not None:
        db.execute(
            "UPDATE template SET is_portrait = (id = ?) WHERE identity_number ="
            " (SELECT number FROM identity WHERE id = ?)",
            (template_id, identity_id),
        )
    return known is not None


_OF = (
    "FROM template AS t JOIN identity AS o ON o.number = t.identity_number"
    " LEFT JOIN crop AS c ON c.template_id = t.id"
)


def _picture(
    shown: tuple[int] | None,
    template_id: int,
    added_at: str,
    quality: float,
    vector: bytes | None,
    png: bytes | None,
    jpeg: bytes | None,
    face: bytes | None,
) -> KeptPicture:
    if vector is None or png is None:
        raise ValueError("the picture's embedding or crop is missing")
    view = None
    if jpeg and face:
        view = FaceView.from_numbers(from_jpeg(jpeg), np.frombuffer(face, "<f4"), jpeg)
    return KeptPicture(
        template_id,
        datetime.fromisoformat(added_at),
        quality,
        shown == (template_id,),
        np.frombuffer(vector, "<f4").astype(np.float32),
        from_png(png) if png else NO_CROP,
        view,
    )
