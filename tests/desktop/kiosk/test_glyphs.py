from __future__ import annotations

import pytest
from PyQt5.QtGui import QIcon
from PyQt5.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.kiosk import palette
from desktop.kiosk.glyphs import Glyph, put_on


@pytest.mark.parametrize(
    ("mode", "ink"),
    [(QIcon.Normal, palette.PRIMARY.ink), (QIcon.Disabled, palette.BUTTON_EDGE.ink)],
)
def test_a_sign_has_the_colour_of_the_buttons_text(
    qtbot: QtBot, mode: QIcon.Mode, ink: str
) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    put_on(button, Glyph.TICK, 48, palette.PRIMARY.ink)
    image = button.icon().pixmap(button.iconSize(), mode).toImage()
    colours = [image.pixelColor(x, y) for x in range(48) for y in range(48)]
    assert ink.lower() in {colour.name() for colour in colours if colour.alpha() == 255}
