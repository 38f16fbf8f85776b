"""Who is let in without a word, and of whom something is asked: rendered people and pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from bench.liveness.meshes import CLOSED, OPEN, RenderedFace
from common.picture import RgbImage
from common.sentence import Sentence
from models.embedders.sface import FIGURES
from recognition.liveness.challenge import TURNS, Action
from recognition.liveness.check import LivenessCheck
from recognition.liveness.evidence import VETO, FindingKind, LivenessFinding, Reason
from recognition.liveness.observation import Observation
from recognition.liveness.progress import Failed, Passed, Pending, Progress
from recognition.liveness.requests import REQUEST_S
from recognition.liveness.unsure import MOST_DECLINED, PATIENCE_S, WATCHED_S

FPS = 15
NO_IMAGE: RgbImage = np.zeros((480, 640, 3), np.uint8)
SMALL = {Action.BLINK_TWICE, Action.SLIGHTLY_LEFT, Action.SLIGHTLY_RIGHT, Action.NOD}
POSES = {
    Action.SLIGHTLY_LEFT: {"yaw": 16.0},
    Action.SLIGHTLY_RIGHT: {"yaw": -16.0},
    Action.NOD: {"pitch": 16.0},
    Action.COME_CLOSER: {"z": 6.0, "pitch": 10.0},
    Action.TURN_LEFT: {"yaw": 45.0},
    Action.TURN_RIGHT: {"yaw": -45.0},
}
REST = {"yaw": 0.0, "pitch": 0.0, "z": 8.0}
STEP = {"yaw": 2.5, "pitch": 2.5, "z": 0.15}
REACTION_S = 0.6


@dataclass
class Saying:
    """A cue that says these findings, each from its second on."""

    findings: Sequence[tuple[float, LivenessFinding]] = ()
    said: set[int] = field(default_factory=set)

    def see(self, observation: Observation) -> LivenessFinding | None:
        for number, (at, finding) in enumerate(self.findings):
            if observation.at >= at and number not in self.said:
                self.said.add(number)
                return finding
        return None


@dataclass
class Person:
    """Does what is asked, or not; 15 frames a second."""

    check: LivenessCheck
    subject: RenderedFace
    obeys: Callable[[Action], bool] = lambda action: True
    declines: Callable[[Action], bool] = lambda action: False
    has_mesh: bool = True
    may_ask: bool = True
    likeness: float | None = 0.7
    at: float = 0.0
    told: list[Progress] = field(default_factory=list)
    pose: dict[str, float] = field(default_factory=lambda: dict(REST))
    asked: Action | None = None
    asked_at: float = 0.0

    def step(self) -> Progress:
        target, eyes = dict(REST), OPEN
        since = self.at - self.asked_at - REACTION_S
        if self.asked is not None and since >= 0 and self.obeys(self.asked):
            target |= POSES.get(self.asked, {})
            if self.asked is Action.BLINK_TWICE and since % 0.6 < 0.2:
                eyes = CLOSED
        for key, value in target.items():
            self.pose[key] += float(np.clip(value - self.pose[key], -STEP[key], STEP[key]))
        view = self.subject.view(**self.pose, eyes=eyes)
        self.at += 1 / FPS
        mesh = view.mesh if self.has_mesh else None
        seen = Observation(
            self.at, 1, view.face, NO_IMAGE, self.likeness, mesh, view.eyes if mesh else None
        )
        progress = self.check.see(seen, may_ask=self.may_ask)
        self.told.append(progress)
        action = progress.action if isinstance(progress, Pending) else None
        if action is not self.asked:
            self.asked, self.asked_at = action, self.at
        if action is not None and self.declines(action):
            self.check.decline()
        return progress

    def end(self, at_most: float = 60.0) -> Passed | Failed:
        while self.at < at_most:
            progress = self.step()
            if not isinstance(progress, Pending):
                return progress
        raise AssertionError(f"still {progress}")

    @property
    def actions(self) -> list[Action]:
        """What was asked for, in order."""
        said = [p.action for p in self.told if isinstance(p, Pending) and p.action]
        return [a for i, a in enumerate(said) if not i or a is not said[i - 1]]


def person(
    *findings: tuple[float, FindingKind, float],
    seed: int = 0,
    is_flat: bool = False,
    **how: object,
) -> Person:
    random = np.random.default_rng(seed)
    cue = Saying([(at, LivenessFinding(k, s, Sentence(f"{k.name}."))) for at, k, s in findings])
    check = LivenessCheck("when unsure", random, FIGURES, [cue])
    return Person(check, RenderedFace(random, is_flat=is_flat), **how)  # type: ignore[arg-type]


# -- without a word --------------------------------------------------------------------------


def test_who_convinces_is_in_without_a_word() -> None:
    ann = person((1.2, FindingKind.BLINK, 3.5))
    end = ann.end()
    assert end == Passed(Sentence("{}", Sentence("BLINK.")))
    assert ann.actions == []
    assert ann.at == pytest.approx(1.2, abs=0.1)


def test_even_who_convinces_at_once_is_watched_for_a_moment() -> None:
    ann = person((0.1, FindingKind.BLINK, 9.0))
    ann.end()
    assert ann.at == pytest.approx(WATCHED_S, abs=0.15)


def test_nobody_passes_who_was_not_seen_to_be_the_named_person() -> None:
    ann = person((0.1, FindingKind.BLINK, 9.0), likeness=None)
    with pytest.raises(AssertionError, match="still"):
        ann.end(10)
    assert ann.actions == []


def test_what_vetoes_refuses_even_then() -> None:
    ann = person((0.1, FindingKind.BLINK, 99.0), (0.5, FindingKind.MOIRE, VETO))
    assert ann.end() == Failed(Reason.LOOKS_FLAT, Sentence("MOIRE."))


# -- what is asked ---------------------------------------------------------------------------


def test_whoever_does_not_convince_in_two_seconds_is_asked() -> None:
    ann = person()
    while not ann.actions:
        ann.step()
    assert ann.at == pytest.approx(PATIENCE_S, abs=0.15)


def test_who_is_suspicious_is_asked_at_once_though_they_blink() -> None:
    ann = person((0.2, FindingKind.BLINK, 4.0), (0.4, FindingKind.SCREEN, -0.5))
    while not ann.actions:
        ann.step()
    assert ann.at == pytest.approx(WATCHED_S, abs=0.15)


@pytest.mark.parametrize("seed", range(30))
def test_one_answer_is_enough(seed: int) -> None:
    ann = person(seed=seed)
    end = ann.end()
    assert isinstance(end, Passed)
    assert len(ann.actions) == 1
    assert end.found.startswith("Asked to ")
    assert ann.at < PATIENCE_S + 4


def test_what_is_asked_is_random() -> None:
    asked = {person(seed=seed).end().found for seed in range(30)}
    assert len(asked) == len(SMALL)


def test_nothing_is_asked_of_who_would_not_see_it() -> None:
    ann = person(may_ask=False)
    for _ in range(10 * FPS):
        ann.step()
    assert ann.actions == []
    ann.may_ask = True
    ann.step()
    assert len(ann.actions) == 1


def test_who_convinces_meanwhile_is_in() -> None:
    ann = person((4.0, FindingKind.BLINK, 3.5), obeys=lambda action: False)
    assert isinstance(ann.end(), Passed)
    assert ann.at == pytest.approx(4.0, abs=0.1)


def test_where_much_is_suspicious_two_answers_are_needed() -> None:
    ann = person((0.2, FindingKind.SCREEN, -2.0), (0.2, FindingKind.RECTANGLE, -1.0))
    assert isinstance(ann.end(), Passed)
    assert len(set(ann.actions)) == 2
    steps = {(p.step, p.steps) for p in ann.told if isinstance(p, Pending) and p.action}
    assert steps == {(1, 1), (2, 2)}


@pytest.mark.parametrize("seed", range(10))
def test_the_second_request_is_another_one_and_the_last(seed: int) -> None:
    ann = person(seed=seed, obeys=lambda action: False)
    end = ann.end()
    assert isinstance(end, Failed)
    assert end.reason is Reason.NO_MOVEMENT
    assert len(set(ann.actions)) == len(ann.actions) == 2
    assert ann.at == pytest.approx(PATIENCE_S + 2 * REQUEST_S, abs=0.5)
    again = [p.again for p in ann.told if isinstance(p, Pending) and p.action is ann.actions[1]]
    assert all(again)


@pytest.mark.parametrize("seed", range(10))
def test_a_second_answer_lets_in(seed: int) -> None:
    first: list[Action] = []

    def obeys(action: Action) -> bool:
        first.append(action)
        return action is not first[0]

    assert isinstance(person(seed=seed, obeys=obeys).end(), Passed)


@pytest.mark.parametrize("seed", range(20))
def test_a_picture_passes_neither_held_nor_moved_as_is_asked(seed: int) -> None:
    for obeys in (True, False):
        end = person(seed=seed, is_flat=True, obeys=lambda action: obeys).end()  # noqa: B023
        if isinstance(end, Passed):  # what it cannot do by itself, and is rendered to do
            assert "blink" in end.found


# -- who cannot do it ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_who_cannot_blink_or_turn_gets_something_else(seed: int) -> None:
    cannot = {Action.BLINK_TWICE, Action.SLIGHTLY_LEFT, Action.SLIGHTLY_RIGHT}
    ann = person(seed=seed, declines=lambda action: action in cannot)
    assert isinstance(ann.end(), Passed)
    assert len(ann.actions) <= 3
    turns = {Action.SLIGHTLY_LEFT, Action.SLIGHTLY_RIGHT}
    assert len(turns.intersection(ann.actions)) <= 1


@pytest.mark.parametrize("seed", range(5))
def test_who_can_do_nothing_is_sent_to_the_code_after_some_requests(seed: int) -> None:
    ann = person(seed=seed, declines=lambda action: True)
    end = ann.end()
    assert isinstance(end, Failed)
    assert end.reason is Reason.DECLINED
    assert len(set(ann.actions)) == len(ann.actions) == MOST_DECLINED + 1


def test_coming_closer_is_asked_of_those_alone_who_cannot_do_something_else() -> None:
    asked = {
        action
        for seed in range(30)
        for ann in [person(seed=seed, declines=lambda action: True)]
        for _ in [ann.end()]
        for action in ann.actions[1:]
    }
    assert Action.COME_CLOSER in asked


def test_declining_where_nothing_is_asked_says_nothing() -> None:
    ann = person((1.0, FindingKind.BLINK, 3.5))
    ann.check.decline()
    assert isinstance(ann.end(), Passed)


# -- without FaceMesh ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_without_facemesh_a_clear_turn_is_asked_for(seed: int) -> None:
    ann = person(seed=seed, has_mesh=False)
    end = ann.end()
    assert isinstance(end, Passed)
    assert set(ann.actions) <= set(TURNS)


@pytest.mark.parametrize("seed", range(5))
def test_without_facemesh_a_picture_does_not_pass(seed: int) -> None:
    assert isinstance(person(seed=seed, has_mesh=False, is_flat=True).end(), Failed)


def test_without_facemesh_who_cannot_turn_is_sent_to_the_code() -> None:
    ann = person(has_mesh=False, declines=lambda action: True)
    end = ann.end()
    assert isinstance(end, Failed)
    assert end.reason is Reason.DECLINED
    assert len(ann.actions) == 1
