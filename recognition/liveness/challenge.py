"""Asks a person for random movements and checks them on the landmarks over time."""

from __future__ import annotations

from enum import Enum, auto
from math import inf

import numpy as np

from common.sentence import Sentence
from recognition.liveness.parallax import LIVE_DEPTH, LIVE_SHIFT, Movement

LIMIT_S = 10.0
"""The limit in seconds for one action, the way back included."""

NEUTRAL = 0.1
"""The face counts as looking ahead while its nose is no farther than this from its first place, in
eye distances."""

NODDED = 0.16
"""The least Movement.nod of a nod, some 20 degrees. It shows that the person does what is asked;
that the face is no flat picture is shown by the turn alone, since a picture held upright and tilted
reaches 0.14."""

CLOSER = 1.3

OTHER_TURN, OTHER_NOD, OTHER_CLOSER = 0.22, 0.32, 1.6
"""Above these limits the face does more than the asked movement. Nobody turns about one axis only:
a turn tilts the head a little, and a nod brings it nearer."""

BETWEEN = (NEUTRAL, 0.22)
BETWEEN_S = 0.11
"""The nose of a turning head passes through the range BETWEEN, 13 to 27 degrees, in one frame or
more, and for at least BETWEEN_S seconds; a picture that is exchanged for another jumps across
it."""


class Action(Enum):
    """What liveness may ask for; left and right are the person's own."""

    TURN_LEFT = auto()
    TURN_RIGHT = auto()
    NOD = auto()
    COME_CLOSER = auto()
    BLINK_TWICE = auto()
    SLIGHTLY_LEFT = auto()
    SLIGHTLY_RIGHT = auto()


TURNS = (Action.TURN_LEFT, Action.TURN_RIGHT)

MOVEMENTS = (*TURNS, Action.NOD, Action.COME_CLOSER)
"""What five points can tell, and random_actions() chooses from."""

_WORDS = {
    Action.TURN_LEFT: Sentence("turn the head to the left"),
    Action.TURN_RIGHT: Sentence("turn the head to the right"),
    Action.NOD: Sentence("nod"),
    Action.COME_CLOSER: Sentence("come closer"),
    Action.BLINK_TWICE: Sentence("blink twice"),
    Action.SLIGHTLY_LEFT: Sentence("turn a little to the left"),
    Action.SLIGHTLY_RIGHT: Sentence("turn a little to the right"),
}


def in_words(action: Action) -> Sentence:
    """Returns what is asked for, after "asked to"."""
    return _WORDS[action]


class State(Enum):
    ASKED = auto()
    DONE = auto()
    TOO_LATE = auto()
    WRONG = auto()
    JUMPED = auto()


def random_actions(random: np.random.Generator, count: int = 2) -> tuple[Action, ...]:
    """Returns `count` different actions, 1 or 2, in random order, a turn among them.

    A turn alone moves the nose of every real head clearly against the plane of eyes and mouth.
    Raises ValueError for another count.
    """
    if count not in (1, 2):
        raise ValueError(f"one or two actions, not {count}")
    turn = TURNS[random.integers(2)]
    if count == 1:
        return (turn,)
    others = [action for action in MOVEMENTS if action is not turn]
    pair = (turn, others[random.integers(3)])
    return pair if random.integers(2) else pair[::-1]


class MovementChallenge:
    """The challenge to make one movement, from a neutral pose and back to it."""

    def __init__(self, action: Action, began_at: float) -> None:
        self.action = action
        self._began_at = began_at
        self._closer_before: float | None = None
        self._ahead_at = began_at
        self._turned_at: float | None = None
        self._between = False
        self.reached_at = inf
        """When the asked movement was made, in the seconds of see(); infinite before."""

    def remaining_s(self, at: float) -> float:
        return max(0.0, self._began_at + LIMIT_S - at)

    def see(self, at: float, movement: Movement, known: bool) -> State:
        """Takes in the movement over the last moments and returns the state of the challenge.

        known: whether the face was seen to be the named person's since the asked movement.
        """
        if self._closer_before is None:
            self._closer_before = movement.closer
        closer = movement.closer / self._closer_before
        if self._is_other(movement, closer):
            return State.WRONG
        self._watch_turn(at, abs(movement.turn))
        if self.reached_at == inf and self._is_asked(movement, closer):
            if self.action in TURNS and not self._gradual:
                return State.JUMPED
            self.reached_at = at
        if self.reached_at < at and known and is_neutral(movement):
            return State.DONE
        return State.TOO_LATE if not self.remaining_s(at) else State.ASKED

    def _watch_turn(self, at: float, turn: float) -> None:
        if turn <= BETWEEN[0]:
            self._ahead_at, self._turned_at, self._between = at, None, False
        elif turn < BETWEEN[1]:
            self._between = True
        elif self._turned_at is None:
            self._turned_at = at

    @property
    def _gradual(self) -> bool:
        turned_at = self._turned_at if self._turned_at is not None else inf
        return self._between and turned_at - self._ahead_at > BETWEEN_S

    def _is_asked(self, movement: Movement, closer: float) -> bool:
        deep = movement.depth >= LIVE_DEPTH
        match self.action:
            case Action.TURN_LEFT:
                return movement.turn >= LIVE_SHIFT and deep
            case Action.TURN_RIGHT:
                return movement.turn <= -LIVE_SHIFT and deep
            case Action.NOD:
                return movement.nod >= NODDED
            case Action.COME_CLOSER:
                return closer >= CLOSER
        raise ValueError(f"five points cannot tell {self.action}")

    def _is_other(self, movement: Movement, closer: float) -> bool:
        """Returns whether the face makes a movement that was not asked for."""
        turn = {Action.TURN_LEFT: -movement.turn, Action.TURN_RIGHT: movement.turn}.get(
            self.action, abs(movement.turn)
        )
        return (
            turn > OTHER_TURN
            or (self.action is not Action.NOD and abs(movement.nod) > OTHER_NOD)
            or (self.action is not Action.COME_CLOSER and closer > OTHER_CLOSER)
        )


def is_neutral(movement: Movement) -> bool:
    return abs(movement.turn) <= NEUTRAL and abs(movement.nod) <= NEUTRAL
