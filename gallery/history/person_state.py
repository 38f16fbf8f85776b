"""What the gallery has of one person at one moment, as far as a change of it may be undone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

SHOWN, REMOVED, MERGED, PART = "shown", "removed", "merged", "part"


class PersonState(msgspec.Struct, frozen=True, array_like=True):
    """Numbers stand for people, so that the history has nobody's id.

    state: SHOWN, REMOVED, MERGED into the person `other`, or PART: pictures that were removed from
    `other`. templates: the person's, by id, each with whose it was enrolled as; the lowest first.
    portrait: the id of the chosen one; 0 without any.
    """

    name: str
    note: str
    state: str
    other: int
    templates: tuple[tuple[int, int], ...]
    portrait: int

    @property
    def is_shown(self) -> bool:
        return self.state == SHOWN

    @property
    def template_ids(self) -> frozenset[int]:
        return frozenset(template_id for template_id, _ in self.templates)


def state_of(db: sqlite3.Connection, number: int) -> PersonState | None:
    """Return the state of the identity of this number; None where there is none, or no more.

    Raises what SQLite raises.
    """
    row = db.execute(
        "SELECT i.name, i.note, e.identity_id IS NULL, m.number, p.number, e.part_of FROM"
        " identity AS i LEFT JOIN erasure AS e ON e.identity_id = i.id"
        " LEFT JOIN identity AS m ON m.id = e.merged_into"
        " LEFT JOIN identity AS p ON p.id = e.part_of WHERE i.number = ?",
        (number,),
    ).fetchone()
    if row is None:
        return None
    name, note, is_shown, merged_into, part_of, part = row
    templates = db.execute(
        "SELECT id, enrolled_as, is_portrait FROM template WHERE identity_number = ? AND is_genuine"
        " ORDER BY id",
        (number,),
    ).fetchall()
    state = SHOWN if is_shown else PART if part else MERGED if merged_into else REMOVED
    return PersonState(
        name,
        note,
        state,
        int(part_of or merged_into or 0),
        tuple((int(one), int(as_whom)) for one, as_whom, _ in templates),
        max((int(one) for one, _, chosen in templates if chosen), default=0),
    )


def numbers_of(db: sqlite3.Connection, identity_ids: Iterable[str]) -> list[int]:
    """Return the numbers of those of these identities that there are, and of all whom a merge or
    the removal of pictures ties to them: they may change together."""
    found: list[int] = []
    ids = list(identity_ids)
    known = set(ids)
    for identity_id in ids:
        row = db.execute("SELECT number FROM identity WHERE id = ?", (identity_id,)).fetchone()
        if row is not None:
            found.append(int(row[0]))
        tied = db.execute(
            "SELECT identity_id, merged_into, part_of FROM erasure WHERE ?1 IN"
            " (identity_id, merged_into, part_of)",
            (identity_id,),
        ).fetchall()
        for other in {one for row in tied for one in row if one} - known:
            known.add(other)
            ids.append(other)
    return found
