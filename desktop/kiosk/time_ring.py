"""Shows how much time is left, as a ring that closes and as a number."""

from __future__ import annotations

from math import ceil

from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QWidget

from desktop.kiosk import palette
from desktop.kiosk.look import SMALLEST_TEXT_PX


class TimeRing(QWidget):
    """Shows the time left.

    seconds: whole seconds, rounded up, as they are shown.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._remaining_s = 0.0
        self._total_s = 1.0

    @property
    def seconds(self) -> int:
        return max(0, ceil(self._remaining_s))

    def begin(self, total_s: float) -> None:
        self._total_s = max(total_s, 0.1)
        self.show_remaining(total_s)

    def show_remaining(self, seconds: float) -> None:
        self._remaining_s = seconds
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        side = min(self.width(), self.height())
        width = side * 0.09
        ring = QRectF(0, 0, side - width, side - width)
        ring.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(QPen(QColor(palette.BAR_BUTTON.ground), width))
        painter.drawEllipse(ring)
        share = min(1.0, max(0.0, self._remaining_s / self._total_s))
        painter.setPen(QPen(QColor(palette.PANEL.ink), width, Qt.SolidLine, Qt.RoundCap))
        painter.drawArc(ring, 90 * 16, round(share * 360 * 16))
        font = QFont(painter.font())
        font.setPixelSize(max(SMALLEST_TEXT_PX, round(side * 0.4)))
        font.setWeight(QFont.DemiBold)
        painter.setFont(font)
        painter.drawText(ring, Qt.AlignCenter, str(self.seconds))
