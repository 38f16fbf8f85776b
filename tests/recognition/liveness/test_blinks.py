from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from bench.liveness.meshes import CLOSED, OPEN, RenderedFace
from models.landmarks.face_mesh import DenseLandmarks
from recognition.liveness.blinks import STRENGTH, NaturalBlink
from recognition.liveness.evidence import FindingKind, LivenessFinding
from recognition.liveness.observation import Observation

FPS = 15
OPEN_EYES = [OPEN] * 12


def found(
    openings: Sequence[float | tuple[float, float]], presence: float = 0.99, fps: float = FPS
) -> LivenessFinding | None:
    """What a blink cue says of these openings in frame after frame."""
    head = RenderedFace(np.random.default_rng(0))
    cue, last = NaturalBlink(), None
    for index, opening in enumerate(openings):
        view = head.view()
        eyes = opening if isinstance(opening, tuple) else (opening, opening)
        mesh = DenseLandmarks(view.mesh.points, presence)
        still = np.zeros((1, 1, 3), np.uint8)
        finding = cue.see(Observation(index / fps, 1, view.face, still, None, mesh, eyes))
        last = finding or last
    return last


def test_a_blink_speaks_for_a_live_face_once() -> None:
    finding = found([*OPEN_EYES, CLOSED, CLOSED, *OPEN_EYES, CLOSED, CLOSED, OPEN])
    assert finding is not None
    assert (finding.kind, finding.strength) == (FindingKind.BLINK, STRENGTH)


def test_a_blink_after_the_person_has_looked_down_for_a_while() -> None:
    down = [*OPEN_EYES, *[CLOSED] * 20, *[OPEN] * 20]
    assert found(down) is None
    assert found([*down, CLOSED, CLOSED, OPEN]) is not None


def test_eyes_that_look_elsewhere_after_the_blink() -> None:
    assert found([*OPEN_EYES, CLOSED, CLOSED, *[0.84 * OPEN] * 5]) is not None


@pytest.mark.parametrize("openings", [[0.16, 0.11], [OPEN, 0.18]])
def test_eyes_that_tremble_or_are_half_shut_do_not_blink(openings: list[float]) -> None:
    random = np.random.default_rng(0)
    trembling = [o + random.normal(0, 0.03) for o in [openings[0]] * 15]
    assert found([*trembling, openings[1], openings[1], *trembling]) is None


@pytest.mark.parametrize("fps", [8, 30])
def test_at_other_frame_rates(fps: int) -> None:
    closed = [CLOSED] * max(round(0.15 * fps), 1)
    assert found([*[OPEN] * fps, *closed, *[OPEN] * 5], fps=fps) is not None


@pytest.mark.parametrize(
    "openings",
    [
        [*OPEN_EYES, *OPEN_EYES, *OPEN_EYES],
        [*OPEN_EYES, (OPEN, CLOSED), (OPEN, CLOSED), *OPEN_EYES],
        [*OPEN_EYES, *[CLOSED] * 12, *OPEN_EYES],
        [*OPEN_EYES, *np.linspace(OPEN, CLOSED, 8), *np.linspace(CLOSED, OPEN, 8), OPEN, OPEN],
        [CLOSED, CLOSED, *OPEN_EYES],
        [*OPEN_EYES, CLOSED, CLOSED],
    ],
    ids=["open", "a wink", "looks down", "a picture is tilted", "opened", "still closed"],
)
def test_what_is_no_blink(openings: list[float]) -> None:
    assert found(openings) is None


def test_a_hand_before_the_eyes_is_no_blink() -> None:
    assert found([*OPEN_EYES, CLOSED, CLOSED, *OPEN_EYES], presence=0.9) is None


def test_frames_without_eyes_are_passed_over() -> None:
    cue = NaturalBlink()
    view = RenderedFace(np.random.default_rng(0)).view()
    observation = Observation(0.0, 1, view.face, np.zeros((1, 1, 3), np.uint8))
    assert cue.see(observation) is None
    assert cue.see(replace(observation, mesh=view.mesh)) is None
