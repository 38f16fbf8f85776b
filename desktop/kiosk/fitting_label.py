"""A label whose text is as large as its role says, or smaller where it would not fit."""

from __future__ import annotations

from PyQt5.QtCore import QRect, QSize, Qt
from PyQt5.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PyQt5.QtWidgets import QWidget

from desktop.kiosk.look import SMALLEST_TEXT_PX
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import with_role


class FittingLabel(PlainLabel):
    """Shows plain text in one line or several, never cut off; it is hidden while it is empty.

    Set its text only once it is in a layout: shown before, it would be a window of its own.
    shown_px: the height of the letters when it was last painted; 0 before.
    """

    def __init__(
        self,
        role: str,
        alignment: Qt.Alignment | Qt.AlignmentFlag = Qt.AlignCenter,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        with_role(self, role)
        self.setWordWrap(True)
        self.setAlignment(alignment)
        self.shown_px = 0
        self.hide()

    def setText(self, text: str) -> None:
        if text != self.text():
            super().setText(text)
            self.setVisible(bool(text))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, SMALLEST_TEXT_PX)

    def hasHeightForWidth(self) -> bool:
        """Return False: the text takes the room that it is given, and no more than that."""
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        font, flags = self._fitting()
        self.shown_px = font.pixelSize()
        painter = QPainter(self)
        painter.setFont(font)
        painter.drawText(self.contentsRect(), flags, self.text())

    def _fitting(self) -> tuple[QFont, int]:
        room = self.contentsRect()
        flags = int(self.alignment()) | Qt.TextWordWrap
        font = QFont(self.font())
        for pixels in range(font.pixelSize(), SMALLEST_TEXT_PX - 1, -1):
            font.setPixelSize(pixels)
            if _fits(font, room, flags, self.text()):
                return font, flags
        # A word longer than the line is broken rather than made unreadable.
        return font, flags | Qt.TextWrapAnywhere


def _fits(font: QFont, room: QRect, flags: int, text: str) -> bool:
    needed = QFontMetrics(font).boundingRect(room, flags, text)
    return needed.width() <= room.width() and needed.height() <= room.height()
