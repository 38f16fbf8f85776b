"""Decides who stands in front of the station; people in the background never count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.quality import yaw
from recognition.enrollment.counting import EnrollmentLimits
from recognition.recognizer import RecognizedFace
from station.screen import Help

LIMITS = EnrollmentLimits()
"""The limits of pose, light and blur from which a person is asked to do something about it."""

MIDDLE = 0.8
"""The share of the picture's width in which a face's middle must be."""

STAYS = 0.85
"""A person in front stays in front until their face is smaller than this share of the smallest
height."""

ALIKE = 0.8
STILL_ALIKE = 0.7
"""A face with at least this share of the largest face's height may also be the one that is meant.
Once two faces are, they stay so down to the lower limit: a size that trembles at the limit must
decide nothing."""

FAR = 0.6
"""A face with at least this share of the smallest height is asked to come closer, after FAR_S."""

FAR_S = 1.0
"""Seconds for which such a face must stay and look at the station: not everyone in the distance
wants something."""


@dataclass(frozen=True, eq=False)
class InFront:
    """The person in front. face: the face that counts, None without one. help: what to tell people
    who do not count yet."""

    face: RecognizedFace | None = None
    help: Help | None = None
    helped: RecognizedFace | None = None


class Front:
    """Chooses the face that counts, frame by frame.

    smallest_face_px: the height in pixels from which a face is in front of the station and not
    behind it.
    """

    def __init__(self, smallest_face_px: float) -> None:
        self._smallest = smallest_face_px
        self._in_front: frozenset[int | None] = frozenset()
        self._several = False
        self._far: tuple[int | None, float] = (None, 0.0)

    def see(
        self,
        faces: Sequence[RecognizedFace],
        width: int,
        now: float,
        *,
        served: Callable[[RecognizedFace], bool],
        asked: Callable[[RecognizedFace], bool],
    ) -> InFront:
        """Takes in one frame, `width` pixels wide. Of several people in front, those who were
        served already make way; a person who was asked for something keeps their place."""
        middle = [f for f in faces if f.track_id and _offset(f, width) <= MIDDLE / 2]
        near = [f for f in middle if f.face.height >= self._least(f)]
        self._in_front = frozenset(f.track_id for f in near)
        if not near:
            self._several = False
            return self._far_away(middle, now)
        self._far = (None, now)
        largest = max(near, key=lambda f: f.face.height)
        share = STILL_ALIKE if self._several else ALIKE
        alike = [f for f in near if f.face.height >= share * largest.face.height]
        chosen = [f for f in alike if asked(f)] or [f for f in alike if not served(f)] or [largest]
        self._several = len(chosen) > 1
        if self._several:
            return InFront(help=Help.ONE_AT_A_TIME)
        return InFront(chosen[0])

    def _least(self, face: RecognizedFace) -> float:
        return self._smallest * (STAYS if face.track_id in self._in_front else 1.0)

    def _far_away(self, faces: Sequence[RecognizedFace], now: float) -> InFront:
        looking = [
            f
            for f in faces
            if f.face.height >= FAR * self._smallest and abs(yaw(f.face)) <= LIMITS.max_yaw
        ]
        if not looking:
            self._far = (None, now)
            return InFront()
        largest = max(looking, key=lambda f: f.face.height)
        if largest.track_id != self._far[0]:
            self._far = (largest.track_id, now)
        if now - self._far[1] < FAR_S:
            return InFront()
        return InFront(help=Help.COME_CLOSER, helped=largest)


def _offset(face: RecognizedFace, width: int) -> float:
    """Returns how far the face is from the middle of the picture, as a share of its width."""
    x1, _, x2, _ = face.face.box_xyxy
    return float(np.abs((x1 + x2) / 2 / width - 0.5))
