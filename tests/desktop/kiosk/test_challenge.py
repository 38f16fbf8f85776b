from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from desktop.kiosk.head_figure import MOVE_S, FigurePose, HeadFigure, pose_of
from desktop.kiosk.pages.challenge import ChallengePage
from recognition.liveness.challenge import Action
from station.screen import Challenge

from .scenes import BOX


def challenge(seconds: float, step: int = 1, action: Action = Action.NOD) -> Challenge:
    return Challenge(action, step, 2, seconds, BOX)


@pytest.mark.parametrize("action", Action)
def test_the_drawn_head_moves_there_and_back(action: Action) -> None:
    begin, half, end = (pose_of(action, at) for at in (0.0, MOVE_S / 2, MOVE_S))
    assert begin != half
    assert begin == FigurePose(
        pytest.approx(end.yaw), pytest.approx(end.pitch), pytest.approx(end.size)
    )


def test_it_moves_as_a_mirror_shows_it() -> None:
    assert pose_of(Action.TURN_LEFT, MOVE_S / 2).yaw > 0 > pose_of(Action.TURN_RIGHT, 1).yaw
    assert pose_of(Action.NOD, MOVE_S / 2).pitch > 0
    assert pose_of(Action.COME_CLOSER, MOVE_S / 2).size > pose_of(Action.COME_CLOSER, 0).size


def test_the_drawing_changes_with_time(qtbot: QtBot) -> None:
    now = 0.0
    figure = HeadFigure(clock=lambda: now)
    qtbot.addWidget(figure)
    figure.resize(80, 80)
    figure.show_action(Action.TURN_LEFT)
    before = figure.grab().toImage()
    now = MOVE_S / 2
    assert figure.grab().toImage() != before


def test_the_time_left_is_a_number_and_a_shape(qtbot: QtBot) -> None:
    page = ChallengePage()
    qtbot.addWidget(page)
    page.fit(8, False)
    page.show_screen(challenge(4.0))
    full = page.ring.grab().toImage()
    page.show_screen(challenge(1.2))
    assert page.ring.seconds == 2
    assert page.ring.accessibleName() == "2 seconds left"
    assert page.ring.grab().toImage() != full
    page.show_screen(challenge(4.0, step=2))
    assert page.ring._total_s == 4.0
    assert page.action.text() == "Nod: chin down and up again"
    assert page.step.text() == "Movement 2 of 2"
