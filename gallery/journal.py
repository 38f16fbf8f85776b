"""The journal of erasures: whoever is removed stays in it until nothing of them is left."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from common.sqlite_erasing import empty_log, rewrite
from common.sqlite_file import explained, transaction
from gallery.consents import blank_consents, move_consents
from gallery.embedding_sets import EmbeddingSets
from gallery.history.log import VersionLog
from gallery.lease import discard, is_held
from gallery.schema import GALLERY, IDENTITY

SET_ASIDE = "set-aside"
"""The holder of what a return to an earlier version has hidden: whoever uses the gallery may bring
it back, by another return."""

SET_ASIDE_FOR = timedelta(days=30)
"""How long that is possible."""


@dataclass(frozen=True, slots=True)
class PendingErasure:
    """An item of the journal: somebody whose traces are still to be erased.

    identity_id: the person's id. asked_at: when they were removed or merged, aware datetime.
    name: the person's name; empty once it is erased from the gallery.
    merged_into: the id of the person that they were merged into; empty for a removal. It is
    their own id once nothing is left of that other person, whose id must be forgotten, too.
    holder: the lease of the program that may undo it; empty where none may.
    part_of: the id of the person whose picture it is, where one picture was removed: the item's
    identity then has nothing but that picture, and no name. Empty for whole people.
    in_gallery: whether the gallery still has name and templates, so that it can be undone.
    """

    identity_id: str
    asked_at: datetime
    name: str
    merged_into: str
    holder: str
    part_of: str
    in_gallery: bool

    @property
    def is_set_aside(self) -> bool:
        """Whether it was hidden by a return, and may be brought back by another one."""
        return self.holder == SET_ASIDE and datetime.now(UTC) - self.asked_at < SET_ASIDE_FOR


class ErasureJournal:
    """The table of pending erasures in the gallery's file.

    An item begins in the transaction that removes or merges a person, and hides this identity
    from the gallery; it ends with `strike`, once nothing is left of it, or with `undo`.
    Raises GalleryError where file, disk or another program is at fault.

    db: the connection to the gallery, at `path`. sets: the embeddings in it. log: its versions.
    """

    def __init__(
        self, db: sqlite3.Connection, path: Path, sets: EmbeddingSets, log: VersionLog
    ) -> None:
        self._db = db
        self._path = path
        self._sets = sets
        self._log = log

    def pending(self) -> list[PendingErasure]:
        """Return all items, the oldest first."""
        with explained(self._path, GALLERY):
            rows = self._db.execute(
                "SELECT e.identity_id, e.asked_at, coalesce(i.name, ''), e.merged_into, e.holder,"
                " e.part_of, i.id IS NOT NULL FROM erasure AS e LEFT JOIN identity AS i ON i.id ="
                " e.identity_id ORDER BY e.position"
            ).fetchall()
        return [
            PendingErasure(i, datetime.fromisoformat(at), name, into, holder, part_of, bool(here))
            for i, at, name, into, holder, part_of, here in rows
        ]

    def due(self, own: str = "") -> list[PendingErasure]:
        """Return the items that nobody can undo any more, or only the holder of the lease `own`.

        Where somebody is removed for good, those merged into them are removed for good, too,
        because their faces are, and so are pictures that were removed from them before.
        """
        pending = self.pending()
        due = {
            one.identity_id
            for one in pending
            if not one.in_gallery
            or one.holder in ("", own)
            or not (one.is_set_aside or is_held(self._path, one.holder))
        }
        removed = {one.identity_id for one in pending if not one.merged_into} & due
        while (
            gone := {one.identity_id for one in pending if {one.merged_into, one.part_of} & removed}
            - removed
        ):
            removed |= gone
        return [one for one in pending if one.identity_id in due | removed]

    def begin(
        self, identity_id: str, holder: str, merged_into: str = "", part_of: str = ""
    ) -> None:
        """Add an item; call it in the transaction that removes or merges the person."""
        self._db.execute(
            "INSERT INTO erasure (identity_id, asked_at, holder, merged_into, part_of)"
            " VALUES (?, ?, ?, ?, ?)",
            (identity_id, datetime.now(UTC).isoformat(), holder, merged_into, part_of),
        )

    def undo(self, identity_id: str) -> None:
        """Delete an item of which nothing is erased yet.

        Call it in the transaction that brings the person back.
        """
        self._db.execute(
            "DELETE FROM erasure WHERE identity_id = ?1 AND ?1 IN (SELECT id FROM identity)",
            (identity_id,),
        )

    def give_back(self, identity_id: str) -> list[int]:
        """Give a merged person their templates back, and those of people merged into them before.

        Pictures that were removed one by one stay removed, and are this person's from then on.
        Call it in the transaction that undoes the merge. Returns the numbers of the identities
        that had these templates.
        """
        own = (
            "WITH RECURSIVE own (number, id) AS ("
            " SELECT number, id FROM identity WHERE id = ?1"
            " UNION SELECT i.number, i.id FROM own JOIN erasure AS e ON e.merged_into = own.id"
            " JOIN identity AS i ON i.id = e.identity_id)"
        )
        lent = (
            "enrolled_as IN (SELECT number FROM own)"
            " AND identity_number <> (SELECT number FROM identity WHERE id = ?1)"
            " AND identity_number NOT IN (SELECT number FROM identity AS i JOIN erasure AS e"
            " ON e.identity_id = i.id WHERE e.part_of <> '')"
        )
        self._db.execute(
            f"{own} UPDATE erasure SET part_of = ?1 WHERE part_of <> '' AND identity_id IN"
            " (SELECT i.id FROM identity AS i JOIN template AS t ON t.identity_number = i.number"
            " WHERE t.enrolled_as IN (SELECT number FROM own))",
            (identity_id,),
        )
        holders = self._db.execute(
            f"{own} SELECT DISTINCT identity_number FROM template WHERE {lent}", (identity_id,)
        ).fetchall()
        self._db.execute(
            f"{own} UPDATE template SET identity_number ="
            f" (SELECT number FROM identity WHERE id = ?1) WHERE {lent}",
            (identity_id,),
        )
        return [number for (number,) in holders]

    def erase_here(self, items: Sequence[PendingErasure]) -> list[PendingErasure]:
        """Erase these people's names, templates and crops from the gallery; they stay in the
        journal. Returns the items without those that were undone meanwhile.

        Raises GalleryError where a byte of them may be left; the next call goes on.
        """
        with explained(self._path, GALLERY):
            with transaction(self._db):
                here = [self._blanked(one) for one in items if self._is_as_it_was(one)]
                if here:
                    self._log.blank(here)
                    marks = ", ".join("?" * len(here))
                    rewrite(self._db, IDENTITY.physical, f"number NOT IN ({marks})", here)
            empty_log(self._db, self._path, GALLERY)
        for holder in {one.holder for one in items}:
            # The holder's program may still run, and may have removed others: see due().
            if not is_held(self._path, holder):
                discard(self._path, holder)
        begun = {one.identity_id for one in self.pending() if not one.in_gallery}
        return [one for one in items if one.identity_id in begun]

    def strike(self, item: PendingErasure) -> None:
        """Forget a person's id in the journal itself, once nothing else of them is left."""
        with explained(self._path, GALLERY):
            with transaction(self._db):
                for column in ("merged_into", "part_of"):
                    self._db.execute(
                        f"UPDATE erasure SET {column} = identity_id WHERE {column} = ?1"
                        " AND ?1 NOT IN (SELECT id FROM identity)",
                        (item.identity_id,),
                    )
                rewrite(
                    self._db,
                    "erasure",
                    "identity_id <> ? OR identity_id IN (SELECT id FROM identity)",
                    (item.identity_id,),
                )
            empty_log(self._db, self._path, GALLERY)

    def _is_as_it_was(self, item: PendingErasure) -> bool:
        """Return whether the person is still in the gallery, and nobody undid or took the item."""
        row = self._db.execute(
            "SELECT 1 FROM erasure JOIN identity ON id = identity_id"
            " WHERE identity_id = ? AND holder = ?",
            (item.identity_id, item.holder),
        ).fetchone()
        return row is not None

    def _number(self, identity_id: str) -> int:
        ((number,),) = self._db.execute("SELECT number FROM identity WHERE id = ?", (identity_id,))
        return int(number)

    def _blanked(self, item: PendingErasure) -> int:
        """Blank the rows of the item's identity; return the number of that identity."""
        number = self._number(item.identity_id)
        self._db.execute(
            "UPDATE crop SET png = x'' WHERE template_id IN"
            " (SELECT id FROM template WHERE identity_number = ?)",
            (number,),
        )
        self._db.execute(
            "UPDATE view SET jpeg = x'', face = x'' WHERE template_id IN"
            " (SELECT id FROM template WHERE identity_number = ?)",
            (number,),
        )
        self._sets.blank(number)
        self._db.execute(
            "UPDATE template SET identity_number = NULL, enrolled_as = NULL, quality = 0,"
            " model_id = '', added_at = NULL, is_portrait = 0 WHERE identity_number = ?",
            (number,),
        )
        if item.merged_into:
            self._settle(item, number)
        blank_consents(self._db, number)
        return number

    def _settle(self, item: PendingErasure, number: int) -> None:
        """Make a merge final: templates, note and earlier merges now belong to the other.

        The other's portrait stays the one that is shown, where one was chosen. What either has
        agreed to, the person has.
        """
        move_consents(self._db, number, self._number(item.merged_into))
        self._db.execute(
            "UPDATE template SET is_portrait = 0 WHERE enrolled_as = ?2 AND EXISTS (SELECT 1 FROM"
            " template WHERE is_portrait AND enrolled_as = (SELECT number FROM identity WHERE"
            " id = ?1))",
            (item.merged_into, number),
        )
        self._db.execute(
            "UPDATE template SET enrolled_as = (SELECT number FROM identity WHERE id = ?1),"
            " added_at = coalesce(added_at, (SELECT enrolled_at FROM identity WHERE number = ?2))"
            " WHERE enrolled_as = ?2",
            (item.merged_into, number),
        )
        self._db.execute(
            "UPDATE identity SET note = trim(note || char(10) ||"
            " (SELECT note FROM identity WHERE number = ?), char(10)) WHERE id = ?",
            (number, item.merged_into),
        )
        for column in ("merged_into", "part_of"):
            self._db.execute(
                f"UPDATE erasure SET {column} = ? WHERE {column} = ?",
                (item.merged_into, item.identity_id),
            )
