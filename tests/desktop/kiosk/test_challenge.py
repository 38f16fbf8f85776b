from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from desktop.kiosk.head_figure import MOVE_S, FigurePose, HeadFigure, pose_of
from desktop.kiosk.pages.challenge import ChallengePage
from recognition.liveness.challenge import Action
from station.screen import Challenge

from .scenes import BOX


def challenge(seconds: float, step: int = 1, action: Action = Action.NOD) -> Challenge:
    return Challenge(action, step, 2, seconds, BOX)


@pytest.mark.parametrize("action", [a for a in Action if a is not Action.BLINK_TWICE])
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


def test_the_drawn_eyes_blink_twice() -> None:
    seconds = np.linspace(0, MOVE_S, 200)
    opened = np.array([pose_of(Action.BLINK_TWICE, s).open for s in seconds])
    shut = opened < 0.2
    assert np.diff(shut.astype(int)).tolist().count(1) == 2
    assert opened[[0, 100, -1]].tolist() == [1.0, 1.0, 1.0]


def test_a_small_turn_is_drawn_smaller() -> None:
    for small, large in (
        (Action.SLIGHTLY_LEFT, Action.TURN_LEFT),
        (Action.SLIGHTLY_RIGHT, Action.TURN_RIGHT),
    ):
        assert 0 < pose_of(small, 1).yaw / pose_of(large, 1).yaw < 0.7


def test_who_cannot_do_it_has_a_button(qtbot: QtBot) -> None:
    page = ChallengePage()
    qtbot.addWidget(page)
    page.show_screen(challenge(4.0))
    assert page.cannot.isHidden()
    small = Challenge(Action.BLINK_TWICE, 1, 1, 4.0, BOX, may_decline=True)
    page.show_screen(small)
    assert not page.cannot.isHidden()
    assert page.step.text() == ""
    with qtbot.waitSignal(page.declined) as told:
        page.cannot.click()
    assert told.args == [small]


def test_another_request_says_why(qtbot: QtBot) -> None:
    page = ChallengePage()
    qtbot.addWidget(page)
    page.show_screen(Challenge(Action.NOD, 1, 1, 4.0, BOX, again=True))
    assert page.step.text() == "That was not seen. Please do this instead"
