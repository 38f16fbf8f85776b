from __future__ import annotations

import numpy as np
import pytest

from recognition.liveness.challenge import (
    LIMIT_S,
    MOVEMENTS,
    TURNS,
    Action,
    MovementChallenge,
    State,
    random_actions,
)
from recognition.liveness.parallax import Movement

FPS = 20


def moved(turn: float = 0.0, nod: float = 0.0, closer: float = 1.0) -> Movement:
    """A head that is turned so tilts its plane accordingly."""
    return Movement(turn, nod, closer, float(np.cos(np.arctan(np.hypot(turn, nod) / 0.43))))


def play(action: Action, movements: list[Movement], known: bool = True) -> State:
    challenge, state = MovementChallenge(action, 0.0), State.ASKED
    for frame, movement in enumerate(movements):
        state = challenge.see(frame / FPS, movement, known)
        if state is not State.ASKED:
            break
    return state


def there_and_back(**most: float) -> list[Movement]:
    shares = [*np.linspace(0, 1, 15), *np.ones(4), *np.linspace(1, 0, 15)]
    at_rest = {"closer": 1.0}
    return [
        moved(**{k: at_rest.get(k, 0) + s * (v - at_rest.get(k, 0)) for k, v in most.items()})
        for s in shares
    ]


@pytest.mark.parametrize(
    ("action", "most"),
    [
        (Action.TURN_LEFT, {"turn": 0.45}),
        (Action.TURN_RIGHT, {"turn": -0.45}),
        (Action.NOD, {"nod": 0.25}),
        (Action.COME_CLOSER, {"closer": 1.5}),
    ],
)
def test_the_asked_movement_there_and_back(action: Action, most: dict[str, float]) -> None:
    movements = there_and_back(**most)
    assert play(action, movements) is State.DONE
    if action is not Action.COME_CLOSER:  # Nobody steps back before it is said.
        assert play(action, movements[:17]) is State.ASKED
    assert play(action, movements, known=False) is State.ASKED
    for other in set(MOVEMENTS) - {action}:
        assert play(other, movements) in (State.WRONG, State.ASKED)


def test_a_turn_to_the_wrong_side_fails() -> None:
    assert play(Action.TURN_LEFT, there_and_back(turn=-0.45)) is State.WRONG
    assert play(Action.TURN_RIGHT, there_and_back(turn=0.45)) is State.WRONG


def test_more_than_the_asked_movement_fails() -> None:
    assert play(Action.NOD, there_and_back(nod=0.25, turn=0.3)) is State.WRONG
    assert play(Action.TURN_LEFT, there_and_back(turn=0.45, nod=0.4)) is State.WRONG
    assert play(Action.COME_CLOSER, there_and_back(closer=1.5, turn=-0.3)) is State.WRONG
    assert play(Action.TURN_LEFT, there_and_back(turn=0.45, closer=1.8)) is State.WRONG


def test_too_late() -> None:
    assert play(Action.NOD, [moved()] * int(FPS * LIMIT_S + 2)) is State.TOO_LATE
    challenge = MovementChallenge(Action.NOD, 5.0)
    assert challenge.remaining_s(6.0) == LIMIT_S - 1


def test_a_turn_from_one_frame_to_the_next_is_another_picture() -> None:
    assert play(Action.TURN_LEFT, [*[moved()] * 10, *[moved(turn=0.45)] * 10]) is State.JUMPED


def test_random_actions_hold_a_turn() -> None:
    seen = set()
    for seed in range(300):
        actions = random_actions(np.random.default_rng(seed), 2)
        assert len(set(actions)) == 2
        assert set(actions) & set(TURNS)
        seen.add(actions)
    assert len(seen) == 10
    assert {random_actions(np.random.default_rng(seed), 1)[0] for seed in range(20)} == set(TURNS)
    with pytest.raises(ValueError, match="one or two"):
        random_actions(np.random.default_rng(0), 3)
