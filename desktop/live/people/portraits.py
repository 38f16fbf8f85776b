"""Keeps the portraits of a list: each is asked for when it is painted, and only some are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from PyQt5.QtCore import QObject, QRect, QSize, Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QColor, QPainter, QPixmap
from PyQt5.QtWidgets import QWidget

from common.picture import RgbImage
from desktop.shared.look.colours import colours
from desktop.shared.pictures import portrait_pixmap

PORTRAIT_PX = 48
"""The side of a portrait in a list of people, in logical pixels."""

MOST_KEPT = 256
"""Enough for several windows full of rows: some 2 MB at 48 pixels, however large the gallery is."""

MOST_ASKED = 64
"""The most portraits in one request. Rows that were scrolled past ask again when they are back."""

Portrait = tuple[str, RgbImage | None]
"""An identity's id, and its (h, w, 3) uint8 RGB crop, which is None where it is gone."""


class Portraits(QObject):
    """Portraits for the rows of `widget`, in its size and in the resolution of its screen.

    side: in logical (layout) pixels.
    wanted: a tuple of ids, to be answered by put(); only one such request is open at a time.
    """

    wanted = pyqtSignal(object)

    def __init__(self, widget: QWidget, side: int = PORTRAIT_PX) -> None:
        super().__init__(widget)
        self._widget = widget
        self._side = side
        self._kept: OrderedDict[str, QPixmap] = OrderedDict()
        self._missing: OrderedDict[str, None] = OrderedDict()
        self._asked: set[str] = set()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._ask)

    def __len__(self) -> int:
        """Return how many portraits are kept."""
        return len(self._kept)

    def pixmap(self, identity_id: str) -> QPixmap | None:
        """Return the portrait; None until it has come, and the widget is then painted again."""
        pixmap = self._kept.get(identity_id)
        if pixmap is not None and self._suits(pixmap):
            self._kept.move_to_end(identity_id)
            return pixmap
        if identity_id not in self._asked:
            self._missing[identity_id] = None
            self._missing.move_to_end(identity_id)
            while len(self._missing) > MOST_ASKED:
                self._missing.popitem(last=False)
            if not self._asked:
                self._soon.start(0)  # once the others in view are painted, too
        return None

    def paint(self, painter: QPainter, place: QRect, identity_id: str | None) -> None:
        """Paint the portrait at the top left of `place`, or its empty frame."""
        pixmap = self.pixmap(identity_id) if identity_id is not None else None
        if pixmap is not None and not pixmap.isNull():
            painter.drawPixmap(place.topLeft(), pixmap)
            return
        painter.save()
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(Qt.NoPen)
        painter.setBrush(QColor(colours().line))
        frame = QRect(place.topLeft(), QSize(self._side, self._side))
        painter.drawRoundedRect(frame, self._side / 8, self._side / 8)
        painter.restore()

    def put(self, portraits: Iterable[Portrait]) -> None:
        """Take the portraits that were asked for; those that others asked for are ignored."""
        for identity_id, portrait in portraits:
            if identity_id in self._asked:
                self._asked.discard(identity_id)
                self._keep(identity_id, portrait)
        if not self._asked:
            self._ask()
        self._widget.update()

    def forget(self, identity_id: str) -> None:
        """Drop a portrait that may have changed, so that it is asked for again."""
        self._kept.pop(identity_id, None)

    def _keep(self, identity_id: str, portrait: RgbImage | None) -> None:
        pixmap = QPixmap()
        if portrait is not None:
            pixmap = portrait_pixmap(portrait, self._side, self._widget.devicePixelRatioF())
        self._kept[identity_id] = pixmap
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def _suits(self, pixmap: QPixmap) -> bool:
        """Return whether the pixmap still fits; the window may have moved to another screen."""
        return pixmap.isNull() or pixmap.devicePixelRatioF() == self._widget.devicePixelRatioF()

    def _ask(self) -> None:
        if self._missing and not self._asked:
            self._asked = set(self._missing)
            self._missing.clear()
            self.wanted.emit(tuple(self._asked))
