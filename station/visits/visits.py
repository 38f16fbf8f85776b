"""Keeps the visits of everyone who was in front a moment ago."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recognition.recognizer import RecognizedFace
from station.visits.visit import Visit

FORGET_S = 5.0
"""A track that is not seen for so many seconds is over, even at 4 frames a second."""

AT_HAND_S = 2.0
"""A person who was in front within so many seconds is still at the station: to bend the head is not
to leave."""


class Visits:
    """The visits by track. `now` is in monotonic seconds in all methods."""

    def __init__(self) -> None:
        self._visits: dict[int, Visit] = {}

    def of(self, face: RecognizedFace, now: float) -> Visit:
        """Returns the visit of a face; its first frame in front begins it. Raises ValueError for a
        face of a still picture."""
        if face.track_id is None:
            raise ValueError("a still picture cannot be checked in")
        if face.track_id not in self._visits:
            self._visits[face.track_id] = Visit(face.track_id, face, now)
        return self._visits[face.track_id]

    def seen(self, faces: Iterable[RecognizedFace], now: float) -> None:
        """Notes that these faces are in the picture, in front or not."""
        for face in faces:
            visit = self._known(face)
            if visit is not None:
                visit.seen_at = now

    def at_hand(self, now: float) -> Sequence[Visit]:
        return [visit for visit in self._visits.values() if now - visit.front_at < AT_HAND_S]

    def ended(self, now: float) -> Sequence[Visit]:
        """Returns the visits that are over; each is returned once."""
        over = [visit for visit in self._visits.values() if now - visit.seen_at > FORGET_S]
        for visit in over:
            del self._visits[visit.track_id]
        return over

    def evaded(self, identity_id: str, visit: Visit) -> Visit | None:
        """Returns the visit in which this person was asked for a movement and has left before it
        was done, or was nobody for a while; `visit`, if it is they who are asked now, is none."""
        return next(
            (
                other
                for other in self._visits.values()
                if other.unanswered is not None
                and other.unanswered.id == identity_id
                and not (other is visit and visit.asked)
            ),
            None,
        )

    def is_done(self, face: RecognizedFace) -> bool:
        visit = self._known(face)
        return visit is not None and visit.is_done

    def is_asked(self, face: RecognizedFace) -> bool:
        visit = self._known(face)
        return visit is not None and visit.asked

    def _known(self, face: RecognizedFace) -> Visit | None:
        return None if face.track_id is None else self._visits.get(face.track_id)
