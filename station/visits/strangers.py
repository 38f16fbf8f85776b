"""Handles faces that nobody knows: what hides them, their picture, and whom they resemble, where
either may be kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from math import inf
from typing import TYPE_CHECKING

from capture.frame import Frame
from common.errors import FacedeskError
from recognition.decision import Decision
from recognition.recognizer import RecognizedFace
from station.register import live_picture
from station.visits.covering import is_covered
from station.visits.visit import Visit

if TYPE_CHECKING:
    from station.people.inbox import Inbox


log = logging.getLogger(__name__)


SECOND_TRY_S = 60.0
"""Seconds for which a stranger's score waits: an enrolled person who is not recognized tries again,
or types a code."""

PURGE_S = 600.0
"""Seconds between two searches for pictures that were kept long enough."""


class Strangers:
    """Watches unknown people and keeps their pictures, if that is allowed.

    keep: whether their pictures go into the inbox. Otherwise none is held even in memory.
    hours: how long the pictures stay there. keep_scores: is given the nearest decision of each
    visit of a stranger, to keep its similarity; may raise FacedeskError.
    """

    def __init__(
        self,
        inbox: Inbox,
        *,
        keep: bool,
        hours: float,
        keep_scores: Callable[[Sequence[Decision]], object] | None,
    ) -> None:
        self._inbox = inbox
        self._keep_scores = keep_scores
        self._left: list[tuple[float, Decision]] = []
        self._keep = keep
        self._hours = hours
        self._purge_at = -inf

    def look(self, frame: Frame, face: RecognizedFace, visit: Visit) -> None:
        """Takes in a good look at somebody who is unknown so far."""
        visit.covered = is_covered(frame.image, face.face)
        if self._keep_scores is not None and face.decision is not None:
            visit.nearest = max(visit.nearest, face.decision, key=_excess)
        if not self._keep or face.quality is None:
            return
        score = face.quality.score
        if visit.portrait is None or score > visit.portrait[0]:
            visit.portrait = score, live_picture(frame.image, face.face)

    def pass_time(self, now: float) -> None:
        """Erases old pictures, and lets scores be kept. now: monotonic seconds."""
        self._keep_left(now)
        if now < self._purge_at:
            return
        self._purge_at = now + PURGE_S
        try:
            self._inbox.purge(self._hours)
        except FacedeskError:
            log.exception("Old pictures of strangers could not be erased; it is tried again")

    def leave(self, visit: Visit) -> None:
        """Keeps the best picture of a person who left as a stranger, and whom they resembled."""
        nearest = visit.nearest
        is_stranger = visit.told_at is not None and not visit.had_name
        # As like somebody as a name needs: another one of two look-alikes, no stranger.
        if nearest is not None and is_stranger and _excess(nearest) < 0:
            self._left.append((visit.seen_at, nearest))
        if visit.portrait is None or visit.told_at is None:
            return
        try:
            self._inbox.put(visit.portrait[1])
        except FacedeskError:
            log.exception("A stranger's picture could not be kept")

    def named(self) -> None:
        """Notes that somebody was checked in, or said not to be somebody: whoever left as a
        stranger a moment ago may have been the same person at a second try, and does not count."""
        self._left.clear()

    def _keep_left(self, now: float) -> None:
        due = [nearest for at, nearest in self._left if now - at >= SECOND_TRY_S]
        if not due or self._keep_scores is None:
            return
        self._left = [one for one in self._left if now - one[0] < SECOND_TRY_S]
        try:
            self._keep_scores(due)
        except FacedeskError:
            log.exception("Strangers' scores could not be kept")


def _excess(decision: Decision | None) -> float:
    """Returns how far the nearest person is above what their name needs, in cosine."""
    if decision is None or decision.nearest is None:
        return -inf
    return decision.nearest.similarity - decision.threshold
