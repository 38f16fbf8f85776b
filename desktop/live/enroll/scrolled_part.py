"""The part of a page that scrolls where there is no room for it, while the buttons below stay."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, QObject, QSize, Qt
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

LEAST_PX = 96
"""So much of it is always to be seen."""


class ScrolledPart(QScrollArea):
    """Is as high as its widget, whose lines may wrap, and may be made lower: it scrolls then."""

    def __init__(self, widget: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.NoFocus)
        self.setSizePolicy(QSizePolicy.Preferred, QSizePolicy.Preferred)
        self.setWidget(widget)
        self.viewport().setAutoFillBackground(False)
        widget.setAutoFillBackground(False)

    def sizeHint(self) -> QSize:
        least = self.widget().minimumSizeHint()
        return QSize(self.widget().sizeHint().width(), max(self._wrapped(), least.height()))

    def minimumSizeHint(self) -> QSize:
        bar = self.verticalScrollBar().sizeHint().width()
        least = self.widget().minimumSizeHint()
        return QSize(least.width() + bar, min(LEAST_PX, self._wrapped()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _wrapped(self) -> int:
        width = max(self.viewport().width(), self.widget().minimumSizeHint().width())
        layout = self.widget().layout()
        return (
            layout.heightForWidth(width)
            if layout.hasHeightForWidth()
            else layout.sizeHint().height()
        )
