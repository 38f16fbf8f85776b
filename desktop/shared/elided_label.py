"""A label for text that may be too long for its place."""

from __future__ import annotations

from PyQt5.QtCore import QSize, Qt
from PyQt5.QtGui import QPainter, QPaintEvent

from desktop.shared.plain_text import PlainLabel, plain_tip


class ElidedLabel(PlainLabel):
    """Shows one line of plain text, cut with … where it is too long; the tooltip has all of it."""

    def __init__(self) -> None:
        super().__init__()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    @property
    def shown_text(self) -> str:
        return self.fontMetrics().elidedText(
            self.text(), Qt.ElideRight, self.contentsRect().width()
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self.shown_text
        self.setToolTip("" if shown == self.text() else plain_tip(self.text()))
        QPainter(self).drawText(self.contentsRect(), int(Qt.AlignVCenter | Qt.AlignLeft), shown)
