"""Asks everybody for two random movements, a turn of the head among them."""

from __future__ import annotations

import numpy as np

from common.sentence import Sentence, joined
from recognition.liveness.challenge import (
    LIMIT_S,
    MovementChallenge,
    State,
    in_words,
    random_actions,
)
from recognition.liveness.evidence import Reason
from recognition.liveness.observation import Observation
from recognition.liveness.parallax import Movement
from recognition.liveness.progress import Failed, Passed, Pending, Progress
from recognition.liveness.watched import WatchedFace


class TwoMovements:
    """What is asked of one face. count: how many movements, 1 or 2."""

    def __init__(self, random: np.random.Generator, count: int = 2) -> None:
        self.actions = random_actions(random, count)
        self._asks_since: float | None = None
        self._challenge: MovementChallenge | None = None
        self._step = 0

    def decline(self) -> None:
        """Does nothing: whoever cannot move has a code."""

    def progress(self, observation: Observation, face: WatchedFace, *, may_ask: bool) -> Progress:
        """Returns the progress after a frame that the face has taken in. may_ask: whether something
        may be asked for now; what was asked for before goes on."""
        at = observation.at
        if self._asks_since is None:
            if not may_ask:
                return Pending()
            self._asks_since = at
        if self._challenge is None:
            return self._awaited(at, self._asks_since, face)
        if face.movement is None:
            return self._pending(at) if self._challenge.remaining_s(at) else _too_late()
        return self._challenged(at, face, face.movement)

    def _awaited(self, at: float, since: float, face: WatchedFace) -> Progress:
        """Returns the progress before the first action, which waits for a reference view of the
        named person."""
        if face.movement is not None and face.was_known:
            self._challenge = MovementChallenge(self.actions[0], at)
            return self._pending(at)
        remaining = since + LIMIT_S - at
        if remaining <= 0:
            text = Sentence("The named person did not look straight ahead.")
            return Failed(Reason.NO_MOVEMENT, text)
        return Pending(None, 1, len(self.actions), remaining)

    def _challenged(self, at: float, face: WatchedFace, movement: Movement) -> Progress:
        challenge = self._challenge
        assert challenge is not None
        match challenge.see(at, movement, face.known_at > challenge.reached_at):
            case State.ASKED:
                return self._pending(at)
            case State.TOO_LATE:
                return _too_late()
            case State.WRONG:
                text = Sentence("Another movement than to {}.", in_words(challenge.action))
                return Failed(Reason.NO_MOVEMENT, text)
            case State.JUMPED:
                text = Sentence("The head turned from one frame to the next.")
                return Failed(Reason.ANOTHER_FACE, text)
            case State.DONE:
                self._step += 1
        if self._step < len(self.actions):
            self._challenge = MovementChallenge(self.actions[self._step], at)
            return self._pending(at)
        if not face.has_moved:
            text = Sentence("The nose hardly moved against eyes and mouth.")
            return Failed(Reason.LOOKS_FLAT, text)
        done = (Sentence("Asked to {}, and did.", in_words(action)) for action in self.actions)
        return Passed(joined(*done, face.evidence.in_words))

    def _pending(self, at: float) -> Pending:
        challenge = self._challenge
        assert challenge is not None
        action = challenge.action if challenge.reached_at > at else None
        return Pending(action, self._step + 1, len(self.actions), challenge.remaining_s(at))


def _too_late() -> Failed:
    return Failed(Reason.NO_MOVEMENT, Sentence("The movement did not come in time."))
