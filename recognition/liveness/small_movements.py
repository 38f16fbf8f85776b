"""Notices the small movements of a live head that nobody asked for.

Nobody holds their head still: it turns and nods by a few degrees, and then its relief shows
(recognition/liveness/relief.py). And a face moves in itself: lids and brows, as the eyes look
about. A picture does neither, however it is held; but FaceMesh sees a little of both where it is
tilted, the more the farther. So what counts is what is beyond that.

A film of the person shows both as well, so that they speak against a still picture alone.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from common.sentence import Sentence
from models.landmarks.face_mesh import DenseLandmarks
from models.landmarks.head_pose import head_angles
from recognition.liveness.evidence import FindingKind, LivenessFinding
from recognition.liveness.observation import Observation
from recognition.liveness.relief import Relief, ReliefMovement, seen_in_tilt

REFERENCE = 3
"""The reference view is the mean of so many."""

SMOOTHED = 3
"""A movement is the median of so many views."""

FRONTAL_DEG = 25.0
"""The largest yaw of a view of the reference: in a profile FaceMesh guesses half of the points."""

CLEAR = 0.97
"""The least presence of a face whose points count: a hand before it lowers that."""

RELIEF = ((0.015, 1.5), (0.025, 3.5))
"""How far a head turns or nods beyond what a picture may seem to, a sine, and how strongly that
speaks for a live one."""

OWN, OWN_IN_TILT = 0.006, 0.1
"""How far lids seem to move in a picture, in distances of the eyes' outer corners, and how much
more for each turn or nod that its tilt may seem."""

OWN_SHARES = ((1.0, 1.5), (1.35, 3.5))
"""How many times as far they move in a face, and how strongly that speaks for a live one."""

LIDS = (
    246, 161, 160, 159, 158, 157, 173, 163, 144, 145, 153, 154,
    466, 388, 387, 386, 385, 384, 398, 381, 380, 374, 373, 390,
)  # fmt: skip
"""FaceMesh's points along the lids."""

_Strengths = tuple[tuple[float, float], ...]


class _Views:
    """The views of one face, against their reference view.

    in_tilt: the turn or nod that a picture may seem to make which was tilted as this face.
    """

    def __init__(self) -> None:
        self._first: list[DenseLandmarks] = []
        self._relief: Relief | None = None
        self._recent: deque[tuple[ReliefMovement, NDArray[np.float64]]] = deque(maxlen=SMOOTHED)
        self.in_tilt = self._tilt = 0.0

    def see(self, observation: Observation) -> tuple[float, NDArray[np.float64]] | None:
        """Takes in a frame. Returns the median turn or nod, and the median own movement of LIDS;
        None before there are any."""
        mesh = observation.mesh
        if mesh is None or mesh.presence < CLEAR:
            return None
        if self._relief is None:
            if abs(head_angles(mesh).yaw_deg) <= FRONTAL_DEG:
                self._first.append(mesh)
            if len(self._first) == REFERENCE:
                self._relief = Relief(self._first, LIDS)
            return None
        self._recent.append((self._relief.movement(mesh), self._relief.own_movement(mesh)))
        if len(self._recent) < SMOOTHED:
            return None
        movements = [movement for movement, _ in self._recent]
        turn, nod, tilt = np.median([(m.turn, m.nod, m.tilt) for m in movements], axis=0)
        self._tilt = max(self._tilt, float(tilt))
        self.in_tilt = seen_in_tilt(self._tilt)
        own = np.median([own for _, own in self._recent], axis=0)
        return float(np.hypot(turn, nod)), np.asarray(own)


class SmallTurns:
    """Watches a head turn and nod a little."""

    def __init__(self) -> None:
        self._views = _Views()
        self._found = 0.0

    def see(self, observation: Observation) -> LivenessFinding | None:
        """Takes in a frame; see EvidenceCue."""
        moved = self._views.see(observation)
        if moved is None:
            return None
        strength = _strength(RELIEF, moved[0] - self._views.in_tilt)
        if strength <= self._found:
            return None
        self._found = strength
        text = Sentence("The head turned a little, and its nearer parts moved farther.")
        return LivenessFinding(FindingKind.PARALLAX, strength, text)


class OwnMovement:
    """Watches lids move against the rest of a face."""

    def __init__(self) -> None:
        self._views = _Views()
        self._found = 0.0

    def see(self, observation: Observation) -> LivenessFinding | None:
        """Takes in a frame; see EvidenceCue."""
        moved = self._views.see(observation)
        if moved is None:
            return None
        far = float(np.sqrt((moved[1] ** 2).sum(axis=1).mean()))
        strength = _strength(OWN_SHARES, far / (OWN + OWN_IN_TILT * self._views.in_tilt))
        if strength <= self._found:
            return None
        self._found = strength
        text = Sentence("The eyes moved in the face.")
        return LivenessFinding(FindingKind.EXPRESSION, strength, text)


def _strength(steps: _Strengths, value: float) -> float:
    return max((strength for least, strength in steps if value >= least), default=0.0)
