"""Handles faces that nobody knows: what hides them, and their picture, where one may be kept."""

from __future__ import annotations

import logging
from math import inf
from typing import TYPE_CHECKING

from capture.frame import Frame
from common.errors import FacedeskError
from recognition.recognizer import RecognizedFace
from station.register import live_picture
from station.visits.covering import is_covered
from station.visits.visit import Visit

if TYPE_CHECKING:
    from station.people.inbox import Inbox


log = logging.getLogger(__name__)


PURGE_S = 600.0
"""Seconds between two searches for pictures that were kept long enough."""


class Strangers:
    """Watches unknown people and keeps their pictures, if that is allowed.

    keep: whether their pictures go into the inbox. Otherwise none is held even in memory.
    hours: how long the pictures stay there.
    """

    def __init__(self, inbox: Inbox, *, keep: bool, hours: float) -> None:
        self._inbox = inbox
        self._keep = keep
        self._hours = hours
        self._purge_at = -inf

    def look(self, frame: Frame, face: RecognizedFace, visit: Visit) -> None:
        """Takes in a good look at somebody who is unknown so far."""
        visit.covered = is_covered(frame.image, face.face)
        if not self._keep or face.quality is None:
            return
        score = face.quality.score
        if visit.portrait is None or score > visit.portrait[0]:
            visit.portrait = score, live_picture(frame.image, face.face)

    def pass_time(self, now: float) -> None:
        """Erases old pictures. now: monotonic seconds."""
        if now < self._purge_at:
            return
        self._purge_at = now + PURGE_S
        try:
            self._inbox.purge(self._hours)
        except FacedeskError:
            log.exception("Old pictures of strangers could not be erased; it is tried again")

    def leave(self, visit: Visit) -> None:
        """Keeps the best picture of a person who left as a stranger."""
        if visit.portrait is None or visit.told_at is None:
            return
        try:
            self._inbox.put(visit.portrait[1])
        except FacedeskError:
            log.exception("A stranger's picture could not be kept")
