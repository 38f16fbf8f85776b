"""Small things that a person may be asked for, and how it is seen that they were done.

They need FaceMesh's points; where there are none, FivePointTurn asks for a clear turn instead.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import inf
from statistics import median_low
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.landmarks.face_mesh import DenseLandmarks
from recognition.liveness.challenge import Action, MovementChallenge, State
from recognition.liveness.covering import COVERED_S, contrasts, is_bare
from recognition.liveness.observation import Observation
from recognition.liveness.relief import Relief, ReliefMovement, seen_in_tilt
from recognition.liveness.watched import WatchedFace

REQUEST_S = 7.0
"""Seconds for one request. In a longer time more happens by chance in a film that is played."""

REACTION_S = 0.25
"""Nobody answers sooner than so many seconds after the request: what has begun before is none."""

SHUT = 0.75
"""An eye is shut whose opening is at most this share of what it was before. In the blinks of
../shared/video/webcam both eyes go down to 0.58 to 0.78."""

OPEN_AGAIN = 0.85
LONGEST_BLINK_S = 1.0
"""Eyes that are shut for longer do not blink: the person looks down."""

TWICE_S = 1.5
"""The longest time between two blinks that belong together."""

CLEAR = 0.99
"""The least presence of a face whose blink counts: a hand before the eyes lowers it."""

MOVED = 0.15
"""The least turn or nod that counts, a sine: some 9 to 12 degrees. A flat picture, tilted or bent,
reaches 0.06 (recognition/liveness/relief.py)."""

BEYOND_TILT = 0.05
"""The least turn or nod beyond what a picture seems to make that was tilted as far."""

AHEAD = 0.05
"""The face looks ahead while it has turned or nodded by no more than this."""

GRADUAL_S = 0.1
"""From AHEAD to MOVED a head takes this time at least, and is seen in between; a picture that is
exchanged for another jumps. Where views are farther apart than this, a quick head and a jump
look alike: neither counts."""

OTHER = 0.3
"""A face that moves this far otherwise than was asked does something else."""

CLOSER, CLOSER_RELIEF = 1.25, 0.12
"""The least growth of a face that comes closer, and the least turn or nod to any side on the way: a
head that leans forward sways, and growth alone any picture shows."""

SMOOTHED = 3
"""A movement is the median of so many views."""


class SmallRequest(Protocol):
    """One request, from the moment at which it is made.

    reached_at: when what was asked for was seen, in the observations' seconds; infinite before.
    """

    @property
    def action(self) -> Action: ...

    @property
    def reached_at(self) -> float: ...

    def remaining_s(self, at: float) -> float: ...

    def see(self, observation: Observation, face: WatchedFace) -> State:
        """Takes in a frame that the face has taken in, too."""


class _TimedRequest:
    """A request with a limit, done once the face was seen to be the named person's afterwards."""

    def __init__(self, action: Action, began_at: float) -> None:
        self.action = action
        self.reached_at = inf
        self._began_at = began_at

    def remaining_s(self, at: float) -> float:
        return max(0.0, self._began_at + REQUEST_S - at)

    def _state(self, at: float, face: WatchedFace) -> State:
        if face.known_at > self.reached_at:
            return State.DONE
        return State.ASKED if self.remaining_s(at) else State.TOO_LATE


class BlinkRequest(_TimedRequest):
    """Asks for two blinks with both eyes.

    openings: of both eyes before, (n, 2), at least one. bare: the contrasts() of the same views.
    """

    def __init__(
        self,
        began_at: float,
        openings: Sequence[tuple[float, float]],
        bare: Sequence[NDArray[np.float64]],
    ) -> None:
        super().__init__(Action.BLINK_TWICE, began_at)
        self._bare = bare
        self._before = np.median(np.array(openings), axis=0)
        self._shut_at: float | None = None
        self._covered_at = -inf
        self._blinked_at = -inf

    def see(self, observation: Observation, face: WatchedFace) -> State:
        """Takes in a frame that the face has taken in, too."""
        mesh, eyes = observation.mesh, observation.eyes
        if mesh is not None and eyes is not None and mesh.presence >= CLEAR:
            shares = np.array(eyes) / self._before
            if shares.max() > SHUT or is_bare(contrasts(observation.image, mesh), self._bare):
                self._watch(observation.at, float(shares.max()), float(shares.min()))
            else:
                self._covered_at = observation.at
        return self._state(observation.at, face)

    def _watch(self, at: float, most: float, least: float) -> None:
        if self._shut_at is None:
            apart = at - self._covered_at >= COVERED_S
            if most <= SHUT and apart and at >= self._began_at + REACTION_S:
                self._shut_at = at
        elif least >= OPEN_AGAIN:
            if at - self._shut_at <= LONGEST_BLINK_S and self._covered_at < self._shut_at:
                self._blink(self._shut_at, at)
            self._shut_at = None

    def _blink(self, shut_at: float, at: float) -> None:
        if self.reached_at == inf and shut_at - self._blinked_at <= TWICE_S:
            self.reached_at = at
        self._blinked_at = shut_at


class ReliefRequest(_TimedRequest):
    """Asks for a small movement, which the head's relief has to show.

    action: SLIGHTLY_LEFT, SLIGHTLY_RIGHT, NOD or COME_CLOSER. meshes: views of the face as it looks
    ahead before, at least one.
    """

    def __init__(self, action: Action, began_at: float, meshes: Sequence[DenseLandmarks]) -> None:
        super().__init__(action, began_at)
        self._relief = Relief(meshes)
        self._recent: deque[ReliefMovement] = deque(maxlen=SMOOTHED)
        self._swayed = self._tilt = 0.0
        self._ahead_at, self._left_at = -inf, inf
        self._between = self._is_sparse = False

    def see(self, observation: Observation, face: WatchedFace) -> State:
        """Takes in a frame that the face has taken in, too."""
        at = observation.at
        if observation.mesh is not None and self.reached_at == inf:
            movement = self._relief.movement(observation.mesh)
            self._recent.append(movement)
            self._watch(at, self._asked(movement))
            if len(self._recent) == SMOOTHED:
                smoothed = _median(self._recent)
                self._tilt = max(self._tilt, smoothed.tilt)
                far = max(abs(smoothed.turn), abs(smoothed.nod))
                if far - seen_in_tilt(self._tilt) >= BEYOND_TILT:
                    self._swayed = max(self._swayed, far)
                if self._is_other(smoothed):
                    return State.WRONG
                if self._is_done(smoothed):
                    if not self._is_gradual(at):
                        return State.WRONG if self._is_sparse else State.JUMPED
                    self.reached_at = at
        return self._state(at, face)

    def _asked(self, movement: ReliefMovement) -> float:
        """Returns how far the face has moved as it was asked to; comes closer: of CLOSER."""
        match self.action:
            case Action.SLIGHTLY_LEFT:
                return movement.turn
            case Action.SLIGHTLY_RIGHT:
                return -movement.turn
            case Action.NOD:
                return movement.nod
            case Action.COME_CLOSER:
                return MOVED * (movement.closer - 1) / (CLOSER - 1)
        raise ValueError(f"no relief shows {self.action}")

    def _watch(self, at: float, moved: float) -> None:
        if moved <= AHEAD:
            self._left_at, self._ahead_at, self._between = inf, at, False
            return
        self._left_at = min(self._left_at, at)
        self._is_sparse = self._left_at - self._ahead_at > GRADUAL_S
        self._between = self._between or moved < MOVED

    def _is_done(self, movement: ReliefMovement) -> bool:
        if self._asked(movement) < MOVED or self._ahead_at < self._began_at + REACTION_S:
            return False
        return self._swayed >= (CLOSER_RELIEF if self.action is Action.COME_CLOSER else MOVED)

    def _is_gradual(self, at: float) -> bool:
        return self._between and at - self._ahead_at >= GRADUAL_S

    def _is_other(self, movement: ReliefMovement) -> bool:
        match self.action:
            case Action.SLIGHTLY_LEFT | Action.SLIGHTLY_RIGHT:
                return self._asked(movement) < -MOVED or abs(movement.nod) > OTHER
            case _:
                return abs(movement.turn) > OTHER


class FivePointTurn:
    """Asks for a clear turn of the head and back, which MTCNN's five points can show.

    action: TURN_LEFT or TURN_RIGHT.
    """

    def __init__(self, action: Action, began_at: float) -> None:
        self._challenge = MovementChallenge(action, began_at)

    @property
    def action(self) -> Action:
        return self._challenge.action

    @property
    def reached_at(self) -> float:
        """When the head was turned; infinite before."""
        return self._challenge.reached_at

    def remaining_s(self, at: float) -> float:
        return self._challenge.remaining_s(at)

    def see(self, observation: Observation, face: WatchedFace) -> State:
        """Takes in a frame that the face has taken in, too."""
        if face.movement is None:
            return State.ASKED if self.remaining_s(observation.at) else State.TOO_LATE
        known = face.known_at > self.reached_at
        return self._challenge.see(observation.at, face.movement, known)


def _median(movements: Sequence[ReliefMovement]) -> ReliefMovement:
    """Returns the median of each number, one of the values: so a jump stays a jump."""
    return ReliefMovement(
        median_low(m.turn for m in movements),
        median_low(m.nod for m in movements),
        median_low(m.closer for m in movements),
        median_low(m.tilt for m in movements),
    )
