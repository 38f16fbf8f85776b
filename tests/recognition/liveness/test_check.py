"""One attempt, on landmarks without noise; bench/liveness/attempts.py plays them with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bench.liveness.heads import Points
from common.sentence import Sentence
from models.embedders.sface import FIGURES
from recognition.liveness.challenge import LIMIT_S, Action
from recognition.liveness.check import LivenessCheck
from recognition.liveness.evidence import VETO, FindingKind, LivenessFinding, Reason
from recognition.liveness.observation import Observation
from recognition.liveness.progress import Failed, Passed, Pending, Progress

from .conftest import seen

POSES = {
    Action.TURN_LEFT: {"yaw": 45.0},
    Action.TURN_RIGHT: {"yaw": -45.0},
    Action.NOD: {"pitch": 28.0},
    Action.COME_CLOSER: {"z": 8.0},
    None: {},
}
AHEAD = {"yaw": 0.0, "pitch": 0.0, "z": 12.0}


class Obedient:
    """Does whatever is asked for, 20 frames a second."""

    def __init__(self, points: Points, observe: Callable[..., Observation]) -> None:
        self.points, self.observe, self.at = points, observe, 0.0
        self.pose = dict(AHEAD)

    def next(self, asked: Action | None) -> Observation:
        target = {**AHEAD, **POSES[asked]}
        if asked is None:
            target["z"] = self.pose["z"]
        for key, value in target.items():
            step = 0.1 if key == "z" else 2.5
            self.pose[key] += float(np.clip(value - self.pose[key], -step, step))
        self.at += 0.05
        return self.observe(self.at, seen(self.points, **self.pose))

    def attempt(
        self, check: LivenessCheck, change: Callable[[Observation], Observation] = lambda o: o
    ) -> tuple[Progress, list[Progress]]:
        progress: Progress = Pending(None, 0, 0, 0)
        told = []
        while isinstance(progress, Pending):
            progress = check.see(change(self.next(progress.action)))
            told.append(progress)
        return progress, told


@pytest.fixture
def person(head, observe) -> Obedient:
    return Obedient(head, observe)


@pytest.fixture
def picture(flat_head, observe) -> Obedient:
    return Obedient(flat_head, observe)


def required(seed: int = 0, actions: int = 2) -> LivenessCheck:
    return LivenessCheck("always", np.random.default_rng(seed), FIGURES, actions=actions)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("actions", [1, 2])
def test_a_live_person_passes(person: Obedient, seed: int, actions: int) -> None:
    check = required(seed, actions)
    end, told = person.attempt(check)
    assert isinstance(end, Passed)
    asked = [p.action for p in told if isinstance(p, Pending)]
    assert len({a for a in asked if a}) == actions
    steps = [p.step for p in told if isinstance(p, Pending)]
    assert steps == sorted(steps)
    assert steps[-1] == actions
    assert all(0 <= p.remaining_s <= LIMIT_S for p in told if isinstance(p, Pending))


@pytest.mark.parametrize("seed", range(8))
def test_a_flat_picture_does_not(picture: Obedient, seed: int) -> None:
    end, _ = picture.attempt(required(seed))
    assert isinstance(end, Failed)
    assert end.reason in (Reason.LOOKS_FLAT, Reason.NO_MOVEMENT)


def test_a_tilted_picture_looks_flat_in_both_modes(picture: Obedient) -> None:
    for check in (required(), LivenessCheck("when unsure", np.random.default_rng(0), FIGURES)):
        progress: Progress = Pending(None, 0, 0, 0)
        picture.pose = dict(AHEAD)
        for frame in range(60):
            asked = Action.TURN_LEFT if frame > 7 else None
            picture.pose["yaw"] += 5.0 if asked and picture.pose["yaw"] < 45 else 0.0
            progress = check.see(picture.next(asked))
            if not isinstance(progress, Pending):
                break
        assert isinstance(progress, Failed)
        assert progress.reason is Reason.LOOKS_FLAT


def test_who_does_not_move_is_refused_in_time(person: Obedient) -> None:
    check, progress = required(), Pending(None, 0, 0, 0)
    while isinstance(progress, Pending):
        progress = check.see(person.next(None))
    assert isinstance(progress, Failed)
    assert progress.reason is Reason.NO_MOVEMENT
    assert LIMIT_S <= person.at <= LIMIT_S + 1


def test_who_never_looks_ahead_is_refused_in_time(person: Obedient, observe) -> None:
    check, at, progress = required(), 0.0, Pending(None, 0, 0, 0)
    while isinstance(progress, Pending):
        at += 0.1
        progress = check.see(observe(at, seen(person.points, yaw=40)))
    assert progress == Failed(Reason.NO_MOVEMENT, "The named person did not look straight ahead.")


@pytest.mark.parametrize(
    "change",
    [
        lambda o: replace(o, track_id=2) if o.at > 2 else o,
        lambda o: replace(o, similarity=0.1) if o.at > 2 else o,
        lambda o: replace(o, at=o.at + 1) if o.at > 2 else o,
    ],
    ids=["track", "similarity", "gap"],
)
def test_another_face_in_the_middle(person: Obedient, change) -> None:
    end, _ = person.attempt(required(), change)
    assert isinstance(end, Failed)
    assert end.reason is Reason.ANOTHER_FACE


def test_without_any_similarity_nobody_passes(person: Obedient) -> None:
    end, _ = person.attempt(required(), lambda o: replace(o, similarity=None))
    assert isinstance(end, Failed)
    assert end.reason is Reason.NO_MOVEMENT


def test_the_one_who_comes_back_must_be_seen_to_be_the_same(person: Obedient) -> None:
    def hidden(observation: Observation) -> Observation:
        return replace(observation, similarity=0.7 if observation.at < 1 else None)

    end, _ = person.attempt(required(), hidden)
    assert end == Failed(Reason.NO_MOVEMENT, "The movement did not come in time.")


class Suspicious:
    def see(self, observation: Observation) -> LivenessFinding | None:
        if observation.at <= 0.5:
            return None
        return LivenessFinding(FindingKind.FROZEN, VETO, Sentence("Something is wrong."))


@pytest.mark.parametrize("mode", ["when unsure", "always"])
def test_a_cue_vetoes_and_the_end_stays(person: Obedient, mode) -> None:
    check = LivenessCheck(mode, np.random.default_rng(0), FIGURES, [Suspicious()])
    end, _ = person.attempt(check)
    assert end == Failed(Reason.FROZEN_CAMERA, "Something is wrong.")
    assert check.see(person.next(None)) is end
