"""Presentation-attack detection for one attempt of one person; it joins all checks.

One camera can notice a picture that is held up; it cannot notice everything. It does not notice a
film of the person that happens to show what is asked, nor a mask with a nose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.embedders.figures import EmbedderFigures
from models.quality import yaw
from recognition.liveness.challenge import (
    LIMIT_S,
    Action,
    MovementChallenge,
    State,
    random_actions,
)
from recognition.liveness.continuity import Continuity
from recognition.liveness.evidence import EvidenceCue, LivenessEvidence, Reason
from recognition.liveness.observation import Observation
from recognition.liveness.parallax import Movement, Parallax, ParallaxVerdict, Reference

Mode = Literal["on", "required"]

WATCHED_S = 0.8
"""Seconds for which the passive checks watch before they decide that nothing is suspicious."""

REFERENCE_S = 0.3
"""The reference view is the median over so many seconds of looking ahead."""

REFERENCE_FRAMES = 4

AHEAD_YAW = 0.2
"""The largest Quality.yaw of a face that looks ahead: if the nose is already to one side, less can
be seen of a turn to that side."""


@dataclass(frozen=True)
class Pending:
    """Not decided yet.

    action: the movement that is asked for; None to look straight ahead, before the first action and
    after each. step: which action, from 1 to `steps`; both are 0 where nothing will be asked for.
    remaining_s: seconds until it is too late.
    """

    action: Action | None = None
    step: int = 0
    steps: int = 0
    remaining_s: float = 0.0


@dataclass(frozen=True)
class Passed:
    """Nothing is suspicious, and in the mode "required" all asked movements were made."""


@dataclass(frozen=True)
class Failed:
    """The attempt failed. detail: one sentence for whoever asks why, not for the person who stands
    there."""

    reason: Reason
    detail: str


Progress = Pending | Passed | Failed


class LivenessCheck:
    """One attempt on one track, from the moment a person is named. One thread uses it.

    In the mode "on" nobody is asked for anything, and parallax vetoes as far as there was
    movement; but the face must have been seen to be the named person's. In the mode "required"
    one or two random movements are asked for, and the face must have shown that it is not flat.
    """

    def __init__(
        self,
        mode: Mode,
        random: np.random.Generator,
        figures: EmbedderFigures,
        cues: Sequence[EvidenceCue] = (),
        actions: int = 2,
    ) -> None:
        """Begins an attempt.

        figures: of the embedder in use. actions: how many are asked for, 1 or 2.
        """
        self._actions = random_actions(random, actions) if mode == "required" else ()
        self._evidence = LivenessEvidence(cues)
        self._continuity = Continuity(figures)
        self._neutral: list[tuple[float, NDArray[np.float32]]] = []
        self._parallax: Parallax | None = None
        self._challenge: MovementChallenge | None = None
        self._step = 0
        self._began_at: float | None = None
        self._end: Passed | Failed | None = None

    @property
    def actions(self) -> tuple[Action, ...]:
        """The movements that are asked for, in order; empty in the mode "on"."""
        return self._actions

    def see(self, observation: Observation) -> Progress:
        """Takes in the next frame and returns the progress. Once passed or failed, it stays so."""
        if self._end is None:
            progress = self._judge(observation)
            if isinstance(progress, Pending):
                return progress
            self._end = progress
        return self._end

    def _judge(self, observation: Observation) -> Progress:
        at = observation.at
        if self._began_at is None:
            self._began_at = at
        if broken := self._continuity.see(observation):
            return Failed(Reason.ANOTHER_FACE, f"Not one face throughout: {broken}")
        self._evidence.see(observation)
        if veto := self._evidence.veto:
            return Failed(veto.kind.reason, veto.text)
        movement = self._moved(observation)
        if self._parallax is not None and self._parallax.verdict is ParallaxVerdict.FLAT:
            return Failed(Reason.LOOKS_FLAT, "The nose did not move against eyes and mouth")
        if not self._actions:
            waiting = self._began_at + WATCHED_S - at
            if waiting > 0 or not self._was_known:
                return Pending(None, 0, 0, max(waiting, 0.0))
            return Passed()
        if self._challenge is None:
            return self._awaited(at, movement)
        if movement is None:
            return self._pending(at) if self._challenge.remaining_s(at) else _too_late()
        return self._challenged(at, movement)

    @property
    def _was_known(self) -> bool:
        """Whether the face was ever seen to be the named person's."""
        return self._continuity.known_at > -inf

    def _moved(self, observation: Observation) -> Movement | None:
        """Returns the movement over the last moments, from the reference view; None before there is
        one."""
        if self._parallax is None:
            self._take_neutral(observation)
            return None
        return self._parallax.see(observation.at, observation.face.landmarks)

    def _take_neutral(self, observation: Observation) -> None:
        face = observation.face
        if abs(yaw(face)) > AHEAD_YAW:
            self._neutral.clear()
            return
        shape = face.landmarks - face.landmarks[[0, 1, 3, 4]].mean(axis=0)
        self._neutral.append((observation.at, shape))
        waited = observation.at - self._neutral[0][0]
        if len(self._neutral) >= REFERENCE_FRAMES and waited >= REFERENCE_S:
            shapes = np.stack([shape for _, shape in self._neutral])
            self._parallax = Parallax(Reference(np.median(shapes, axis=0).astype(np.float32)))

    def _awaited(self, at: float, movement: Movement | None) -> Progress:
        """Returns the progress before the first action, which waits for a reference view of the
        named person."""
        assert self._began_at is not None
        if movement is not None and self._was_known:
            self._challenge = MovementChallenge(self._actions[0], at)
            return self._pending(at)
        remaining = self._began_at + LIMIT_S - at
        if remaining <= 0:
            return Failed(Reason.NO_MOVEMENT, "The named person did not look straight ahead")
        return Pending(None, 1, len(self._actions), remaining)

    def _challenged(self, at: float, movement: Movement) -> Progress:
        challenge = self._challenge
        assert challenge is not None
        assert self._parallax is not None
        asked = challenge.action.name.lower().replace("_", " ")
        known = self._continuity.known_at > challenge.reached_at
        match challenge.see(at, movement, known):
            case State.ASKED:
                return self._pending(at)
            case State.TOO_LATE:
                return _too_late()
            case State.WRONG:
                return Failed(Reason.NO_MOVEMENT, f"Another movement than to {asked}")
            case State.JUMPED:
                return Failed(Reason.ANOTHER_FACE, "The head turned from one frame to the next")
            case State.DONE:
                self._step += 1
        if self._step < len(self._actions):
            self._challenge = MovementChallenge(self._actions[self._step], at)
            return self._pending(at)
        if self._parallax.verdict is not ParallaxVerdict.LIVE:
            return Failed(Reason.LOOKS_FLAT, "The nose hardly moved against eyes and mouth")
        return Passed()

    def _pending(self, at: float) -> Pending:
        challenge = self._challenge
        assert challenge is not None
        action = challenge.action if challenge.reached_at > at else None
        return Pending(action, self._step + 1, len(self._actions), challenge.remaining_s(at))


def _too_late() -> Failed:
    return Failed(Reason.NO_MOVEMENT, "The movement did not come in time")
