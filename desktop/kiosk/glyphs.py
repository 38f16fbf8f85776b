"""The station's signs, drawn as lines: each card has one, and each kind of sound has its own."""

from __future__ import annotations

from enum import Enum, auto
from math import cos, pi, sin

from PyQt5.QtCore import QPointF, QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QIcon, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PyQt5.QtWidgets import QPushButton, QSizePolicy, QWidget

from desktop.kiosk import palette


class Glyph(Enum):
    IN = auto()
    OUT = auto()
    ALREADY = auto()
    QUESTION = auto()
    UNKNOWN = auto()
    REFUSED = auto()
    UNDONE = auto()
    WAIT = auto()
    KEYPAD = auto()
    LOCK = auto()
    ERASE = auto()
    TICK = auto()
    ARROW_LEFT = auto()
    ARROW_RIGHT = auto()
    ARROW_UP_DOWN = auto()
    ARROWS_OUT = auto()
    BLINKS = auto()


def paint_glyph(painter: QPainter, glyph: Glyph, place: QRectF, colour: QColor) -> None:
    """Draw the sign as large as fits into `place`."""
    side = min(place.width(), place.height())
    painter.save()
    painter.setRenderHint(QPainter.Antialiasing)
    painter.translate(place.center() - QPointF(side / 2, side / 2))
    painter.scale(side / 24, side / 24)
    painter.setPen(QPen(colour, 2, Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin))
    painter.setBrush(Qt.NoBrush)
    painter.drawPath(_path(glyph))
    painter.restore()


def put_on(button: QPushButton, glyph: Glyph, side: int, colour: str) -> None:
    """Give a button a sign in the colour of its text, also while the button is disabled.

    side: in logical (layout) pixels; it includes a gap before the text.
    """
    size = QSize(side + side // 3 if button.text() else side, side)
    pixel_ratio = button.devicePixelRatioF()
    icon = QIcon()
    for mode, ink in ((QIcon.Normal, colour), (QIcon.Disabled, palette.BUTTON_EDGE.ink)):
        pixmap = QPixmap(size * pixel_ratio)
        pixmap.setDevicePixelRatio(pixel_ratio)
        pixmap.fill(Qt.transparent)
        painter = QPainter(pixmap)
        paint_glyph(painter, glyph, QRectF(0, 0, side, side), QColor(ink))
        painter.end()
        icon.addPixmap(pixmap, mode)
    button.setIcon(icon)
    button.setIconSize(size)


class GlyphView(QWidget):
    """Shows a sign beside words that say the same."""

    def __init__(self, colour: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour = QColor(colour)
        self._glyph: Glyph | None = None
        self.setSizePolicy(QSizePolicy.Fixed, QSizePolicy.Fixed)

    @property
    def glyph(self) -> Glyph | None:
        return self._glyph

    def show_glyph(self, glyph: Glyph, colour: str | None = None) -> None:
        self._glyph = glyph
        if colour is not None:
            self._colour = QColor(colour)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._glyph is not None:
            paint_glyph(QPainter(self), self._glyph, QRectF(self.rect()), self._colour)


def _path(glyph: Glyph) -> QPainterPath:
    """Return the sign's lines, on a square of 24 by 24."""
    path = QPainterPath()
    for line in _LINES.get(glyph, ()):
        path.moveTo(*line[0])
        for point in line[1:]:
            path.lineTo(*point)
    for x, y, radius in _DOTS.get(glyph, ()):
        path.addEllipse(QPointF(x, y), radius, radius)
    if glyph is Glyph.QUESTION:
        path.moveTo(8.5, 9.5)
        path.cubicTo(8.5, 4.5, 15.5, 4.5, 15.5, 9.5)
        path.cubicTo(15.5, 12.5, 12, 12, 12, 15)
        path.moveTo(12, 19.5)
        path.lineTo(12, 19.6)
    elif glyph is Glyph.UNKNOWN:
        path.addEllipse(QPointF(12, 8.5), 4, 4)
        path.moveTo(4.5, 20.5)
        path.cubicTo(5, 13.5, 19, 13.5, 19.5, 20.5)
    elif glyph is Glyph.UNDONE:
        path.moveTo(5, 9)
        path.lineTo(14, 9)
        path.cubicTo(21, 9, 21, 19, 14, 19)
        path.lineTo(9, 19)
    elif glyph is Glyph.LOCK:
        path.addRoundedRect(QRectF(5.5, 11, 13, 9.5), 2, 2)
        path.moveTo(8, 11)
        path.cubicTo(8, 2.5, 16, 2.5, 16, 11)
    elif glyph is Glyph.WAIT:
        for turn in range(8):
            towards = QPointF(sin(turn * pi / 4), -cos(turn * pi / 4))
            path.moveTo(QPointF(12, 12) + towards * 5)
            path.lineTo(QPointF(12, 12) + towards * 9)
    return path


_LINES: dict[Glyph, tuple[tuple[tuple[float, float], ...], ...]] = {
    Glyph.IN: (
        ((3, 12), (14, 12)),
        ((10, 7.5), (14.5, 12), (10, 16.5)),
        ((13, 4), (20, 4), (20, 20), (13, 20)),
    ),
    Glyph.OUT: (
        ((10, 12), (21, 12)),
        ((17, 7.5), (21.5, 12), (17, 16.5)),
        ((10, 4), (3, 4), (3, 20), (10, 20)),
    ),
    Glyph.ALREADY: (((7.5, 12.5), (10.7, 15.7), (16.5, 9)),),
    Glyph.TICK: (((4, 13), (9.5, 18.5), (20, 6)),),
    Glyph.REFUSED: (((8.5, 8.5), (15.5, 15.5)), ((15.5, 8.5), (8.5, 15.5))),
    Glyph.UNDONE: (((9, 5), (5, 9), (9, 13)),),
    Glyph.ERASE: (
        ((8, 6), (21, 6), (21, 18), (8, 18), (3, 12), (8, 6)),
        ((11.5, 9.5), (16.5, 14.5)),
        ((16.5, 9.5), (11.5, 14.5)),
    ),
    Glyph.ARROW_LEFT: (((21, 12), (3, 12)), ((9, 6), (3, 12), (9, 18))),
    Glyph.ARROW_RIGHT: (((3, 12), (21, 12)), ((15, 6), (21, 12), (15, 18))),
    Glyph.ARROW_UP_DOWN: (
        ((12, 3), (12, 21)),
        ((7, 8), (12, 3), (17, 8)),
        ((7, 16), (12, 21), (17, 16)),
    ),
    Glyph.ARROWS_OUT: (
        *(((10, 10), (4, 4)), ((14, 10), (20, 4)), ((10, 14), (4, 20)), ((14, 14), (20, 20))),
        *(((4, 9), (4, 4), (9, 4)), ((15, 4), (20, 4), (20, 9))),
        *(((4, 15), (4, 20), (9, 20)), ((15, 20), (20, 20), (20, 15))),
    ),
    Glyph.BLINKS: tuple(
        tuple((x, y + down) for x, y in stroke)
        for down in (0, 10)
        for stroke in (
            ((3, 3), (7, 6), (12, 7), (17, 6), (21, 3)),
            *(((7, 6), (6, 9)), ((12, 7), (12, 10.5)), ((17, 6), (18, 9))),
        )
    ),
}

_DOTS: dict[Glyph, tuple[tuple[float, float, float], ...]] = {
    Glyph.ALREADY: ((12, 12, 9.5),),
    Glyph.REFUSED: ((12, 12, 9.5),),
    Glyph.KEYPAD: tuple((x, y, 0.9) for y in (5.5, 12, 18.5) for x in (5.5, 12, 18.5)),
}
"""The circles of a sign: x and y of the centre, and the radius."""
