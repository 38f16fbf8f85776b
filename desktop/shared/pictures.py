"""Converts pictures from NumPy arrays to Qt's classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt5.QtCore import QRectF, QSize, Qt
from PyQt5.QtGui import QImage, QPainter, QPainterPath, QPixmap
from PyQt5.sip import voidptr

from common.picture import RgbImage


def qimage_of(picture: NDArray[np.uint8]) -> QImage:
    """Return a view of the picture, not a copy: it must not outlive the picture.

    picture: (h, w, 3) uint8 RGB or (h, w, 4) uint8 BGRA with alpha unused, each contiguous.
    """
    if not picture.flags.c_contiguous:
        raise ValueError("the picture's rows do not follow one another")
    height, width, channels = picture.shape
    kind = QImage.Format_RGB888 if channels == 3 else QImage.Format_RGB32
    return QImage(voidptr(picture.ctypes.data), width, height, channels * width, kind)


def portrait_pixmap(portrait: RgbImage, side: int, pixel_ratio: float) -> QPixmap:
    """Return a (h, w, 3) uint8 RGB crop as a square with round corners.

    side: in logical (layout) pixels. pixel_ratio: the screen's pixels for each of them.
    """
    pixmap = QPixmap(QSize(side, side) * pixel_ratio)
    pixmap.setDevicePixelRatio(pixel_ratio)
    pixmap.fill(Qt.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.Antialiasing | QPainter.SmoothPixmapTransform)
    square = QRectF(0, 0, side, side)
    outline = QPainterPath()
    outline.addRoundedRect(square, side / 8, side / 8)
    painter.setClipPath(outline)
    painter.drawImage(square, qimage_of(np.ascontiguousarray(portrait)))
    painter.end()
    return pixmap
