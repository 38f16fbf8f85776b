"""Faces that nobody knows: what hides them, and their picture, where one may be kept."""

from __future__ import annotations

import logging

from capture.frame import Frame
from facedesk_errors import FacedeskError
from recognition.recognizer import RecognizedFace
from station.collaborators import Inbox
from station.covering import is_covered
from station.register import live_picture
from station.visit import Visit

log = logging.getLogger(__name__)


class Strangers:
    """keep: whether their pictures go into the inbox. Otherwise none is held even in memory."""

    def __init__(self, inbox: Inbox, *, keep: bool) -> None:
        self._inbox = inbox
        self._keep = keep

    def look(self, frame: Frame, face: RecognizedFace, visit: Visit) -> None:
        """Take in a good look at somebody who is unknown so far."""
        visit.covered = is_covered(frame.image, face.face)
        if not self._keep or face.quality is None:
            return
        score = face.quality.score
        if visit.portrait is None or score > visit.portrait[0]:
            visit.portrait = score, live_picture(frame.image, face.face)

    def leave(self, visit: Visit) -> None:
        """Keep the best picture of whoever left as a stranger."""
        if visit.portrait is None or visit.told_at is None:
            return
        try:
            self._inbox.put(visit.portrait[1])
        except FacedeskError:
            log.exception("A stranger's picture could not be kept")
