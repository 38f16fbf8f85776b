"""Shows a person's picture with a caption."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QPointF
from PyQt5.QtGui import QPainter, QPaintEvent
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from common.picture import RgbImage
from desktop.kiosk.fitting_label import FittingLabel
from desktop.shared.pictures import portrait_pixmap


class Portrait(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.square = _Square()
        self.caption = FittingLabel("small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.square)
        layout.addWidget(self.caption)

    def show_picture(self, picture: RgbImage) -> None:
        """Show the middle of a (h, w, 3) uint8 RGB picture."""
        self.square.picture = _middle(picture)
        self.square.update()

    def set_side(self, side: int) -> None:
        self.square.setFixedSize(side, side)


class _Square(QWidget):
    picture: RgbImage | None = None

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.picture is not None:
            pixmap = portrait_pixmap(self.picture, self.width(), self.devicePixelRatioF())
            painter = QPainter(self)
            painter.setRenderHint(QPainter.SmoothPixmapTransform)
            painter.drawPixmap(QPointF(0, 0), pixmap)


def _middle(picture: RgbImage) -> RgbImage:
    """Return the largest square around the picture's centre."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return np.ascontiguousarray(picture[top : top + side, left : left + side])
