"""The base of every dialog: it is never larger than the screen, and its buttons never leave it."""

from __future__ import annotations

from PyQt5.QtCore import QSize, Qt
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import QDialog, QVBoxLayout, QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.shared.dialogs.screen_room import keep_on_screen, screen_room
from desktop.shared.dialogs.scrolled import Scrolled
from desktop.shared.dialogs.wrapping_row import WrappingRow
from desktop.shared.style import with_role


class FittingDialog(Retranslated, QDialog):
    """Shows its contents in an area that scrolls where the screen is small, over its buttons.

    It opens as large as its contents, grows with them, and lies wholly on the screen. Add to
    `body` what may scroll, to `buttons` what ends the dialog, from left to right, and to the front
    of `foot` what must be seen together with the buttons.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        contents = with_role(QWidget(), "page")
        self.body = QVBoxLayout(contents)
        self.body.setContentsMargins(24, 20, 24, 20)
        self.body.setSpacing(12)
        self._scrolled = Scrolled(contents)
        strip = with_role(QWidget(), "strip")
        strip.setAttribute(Qt.WA_StyledBackground)
        self.foot = QVBoxLayout(strip)
        self.foot.setContentsMargins(16, 12, 16, 12)
        self.buttons = WrappingRow(Qt.AlignRight)
        self.foot.addLayout(self.buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._scrolled, 1)
        layout.addWidget(strip)
        self._scrolled.grown.connect(self._grow)

    def screen_room(self) -> QSize:
        """Return how large the dialog may be."""
        return screen_room(self)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self._fit(QSize(0, 0) if not self.testAttribute(Qt.WA_Resized) else self.size())

    def _grow(self) -> None:
        """Follow contents that have grown: an explanation has appeared."""
        if self.isVisible():
            self._fit(self.size())

    def _fit(self, least: QSize) -> None:
        self._scrolled.updateGeometry()
        self.layout().activate()  # else it is kept as large as its contents were before
        room = self.screen_room()
        width = min(max(least.width(), self.sizeHint().width()), room.width())
        height = self.layout().heightForWidth(width)
        if height < 0:
            height = self.sizeHint().height()
        size = QSize(width, min(max(least.height(), height), room.height()))
        if size != self.size():
            self.resize(size)
        keep_on_screen(self)
