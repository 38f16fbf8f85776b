"""The program's own icons: one family of drawings, in the colours of the theme."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PyQt5.QtCore import QByteArray, QRectF, Qt
from PyQt5.QtGui import QIcon, QPainter, QPixmap
from PyQt5.QtSvg import QSvgRenderer

from desktop.shared.look.colours import LIGHT, colours

FOLDER = Path(__file__).parent
APPLICATION = FOLDER / "facedesk.svg"
"""The program's sign, in colours of its own."""

_DRAWN = LIGHT.quiet_ink
"""The colour of the lines in the files, which is replaced."""

_SIDES = (16, 24, 32, 48, 64)


def icon(name: str) -> QIcon:
    """Return the icon of that name, in the theme in use. Raises FileNotFoundError for no icon."""
    theme = colours()
    made = QIcon()
    for mode, colour in ((QIcon.Normal, theme.quiet_ink), (QIcon.Disabled, theme.faint_ink)):
        for side in _SIDES:
            made.addPixmap(drawn(name, side, colour), mode)
    return made


@lru_cache(maxsize=512)
def drawn(name: str, side: int, colour: str) -> QPixmap:
    """Return the drawing of that name, side x side pixels, its lines in the colour."""
    text = (FOLDER / f"{name}.svg").read_text("ascii").replace(_DRAWN, colour)
    return _painted(text, side)


def application_icon() -> QIcon:
    """Return the icon of the program's windows."""
    text = APPLICATION.read_text("ascii")
    made = QIcon()
    for side in (*_SIDES, 128, 256):
        made.addPixmap(_painted(text, side))
    return made


def application_png(side: int) -> bytes:
    """Return the program's sign as a PNG file of side x side pixels."""
    from PyQt5.QtCore import QBuffer

    buffer = QBuffer()
    buffer.open(QBuffer.WriteOnly)
    _painted(APPLICATION.read_text("ascii"), side).save(buffer, "PNG")
    return bytes(buffer.data())


def _painted(text: str, side: int) -> QPixmap:
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap
