"""Shows somebody who is enrolled already: the portrait, and beside it what there is to say."""

from __future__ import annotations

from collections.abc import Collection

from PyQt5.QtCore import QSize, Qt, pyqtSignal
from PyQt5.QtGui import QPainter, QPaintEvent
from PyQt5.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from desktop.live.people.portraits import Portrait, Portraits
from desktop.shared.plain_text import PlainLabel


class PortraitTile(QWidget):
    """One person's portrait, which is asked for when it is painted.

    side: in logical pixels. portraits_wanted: a tuple of ids, to be answered by put_portraits().
    """

    portraits_wanted = pyqtSignal(object)

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self._portraits = Portraits(self, side)
        self._portraits.wanted.connect(self.portraits_wanted)
        self._identity_id: str | None = None
        self.setSizePolicy(QSizePolicy.Fixed, QSizePolicy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def show_person(self, identity_id: str | None, name: str = "") -> None:
        """Show this person's portrait; None for an empty frame."""
        self._identity_id = identity_id
        self.setAccessibleName(name)
        self.update()

    def put_portraits(self, portraits: Collection[Portrait]) -> None:
        self._portraits.put(portraits)

    def forget(self, identity_id: str) -> None:
        """Ask for a portrait that may have changed once more."""
        self._portraits.forget(identity_id)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._portraits.paint(QPainter(self), self.rect(), self._identity_id)


class KnownPersonNote(QWidget):
    """A line about somebody who is enrolled already, with the portrait; hidden without one.

    portraits_wanted: a tuple of ids, to be answered by put_portraits().
    """

    portraits_wanted = pyqtSignal(object)

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.portrait = PortraitTile(side)
        self.portrait.portraits_wanted.connect(self.portraits_wanted)
        self.text = PlainLabel()
        self.text.setWordWrap(True)
        self.text.setMinimumWidth(1)  # a long name must not widen the window
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.portrait)
        row.addWidget(self.text, 1, Qt.AlignVCenter)
        self.hide()

    def show_person(self, identity_id: str, name: str, text: str) -> None:
        """Show the portrait of this person, and the text beside it."""
        self.portrait.show_person(identity_id, name)
        self.text.setText(text)
        self.show()

    def put_portraits(self, portraits: Collection[Portrait]) -> None:
        self.portrait.put_portraits(portraits)
