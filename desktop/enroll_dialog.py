"""The enroll dialog: a strip under the picture, so that the person still sees themself."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import (
    QFrame,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from recognition.enroller import Review

PORTRAIT_PX = 96


class EnrollDialog(QFrame):
    """Asks for a name, shows the capture, and has the result reviewed before it is saved.

    started: the name. cancelled: forget what was captured.
    save_asked: the Review, and the id of the identity to add it to or None for a new one.
    finished: the strip may go.
    """

    started = pyqtSignal(str)
    cancelled = pyqtSignal()
    save_asked = pyqtSignal(object, object)
    finished = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setAccessibleName(self.tr("Enroll a person"))
        self._review: Review | None = None
        self._pages = QStackedWidget()
        for page in (self._name_page(), self._capture_page(), self._review_page()):
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.addWidget(self._pages)
