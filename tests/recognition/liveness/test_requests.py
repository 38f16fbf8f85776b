"""What is asked for, on rendered heads and pictures at FaceMesh's noise, 15 views a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import inf

import numpy as np
import pytest

from bench.liveness.meshes import CLOSED, OPEN, RenderedFace, RenderedView
from common.picture import RgbImage
from models.embedders.sface import FIGURES
from recognition.liveness.challenge import Action, State
from recognition.liveness.observation import Observation
from recognition.liveness.requests import REQUEST_S, BlinkRequest, ReliefRequest, SmallRequest
from recognition.liveness.watched import WatchedFace

FPS = 15
NO_IMAGE: RgbImage = np.zeros((480, 640, 3), np.uint8)
ANSWERS = {
    Action.SLIGHTLY_LEFT: {"yaw": 16.0},
    Action.SLIGHTLY_RIGHT: {"yaw": -16.0},
    Action.NOD: {"pitch": 16.0},
    Action.COME_CLOSER: {"z": 5.4, "pitch": 9.0},
}
REST = {"yaw": 0.0, "pitch": 0.0, "z": 8.0, "eyes": OPEN, "x": 0.0, "sagitta": 0.0}
Pose = dict[str, float]


def still(seconds: float, **pose: float) -> list[Pose]:
    return [{**REST, **pose}] * round(seconds * FPS)


def moving(seconds: float, start: Pose, end: Pose) -> list[Pose]:
    eased = (1 - np.cos(np.pi * np.arange(1, seconds * FPS + 1) / (seconds * FPS))) / 2
    start, end = {**REST, **start}, {**REST, **end}
    return [{k: start[k] + s * (end[k] - start[k]) for k in REST} for s in eased]


def there(**pose: float) -> list[Pose]:
    """Still for half a second, there in as long, and there for a while."""
    return still(0.5) + moving(0.5, {}, pose) + still(0.6, **pose)


def blinks(*at: float, seconds: float = 4.0, shut_s: float = 0.2, shut: float = CLOSED) -> list:
    """Eyes that are shut from these seconds on."""
    times = np.arange(round(seconds * FPS)) / FPS
    return [
        {**REST, "eyes": shut if any(0 <= t - begin < shut_s for begin in at) else OPEN}
        for t in times
    ]


class Asked:
    """A request to one face, which has looked ahead for some frames."""

    def __init__(self, subject: RenderedFace) -> None:
        self.subject = subject
        self.face = WatchedFace(FIGURES, ())
        self.frame, self.step = 0, 1
        self.similarity: float | None = 0.7
        self.before = [self.look(REST) for _ in range(8)]
        self.request: SmallRequest

    def look(self, pose: Pose) -> RenderedView:
        view = self.subject.view(**pose)
        self.observation = Observation(
            self.frame / FPS, 1, view.face, NO_IMAGE, self.similarity, view.mesh, view.eyes
        )
        self.face.see(self.observation)
        self.frame += self.step
        return view

    def ask(self, action: Action) -> None:
        at = self.frame / FPS
        if action is Action.BLINK_TWICE:
            bare = [np.zeros(4) for view in self.before]
            self.request = BlinkRequest(at, [view.eyes for view in self.before], bare)
        else:
            self.request = ReliefRequest(action, at, [view.mesh for view in self.before])

    def states(self, poses: Sequence[Pose]) -> Iterator[State]:
        for pose in poses:
            self.look(pose)
            yield self.request.see(self.observation, self.face)

    def end(self, poses: Sequence[Pose]) -> State:
        """The first state that is not ASKED; ASKED if there is none."""
        return next((s for s in self.states(poses) if s is not State.ASKED), State.ASKED)


@pytest.fixture(params=range(6))
def random(request: pytest.FixtureRequest) -> np.random.Generator:
    return np.random.default_rng(request.param)


@pytest.fixture
def asked(random: np.random.Generator) -> Callable[..., Asked]:
    """asked(action, is_flat=False)."""

    def asked(action: Action, is_flat: bool = False) -> Asked:
        asked = Asked(RenderedFace(random, is_flat=is_flat))
        asked.ask(action)
        return asked

    return asked


# -- movements -------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ANSWERS)
def test_a_head_that_does_it(asked: Callable[..., Asked], action: Action) -> None:
    assert asked(action).end(there(**ANSWERS[action])) is State.DONE


@pytest.mark.parametrize("action", ANSWERS)
def test_who_holds_still_is_too_late(asked: Callable[..., Asked], action: Action) -> None:
    states = list(asked(action).states(still(REQUEST_S + 0.5)))
    assert set(states) == {State.ASKED, State.TOO_LATE}
    assert states.index(State.TOO_LATE) / FPS == pytest.approx(REQUEST_S, abs=0.2)


@pytest.mark.parametrize("sagitta", [-0.1, 0.0, 0.1])
@pytest.mark.parametrize("action", ANSWERS)
def test_a_picture_that_is_moved_cleverly(
    asked: Callable[..., Asked], action: Action, sagitta: float
) -> None:
    pose = {k: v * (2.5 if k != "z" else 1.0) for k, v in ANSWERS[action].items()}
    shown = there(**pose, sagitta=sagitta) + still(REQUEST_S, **pose, sagitta=sagitta)
    assert asked(action, is_flat=True).end(shown) is not State.DONE


@pytest.mark.parametrize("action", [a for a in ANSWERS if a is not Action.COME_CLOSER])
def test_another_picture_that_shows_it(asked: Callable[..., Asked], action: Action) -> None:
    assert asked(action).end(still(1) + still(1, **ANSWERS[action])) is State.JUMPED


@pytest.mark.parametrize("action", [a for a in ANSWERS if a is not Action.COME_CLOSER])
def test_in_few_views_a_quick_head_is_not_taken_for_a_jump(
    asked: Callable[..., Asked], action: Action
) -> None:
    asking = asked(action)
    asking.step = 3  # 5 views a second
    assert asking.end(still(0.4) + still(0.4, **ANSWERS[action])) is State.WRONG


@pytest.mark.parametrize("action", [a for a in ANSWERS if a is not Action.COME_CLOSER])
def test_few_views_of_a_calm_head_are_enough(asked: Callable[..., Asked], action: Action) -> None:
    asking = asked(action)
    asking.step = 3
    poses = still(0.6) + moving(2.0, {}, ANSWERS[action]) + still(0.6, **ANSWERS[action])
    assert asking.end(poses[::2]) is State.DONE


def test_to_the_other_side(asked: Callable[..., Asked]) -> None:
    assert asked(Action.SLIGHTLY_LEFT).end(there(yaw=-16)) is State.WRONG
    assert asked(Action.SLIGHTLY_RIGHT).end(there(yaw=16)) is State.WRONG


def test_something_else(asked: Callable[..., Asked]) -> None:
    assert asked(Action.NOD).end(there(yaw=25)) is State.WRONG
    assert asked(Action.COME_CLOSER).end(there(yaw=25)) is State.WRONG


def test_what_had_begun_before_is_no_answer(asked: Callable[..., Asked]) -> None:
    one = asked(Action.SLIGHTLY_LEFT)
    begun = moving(0.4, {}, {"yaw": 16}) + still(1, yaw=16)
    assert one.end(begun) is State.ASKED
    assert one.request.reached_at == inf
    back = moving(0.4, {"yaw": 16}, {}) + there(yaw=16)
    assert one.end(back) is State.DONE


def test_it_must_be_the_named_person_afterwards(asked: Callable[..., Asked]) -> None:
    one = asked(Action.NOD)
    one.similarity = None
    assert one.end(there(pitch=16)) is State.ASKED
    assert one.request.reached_at < inf
    one.similarity = 0.7
    assert one.end(still(0.2)) is State.DONE


# -- blinks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [0.5, 1.2])
@pytest.mark.parametrize("shut_s", [0.1, 0.4])
def test_two_blinks(asked: Callable[..., Asked], gap: float, shut_s: float) -> None:
    assert asked(Action.BLINK_TWICE).end(blinks(1, 1 + gap, shut_s=shut_s)) is State.DONE


@pytest.mark.parametrize(
    "poses",
    [
        blinks(1),
        blinks(1, 3.0),
        blinks(0, 0.6),
        blinks(1, 2, shut=0.22),
        blinks(1, 1.2, shut_s=2.5),
        still(4),
    ],
    ids=["one", "far apart", "one of them before", "half", "eyes that stay shut", "none"],
)
def test_no_two_blinks(asked: Callable[..., Asked], poses: list[Pose]) -> None:
    assert asked(Action.BLINK_TWICE).end(poses) is State.ASKED


def test_one_eye_is_no_blink(asked: Callable[..., Asked]) -> None:
    one = asked(Action.BLINK_TWICE)
    for pose in blinks(1, 2):
        view = one.look(REST)
        eyes = pose["eyes"], OPEN
        seen = Observation(one.observation.at, 1, view.face, NO_IMAGE, 0.7, view.mesh, eyes)
        assert one.request.see(seen, one.face) is State.ASKED


def test_eyes_behind_a_hand_do_not_blink(asked: Callable[..., Asked]) -> None:
    one = asked(Action.BLINK_TWICE)
    for pose in blinks(1, 2):
        view = one.look(pose)
        hidden = type(view.mesh)(view.mesh.points, 0.9)
        seen = Observation(one.observation.at, 1, view.face, NO_IMAGE, 0.7, hidden, view.eyes)
        assert one.request.see(seen, one.face) is State.ASKED


def test_a_picture_does_not_blink(asked: Callable[..., Asked]) -> None:
    shown = there(yaw=20) + there(pitch=-20) + there(z=6.0)
    assert asked(Action.BLINK_TWICE, is_flat=True).end(shown) is State.ASKED
