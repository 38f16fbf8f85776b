"""What another threshold would have done to the last week's visits, as far as anybody can know."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from desktop.home import Home
from gallery.gallery import Gallery
from gallery.likeness.impostors import Impostors
from station.ledger.entry import Entry, Kind, Means
from station.ledger.ledger import Ledger

LASTING = timedelta(days=7)

Compared = tuple[float, float]
"""The similarity of a visit's decision, and what it needed, both cosine."""


@dataclass(frozen=True)
class WeekOutcome:
    """named: check-ins by face that would have come about all the same. asked: those that would
    not: the station would have asked for another look, and then for a code. mistaken: people who
    would still have been taken for another. spared: those who would not."""

    named: int
    asked: int
    mistaken: int
    spared: int


@dataclass(frozen=True)
class WeekOfVisits:
    """The visits of which something is known.

    by_face: of check-ins and check-outs that count. mistaken: of people who said "not me". by_code:
    how many came in by a code; nobody knows what their faces were like. undone: check-ins by face
    that were taken back, for whatever reason.
    """

    by_face: tuple[Compared, ...] = ()
    mistaken: tuple[Compared, ...] = ()
    by_code: int = 0
    undone: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.by_face or self.mistaken or self.by_code)

    def at(self, change: float) -> WeekOutcome:
        """Return what would have been, had every face needed so much more, in cosine."""
        named = _passing(self.by_face, change)
        mistaken = _passing(self.mistaken, change)
        return WeekOutcome(
            named, len(self.by_face) - named, mistaken, len(self.mistaken) - mistaken
        )


def read_week(home: Home, gallery: Gallery, until: datetime | None = None) -> WeekOfVisits:
    """Read the last week of the home's station; there is nothing to know where none ran.

    until: the end of the week, an aware datetime. Raises LedgerError or GalleryError.
    """
    now = until or datetime.now(UTC)
    by_face, by_code, undone = _checked_in(home, now - LASTING, now)
    return WeekOfVisits(by_face, _mistaken(home, gallery, now - LASTING), by_code, undone)


def _checked_in(
    home: Home, since: datetime, until: datetime
) -> tuple[tuple[Compared, ...], int, int]:
    if not home.checkins.exists():
        return (), 0, 0
    with closing(Ledger(home.checkins)) as ledger:
        entries = [e for e in ledger.entries(since, until) if _is_a_visit(e)]
        taken_back = {amendment.event.refers_to for amendment in ledger.amendments()}
    faces = [e for e in entries if e.event.means is Means.FACE]
    kept = [e.event for e in faces if e.number not in taken_back]
    compared = tuple(
        (event.similarity, event.threshold)
        for event in kept
        if event.similarity is not None and event.threshold is not None
    )
    codes = sum(entry.event.means is Means.CODE for entry in entries)
    return compared, codes, len(faces) - len(kept)


def _mistaken(home: Home, gallery: Gallery, since: datetime) -> tuple[Compared, ...]:
    if not home.impostors.exists():
        return ()
    with closing(Impostors(home.impostors, gallery.model_id)) as impostors:
        examples = impostors.examples()
    return tuple(
        (example.similarity, example.threshold)
        for example in examples
        if example.at >= since and example.model_id == gallery.model_id
    )


def _is_a_visit(entry: Entry) -> bool:
    return entry.event.kind in (Kind.CHECK_IN, Kind.CHECK_OUT)


def _passing(several: tuple[Compared, ...], change: float) -> int:
    return sum(similarity >= needed + change for similarity, needed in several)
