"""An area that scrolls where there is less room than its contents ask for."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, QObject, QSize, Qt, pyqtSignal
from PyQt5.QtWidgets import QFrame, QScrollArea, QWidget

LEAST_LINES = 3
"""So much of the contents is seen at least, in lines of text."""


class Scrolled(QScrollArea):
    """Asks for all of the room that its contents ask for, and is content with a few lines of it.

    grown: the contents ask for another size.
    """

    grown = pyqtSignal()

    def __init__(self, contents: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.NoFocus)
        self.setWidget(contents)
        for ground in (self.viewport(), contents):  # what lies behind is seen
            ground.setAutoFillBackground(False)
        contents.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # A widget that was hidden while it changed asks for no layout, but is shown.
        if event.type() in (QEvent.LayoutRequest, QEvent.Show) and watched is self.widget():
            self.updateGeometry()  # Qt's own does not notice that its widget has grown
            self.grown.emit()
        return super().eventFilter(watched, event)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        contents = self.widget()
        wraps = contents.hasHeightForWidth()
        return contents.heightForWidth(width) if wraps else contents.sizeHint().height()

    def sizeHint(self) -> QSize:
        return self.widget().sizeHint().expandedTo(self.widget().minimumSize())

    def minimumSizeHint(self) -> QSize:
        bar = self.verticalScrollBar().sizeHint().width()
        least = self.widget().minimumSizeHint()
        lines = LEAST_LINES * self.fontMetrics().lineSpacing()
        return QSize(least.width() + bar, min(lines, least.height()))
