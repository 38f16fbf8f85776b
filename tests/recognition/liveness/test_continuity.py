from __future__ import annotations

import numpy as np
import pytest

from models.embedders.sface import FIGURES
from recognition.liveness.continuity import Continuity

from .conftest import seen


def test_one_face_throughout(head, observe) -> None:
    continuity = Continuity(FIGURES)
    for frame in range(30):
        assert not continuity.see(observe(frame / 15, seen(head) + frame))
    assert continuity.known_at == pytest.approx(29 / 15)


def test_another_track(head, observe) -> None:
    continuity = Continuity(FIGURES)
    continuity.see(observe(0, seen(head)))
    assert "another face" in continuity.see(observe(0.1, seen(head), track_id=2))


@pytest.mark.parametrize("at", [0.7, -0.1])
def test_a_gap(head, observe, at: float) -> None:
    continuity = Continuity(FIGURES)
    continuity.see(observe(0, seen(head)))
    assert "away" in continuity.see(observe(at, seen(head)))


def test_a_jump_of_the_box(head, observe) -> None:
    continuity = Continuity(FIGURES)
    continuity.see(observe(0, seen(head)))
    assert "jumped" in continuity.see(observe(0.1, seen(head) + 80))


def test_somebody_else_at_once(head, observe) -> None:
    assert "resembles" in Continuity(FIGURES).see(
        observe(0, seen(head), similarity=FIGURES.other_face - 0.01)
    )


def test_somebody_else_at_the_second_look(head, observe) -> None:
    continuity = Continuity(FIGURES)
    assert not continuity.see(observe(0, seen(head), similarity=FIGURES.same_face - 0.05))
    assert continuity.see(observe(0.1, seen(head), similarity=FIGURES.same_face - 0.05))
    assert continuity.known_at == -np.inf


def test_one_blurred_look_is_forgiven(head, observe) -> None:
    low = FIGURES.same_face - 0.05
    continuity = Continuity(FIGURES)
    for frame, similarity in enumerate((0.7, low, 0.7, low, None, 0.7)):
        assert not continuity.see(observe(frame / 10, seen(head), similarity))


def test_a_turned_face_is_not_compared(head, observe) -> None:
    continuity = Continuity(FIGURES)
    assert not continuity.see(observe(0, seen(head, yaw=50), similarity=0.0))
    assert continuity.known_at == -np.inf
