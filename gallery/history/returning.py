"""Returns the gallery to an earlier version: what each person was then is what they are again.

Nobody's faces are deleted by that, so that a return can be returned from: whoever was enrolled
since then, and each picture that was added, is set aside as a removal is (gallery/journal.py), and
erased once SET_ASIDE_FOR is over. What was erased since then does not come back. Which embedder's
set is in use stays as it is; people hold for all sets.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gallery.embedding_sets import EmbeddingSet
from gallery.history.log import GalleryVersion
from gallery.history.person_state import MERGED, PART, REMOVED, PersonState, state_of
from gallery.journal import SET_ASIDE, ErasureJournal


@dataclass
class _Return:
    """What is known while a return is made: all by the identities' numbers.

    wanted: what they were; None where they were not enrolled yet. now: what they are. owner: who
    has a template now. assigned: who is to have it, and as whose it was enrolled.
    """

    wanted: dict[int, PersonState | None]
    now: dict[int, PersonState]
    owner: dict[int, int] = field(default_factory=dict)
    assigned: dict[int, tuple[int, int]] = field(default_factory=dict)

    def kept_by(self, number: int) -> list[int]:
        """Return the templates that somebody is to have."""
        return [one for one, (owner, _) in self.assigned.items() if owner == number]


def return_to(
    db: sqlite3.Connection,
    journal: ErasureJournal,
    active: EmbeddingSet,
    since: Sequence[GalleryVersion],
) -> list[str]:
    """Undo these versions, the last ones there are; return the ids of everybody concerned.

    Whose erasure is due stays as they are, as if they were erased already. Call it within a transaction. Raises what SQLite raises.
    """
    wanted: dict[int, PersonState | None] = {}
    for version in since:
        for change in version.people:
            if change.number is not None:
                wanted.setdefault(change.number, change.before)
    due = {item.identity_id for item in journal.due()}
    found = {n: state_of(db, n) for n in wanted if _id_of(db, n) not in due}
    made = _Return(wanted, {n: state for n, state in found.items() if state is not None})
    _assign(db, made)
    parts = _set_pictures_aside(db, journal, active, made)
    for template_id, (number, enrolled_as) in made.assigned.items():
        db.execute(
            "UPDATE template SET identity_number = ?, enrolled_as = ? WHERE id = ?",
            (number, enrolled_as, template_id),
        )
    for number in made.now:
        _bring_to_state(db, journal, made, number)
    ids = (_id_of(db, number) for number in made.now)
    return [one for one in ids if one is not None] + parts


def _assign(db: sqlite3.Connection, made: _Return) -> None:
    """Find who is to have which template; those that nobody is to have stay unassigned."""
    for number, state in made.now.items():
        made.owner.update(dict.fromkeys(state.template_ids, number))
    for number, wanted in made.wanted.items():
        if wanted is None or number not in made.now:
            continue
        for template_id, enrolled_as in wanted.templates:
            if template_id in made.owner:  # else it was erased
                is_there = _id_of(db, enrolled_as) is not None
                made.assigned[template_id] = number, enrolled_as if is_there else number


def _set_pictures_aside(
    db: sqlite3.Connection, journal: ErasureJournal, active: EmbeddingSet, made: _Return
) -> list[str]:
    """Part those pictures from whoever stays that came since then; return the parts' ids.

    Where nobody could be recognized without them, because the others were erased, they stay.
    """
    parts = []
    for number in made.now:
        wanted = made.wanted[number]
        added = [t for t, who in made.owner.items() if who == number and t not in made.assigned]
        if not added or wanted is None or not wanted.is_shown:
            continue
        if not _are_compared(db, active, made.kept_by(number)):
            made.assigned.update(dict.fromkeys(added, (number, number)))
            continue
        part, owner_id = uuid.uuid4().hex, _id_of(db, number)
        assert owner_id is not None
        db.execute(
            "INSERT INTO identity (id, name, enrolled_at, note) VALUES (?, '', ?, '')",
            (part, datetime.now(UTC).isoformat()),
        )
        db.executemany(
            "UPDATE template SET identity_number = (SELECT number FROM identity WHERE id = ?)"
            " WHERE id = ?",
            [(part, template_id) for template_id in added],
        )
        journal.begin(part, SET_ASIDE, part_of=owner_id)
        parts.append(part)
    return parts


def _bring_to_state(
    db: sqlite3.Connection, journal: ErasureJournal, made: _Return, number: int
) -> None:
    """Let somebody be shown, removed or merged as they were, with the name and note of then."""
    wanted, now = made.wanted[number], made.now[number]
    identity_id = _id_of(db, number)
    assert identity_id is not None
    if wanted is None:
        if now.state == PART and not _has_templates(db, number):
            journal.undo(identity_id)
            db.execute("DELETE FROM identity WHERE id = ?", (identity_id,))
        elif now.is_shown:
            journal.begin(identity_id, SET_ASIDE)
        return
    if wanted.is_shown and not _has_templates(db, number):
        return  # every face of theirs was erased
    db.execute(
        "UPDATE identity SET name = ?, note = ? WHERE number = ? AND (name, note) IS NOT (?1, ?2)",
        (wanted.name, wanted.note, number),
    )
    db.execute(
        "UPDATE template SET is_portrait = (id = ?1) WHERE identity_number = ?2"
        " AND is_portrait <> (id = ?1)",
        (wanted.portrait, number),
    )
    into = _id_of(db, wanted.other) if wanted.other else None
    if (wanted.state, wanted.other) == (now.state, now.other):
        return
    if wanted.is_shown:
        journal.undo(identity_id)
    elif wanted.state == REMOVED or (wanted.state == MERGED and into is not None):
        journal.undo(identity_id)
        journal.begin(
            identity_id, SET_ASIDE, merged_into=(into or "") if wanted.state == MERGED else ""
        )


def _are_compared(db: sqlite3.Connection, active: EmbeddingSet, templates: Sequence[int]) -> bool:
    """Return whether the embedder in use compares faces with one of these."""
    rows = (
        db.execute(
            f"SELECT vector <> {active.zero_vector} FROM {active.table} WHERE template_id = ?",
            (template_id,),
        ).fetchone()
        for template_id in templates
    )
    return any(row is not None and row[0] for row in rows)


def _has_templates(db: sqlite3.Connection, number: int) -> bool:
    row = db.execute("SELECT 1 FROM template WHERE identity_number = ? LIMIT 1", (number,))
    return row.fetchone() is not None


def _id_of(db: sqlite3.Connection, number: int) -> str | None:
    row = db.execute("SELECT id FROM identity WHERE number = ?", (number,)).fetchone()
    return str(row[0]) if row is not None else None
