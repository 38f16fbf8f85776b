"""Checks in every frame that the person who moves is the person who is named."""

from __future__ import annotations

from math import dist, inf

from common.sentence import Sentence
from models.embedders.figures import EmbedderFigures
from models.face import Face
from models.quality import yaw
from recognition.liveness.observation import Observation

GAP_S = 0.5
"""The longest time in seconds without the face: less than it takes to hold up another one."""

MOST_SHIFT = 0.5
"""The largest shift, in face widths, between two frames a tenth of a second apart."""

MOST_GROWTH = 1.35
"""The largest ratio of a face's height to its height in the frame before."""

FRONTAL_YAW = 0.3
"""The largest yaw at which a similarity is required; models/embedders/sface.py tells how it falls
with the yaw."""


class Continuity:
    """Follows one face and says whether it has stayed the same face.

    figures: of the embedder that gave the observations' similarities.
    """

    def __init__(self, figures: EmbedderFigures) -> None:
        self._figures = figures
        self._last: Observation | None = None
        self._low = 0
        self.known_at = -inf
        """When the face was last seen to be the named person's, in the observations' seconds."""

    def see(self, observation: Observation) -> Sentence | None:
        """Takes in a frame. Returns why this face is not the one that was there before; None where
        it is."""
        last, self._last = self._last, observation
        if last is not None and (broken := _broken(last, observation)):
            return broken
        similarity = observation.similarity
        if similarity is None or not is_frontal(observation.face):
            return None
        if similarity >= self._figures.same_face:
            self._low = 0
            self.known_at = observation.at
            return None
        self._low += 1
        if similarity < self._figures.other_face or self._low > 1:
            return Sentence("the face resembles the named person by only {}", f"{similarity:.2f}")
        return None


def is_frontal(face: Face) -> bool:
    """Returns whether the face is frontal enough for a similarity to be measured."""
    return abs(yaw(face)) <= FRONTAL_YAW


def _broken(last: Observation, now: Observation) -> Sentence | None:
    if now.track_id != last.track_id:
        return Sentence("another face was followed")
    gap = now.at - last.at
    if not 0 <= gap <= GAP_S:
        return Sentence("the face was away for {} s", f"{gap:.1f}")
    before, after = last.face, now.face
    growth = after.height / max(before.height, 1e-6)
    if max(growth, 1 / max(growth, 1e-6)) > MOST_GROWTH:
        return Sentence("the face changed its size at once")
    if dist(_middle(before), _middle(after)) > MOST_SHIFT * before.width * max(gap / 0.1, 1.0):
        return Sentence("the face jumped")
    return None


def _middle(face: Face) -> tuple[float, float]:
    x1, y1, x2, y2 = face.box_xyxy.tolist()
    return (x1 + x2) / 2, (y1 + y2) / 2
