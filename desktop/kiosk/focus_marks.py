"""Shows which button has the focus to those who use a keyboard, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt5.QtCore import QEvent, QObject
from PyQt5.QtWidgets import QWidget


class FocusMarks(QObject):
    """Notices keys and touches: a key shows the mark of the focus, a touch hides it.

    stage: the widget with the style sheet, in which the property `keys` stands for the mark.
    """

    def __init__(self, stage: QWidget) -> None:
        super().__init__(stage)
        self._stage = stage

    def watch(self, widgets: Iterable[QWidget]) -> None:
        """Notice what reaches these widgets."""
        for widget in widgets:
            widget.installEventFilter(self)

    def show(self, shown: bool) -> None:
        if shown != self._stage.property("keys"):
            self._stage.setProperty("keys", shown)
            self._stage.setStyleSheet(self._stage.styleSheet())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.KeyPress:
            self.show(True)
        elif event.type() == QEvent.MouseButtonPress:
            self.show(False)
        return False
