from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtCore import QRectF
from PyQt5.QtGui import QColor
from pytestqt.qtbot import QtBot

from capture.frame import Frame
from desktop.kiosk.live_picture import LivePicture


def frame() -> Frame:
    """(100, 200): red on the left, green on the right, a white square in the red."""
    image = np.zeros((100, 200, 3), np.uint8)
    image[:, :100, 0] = 255
    image[:, 100:, 1] = 255
    image[40:60, 70:90] = 255
    return Frame(image, 0, 0.0)


SQUARE = np.float32([70, 40, 90, 60])


@pytest.fixture
def view(qtbot: QtBot) -> LivePicture:
    """As high as the frame at twice its size, and narrower."""
    shown = LivePicture(frame)
    qtbot.addWidget(shown)
    shown.resize(240, 200)
    shown.show()
    shown.refresh()
    return shown


def colour(view: LivePicture, x: int, y: int) -> QColor:
    return view.grab().toImage().pixelColor(x, y)


def test_it_is_a_mirror_that_fills_the_screen(view: LivePicture) -> None:
    view.light_up(None, guide=False)
    assert colour(view, 2, 2) == QColor(0, 255, 0)
    assert colour(view, 237, 197) == QColor(255, 0, 0)


def test_boxes_are_mirrored_and_cut_with_the_picture(view: LivePicture) -> None:
    view.light_up(None, guide=False)
    place = view.box_on_screen(SQUARE)
    assert place == QRectF(140, 80, 40, 40)
    centre = place.center().toPoint()
    assert colour(view, centre.x(), centre.y()) == QColor(255, 255, 255)
    assert colour(view, round(place.left()) - 3, centre.y()) == QColor(255, 0, 0)
    assert colour(view, round(place.right()) + 3, centre.y()) == QColor(255, 0, 0)


def test_the_corners_of_a_face_are_seen_on_white(view: LivePicture) -> None:
    view.light_up(None, guide=False)
    before = view.grab().toImage()
    view.light_up(SQUARE, guide=False)
    assert view.grab().toImage() != before


def test_nobody_there_dims_it(view: LivePicture) -> None:
    view.dim()
    assert colour(view, 5, 5).green() < 120


def test_the_guide_leaves_the_face_bright(view: LivePicture) -> None:
    view.light_up(None, guide=True)
    centre = view.oval.center().toPoint()
    assert colour(view, centre.x() - 20, centre.y()) == QColor(0, 255, 0)
    assert colour(view, 2, 197).green() < 200
    view.resize(120, 400)
    assert view.rect().contains(view.oval.toRect())


def test_it_rests_while_a_card_covers_it(view: LivePicture) -> None:
    view.hide()
    assert not view._timer.isActive()
    view.show()
    assert view._timer.isActive()
