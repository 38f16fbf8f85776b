"""The log of the gallery's changes: each is a numbered version, written in its own transaction.

A version says of each person whom the change concerned what they were before and after. Faces
themselves stand in the tables of templates alone, to which a version only points: what is erased
there is gone from every version. Whoever is erased is blanked here in the same transaction.

At least the last LEAST_CHANGES versions are kept, and those of the last KEPT. When half of the rows
are older than that, the tables are written anew without them (common.sqlite_erasing), so that
nothing of them stays, and pruning costs little for each change.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from common.sqlite_erasing import rewrite
from common.sqlite_file import explained
from gallery.history.person_state import PersonState, numbers_of, state_of
from gallery.schema import GALLERY, VERSION, VERSION_PERSON

LEAST_CHANGES = 20
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What a version made of one person.

    number: the identity's; None where the person was erased since: nothing brings that back.
    before, after: None where they were not enrolled then.
    """

    number: int | None
    before: PersonState | None
    after: PersonState | None


@dataclass(frozen=True, slots=True)
class GalleryVersion:
    """A change of the gallery.

    made_at: aware datetime, UTC. returned_to: the version that it is a return to; None for other
    changes. former_model, model: the ids of the embedders whose sets were and are in use, where
    that changed; else empty. people: everybody concerned.
    """

    number: int
    made_at: datetime
    returned_to: int | None
    former_model: str
    model: str
    people: tuple[PersonChange, ...]

    @property
    def numbers(self) -> list[int]:
        """The numbers of those people who were not erased since."""
        return [one.number for one in self.people if one.number is not None]

    @property
    def erased(self) -> int:
        """Of how many people nothing can be brought back."""
        return sum(one.number is None for one in self.people)


class VersionLog:
    """The versions in the gallery's file.

    Raises GalleryError where file, disk or another program is at fault.

    db: the connection to the gallery, at `path`.
    """

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path
        self._before: dict[int, PersonState | None] = {}
        self._ids: set[str] = set()
        self._returned_to: int | None = None
        self._models = "", ""

    # -- reading ---------------------------------------------------------------------------

    def versions(self, after: int = 0) -> list[GalleryVersion]:
        """Return the versions that are kept, with a number above `after`, the oldest first."""
        with explained(self._path, GALLERY):
            rows = self._db.execute(
                "SELECT number, made_at, returned_to, former_model, model FROM version"
                " WHERE number > ? ORDER BY number",
                (after,),
            ).fetchall()
            people = self._db.execute(
                "SELECT version, identity_number, before, after FROM version_person"
                " WHERE version > ? ORDER BY position",
                (after,),
            ).fetchall()
        changes: dict[int, list[PersonChange]] = {}
        for version, number, former, latter in people:
            change = PersonChange(number, _read(former), _read(latter))
            changes.setdefault(version, []).append(change)
        return [
            GalleryVersion(
                number,
                datetime.fromisoformat(made_at),
                to,
                former or "",
                model or "",
                tuple(changes.get(number, ())),
            )
            for number, made_at, to, former, model in rows
        ]

    def newest(self) -> int:
        """Return the number of the last change; 0 before the first one."""
        with explained(self._path, GALLERY):
            ((number,),) = self._db.execute("SELECT coalesce(max(number), 0) FROM sealed_version")
        return int(number)

    # -- writing ---------------------------------------------------------------------------

    def begin(self) -> None:
        """Forget what was noted in a transaction that came to nothing."""
        self._before, self._ids, self._returned_to = {}, set(), None
        self._models = "", ""

    def note(self, *identity_ids: str) -> None:
        """Call it within a transaction before these people are changed, or enrolled."""
        self._ids.update(identity_ids)
        for number in numbers_of(self._db, identity_ids):
            if number not in self._before:
                self._before[number] = state_of(self._db, number)

    def note_new(self, *identity_ids: str) -> None:
        """Call it within a transaction once these were added that nobody noted before."""
        self._ids.update(identity_ids)

    def note_return(self, to: int) -> None:
        """The change is a return to that version."""
        self._returned_to = to

    def note_model(self, former: str, model: str) -> None:
        """The change puts another embedder's set in use."""
        self._models = former, model

    def write(self) -> None:
        """Write the version of what was noted, at the end of the transaction; none where nothing
        has changed."""
        rows = (
            self._db.execute("SELECT number FROM identity WHERE id = ?", (one,)).fetchone()
            for one in sorted(self._ids)
        )
        numbers = dict.fromkeys((*self._before, *sorted(row[0] for row in rows if row)))
        pairs = {n: (self._before.get(n), state_of(self._db, n)) for n in numbers}
        changed = {n: pair for n, pair in pairs.items() if pair[0] != pair[1]}
        to, models = self._returned_to, self._models
        self.begin()
        if not changed and models == ("", ""):
            return
        now = datetime.now(UTC)
        self._prune(now)
        self._db.execute(
            "INSERT INTO version (made_at, returned_to, former_model, model) VALUES (?, ?, ?, ?)",
            (now.isoformat(), to, *models),
        )
        version = self.newest()
        self._db.executemany(
            "INSERT INTO version_person (version, identity_number, before, after)"
            " VALUES (?, ?, ?, ?)",
            [(version, n, _written(former), _written(new)) for n, (former, new) in changed.items()],
        )

    def blank(self, numbers: Iterable[int]) -> None:
        """Let no version have anything of these identities; call it in their erasure's
        transaction."""
        self._db.executemany(
            "UPDATE version_person SET identity_number = NULL, before = NULL, after = NULL"
            " WHERE identity_number = ?",
            [(number,) for number in numbers],
        )

    def _prune(self, now: datetime) -> None:
        ((first, last),) = self._db.execute(
            "SELECT coalesce(min(number), 0), coalesce(max(number), 0) FROM sealed_version"
        )
        ((young,),) = self._db.execute(
            "SELECT coalesce(min(number), ?) FROM sealed_version WHERE made_at >= ?",
            (last + 1, (now - KEPT).isoformat()),
        )
        kept = min(young, last - LEAST_CHANGES + 2)  # with the one that is about to be written
        if kept - first >= max(LEAST_CHANGES, last + 1 - kept):
            rewrite(self._db, VERSION.physical, "number >= ?", (kept,))
            rewrite(self._db, VERSION_PERSON.physical, "version >= ?", (kept,))


def _written(state: PersonState | None) -> bytes | None:
    return None if state is None else msgspec.msgpack.encode(state)


def _read(packed: Any) -> PersonState | None:
    return None if packed is None else msgspec.msgpack.decode(packed, type=PersonState)
