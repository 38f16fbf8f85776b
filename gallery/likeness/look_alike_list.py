"""The list of look-alikes, kept in a file: everybody is compared once, and again when they change.

Among 10,000 people a search for one person takes some hundredths of a second, so that all of them
take minutes. Whoever is enrolled, gets other templates or is merged is compared with everybody; of
who is removed nothing is left. To read the list takes as long as to look through the gallery once.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from common.sqlite_file import BUSY_S, explained, open_database, transaction
from gallery.gallery import Gallery
from gallery.identity import Candidate, Identity
from gallery.likeness.impostors import IMPOSTORS_FILE
from gallery.likeness.raised_bars import RaisedBars
from gallery.look_alikes import LookAlikes, alike_to

SLACK = 0.03
"""So far below the threshold pairs are kept, too, in cosine: it moves a little with each person who
comes or goes, and nobody is to be compared again for that."""

_AT_ONCE = 200
"""People whose pairs are written in one transaction."""


class LookAlikeList:
    """The pairs of a gallery, as far as they are known. The thread that owns the gallery uses it.

    Its methods raise GalleryError where the file or the disk are at fault.

    path: of the file, see IMPOSTORS_FILE; it is made when it is first written.
    """

    def __init__(self, path: Path, gallery: Gallery) -> None:
        self._path = path
        self._gallery = gallery
        self._marks: dict[str, str] = {}
        self._revision = -1

    def compare(self, identity_id: str, threshold: float) -> list[Identity]:
        """Compare one person, who was just enrolled or has changed; return their look-alikes, the
        most alike first. Raises UnknownIdentityError."""
        self._gallery.identity(identity_id)
        found = self._compare([identity_id], threshold - SLACK)
        return [one.identity for one in found[identity_id] if one.similarity > threshold]

    def due(self, threshold: float) -> list[str]:
        """Return the ids of those who are not compared yet as they are now.

        threshold: the similarity that a name needs.
        """
        kept = self._compared()
        now = self._marked()
        return [
            who
            for who, mark in now.items()
            if (found := kept.get(who)) is None or found[0] != mark or found[1] > threshold
        ]

    def advance(self, threshold: float, most: int) -> int:
        """Compare some who are due, at most so many; return how many are left."""
        due = self.due(threshold)
        for start in range(0, min(most, len(due)), _AT_ONCE):
            self._compare(due[start : min(start + _AT_ONCE, most)], threshold - SLACK)
        return max(0, len(due) - most)

    def complete(self, threshold: float, told: Callable[[int], None] = lambda _: None) -> None:
        """Compare everybody who is due. told: is told from time to time how many are left."""
        while left := self.advance(threshold, _AT_ONCE):
            told(left)

    def pairs(self, threshold: float) -> list[LookAlikes]:
        """Return the pairs among those who are not due, the most alike first."""
        if not self._path.exists():
            return []
        due = set(self.due(threshold))
        with explained(self._path, IMPOSTORS_FILE), closing(self._opened()) as db:
            rows = db.execute(
                "SELECT one_id, other_id, similarity FROM look_alike WHERE similarity > ?"
                " ORDER BY similarity DESC",
                (threshold,),
            ).fetchall()
        known = {identity.id: identity for identity in self._gallery.identities}
        place = {who: number for number, who in enumerate(known)}
        pairs = []
        for *both, similarity in rows:
            if known.keys() >= set(both) and not due & set(both):
                one, other = sorted(both, key=place.__getitem__)
                pairs.append(LookAlikes(known[one], known[other], float(similarity)))
        return pairs

    def _compare(self, people: list[str], level: float) -> dict[str, list[Candidate]]:
        found = {who: alike_to(self._gallery, who, level) for who in people}
        compared = [(who, self._mark(who), level) for who in people]
        pairs = [
            (*sorted((who, one.identity.id)), one.similarity)
            for who, alike in found.items()
            for one in alike
        ]
        with explained(self._path, IMPOSTORS_FILE), closing(self._opened()) as db, transaction(db):
            for who in people:
                db.execute("DELETE FROM look_alike WHERE ? IN (one_id, other_id)", (who,))
            db.executemany("INSERT OR REPLACE INTO look_alike VALUES (?, ?, ?)", pairs)
            db.executemany("INSERT OR REPLACE INTO compared VALUES (?, ?, ?)", compared)
        return found

    def _compared(self) -> dict[str, tuple[str, float]]:
        """Return of each person what they were compared as, and down to which similarity."""
        if not self._path.exists():
            return {}
        with explained(self._path, IMPOSTORS_FILE), closing(self._opened()) as db:
            rows = db.execute("SELECT identity_id, mark, level FROM compared").fetchall()
        return {who: (mark, level) for who, mark, level in rows}

    def _marked(self) -> dict[str, str]:
        """Return of each person what tells their templates from others."""
        if self._revision != self._gallery.revision:
            self._marks = {one.id: self._mark(one.id) for one in self._gallery.identities}
            self._revision = self._gallery.revision
        return self._marks

    def _mark(self, identity_id: str) -> str:
        templates = self._gallery.embeddings(identity_id)
        # A sum, since their order in memory changes as others come and go.
        found = sum(zlib.crc32(template.tobytes()) for template in templates)
        return f"{found:x} {self._gallery.model_id}"

    def _opened(self) -> sqlite3.Connection:
        return open_database(self._path, BUSY_S, IMPOSTORS_FILE)


def joined(pairs: Sequence[LookAlikes], bars: RaisedBars, threshold: float) -> list[LookAlikes]:
    """Return pairs with those whom no bar can part, the most alike first, each once."""
    found = {frozenset((pair.one.id, pair.other.id)): pair for pair in pairs}
    for bar, other, similarity in bars.confused(threshold):
        both = frozenset((bar.identity.id, other.id))
        found.setdefault(both, LookAlikes(bar.identity, other, similarity))
    return sorted(found.values(), key=lambda pair: -pair.similarity)
