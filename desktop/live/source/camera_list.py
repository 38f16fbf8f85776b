"""A list of the cameras that are there: by name, each with what it sees now."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QSignalBlocker, QSize, Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QColor, QIcon, QPainter, QPixmap
from PyQt5.QtWidgets import QListWidget, QListWidgetItem, QWidget

from capture.cameras.found import FoundCamera
from capture.frame import Frame
from desktop.i18n.retranslated import Retranslated
from desktop.live.source.previews import CameraPreviews
from desktop.shared.look.colours import colours
from desktop.shared.pictures import qimage_of

THUMBNAIL = QSize(112, 84)
EVERY_MS = 200
MOST_ROWS = 3


class CameraList(Retranslated, QListWidget):
    """Shows the cameras that the previews have found.

    picked: a camera as a source, when the user has chosen it. opened: the same, to be shown at
    once. shown: the list has appeared, and takes room.
    """

    picked = pyqtSignal(str)
    opened = pyqtSignal(str)
    shown = pyqtSignal()

    def __init__(self, previews: CameraPreviews, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._previews = previews
        self._cameras: tuple[FoundCamera, ...] = ()
        self._items: list[QListWidgetItem] = []
        self.setIconSize(THUMBNAIL)
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.hide()
        self.itemSelectionChanged.connect(self._pick)
        self.itemActivated.connect(lambda item: self.opened.emit(self._camera(item).spec))
        previews.found.connect(self._show_found)
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.refresh)
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Cameras"))
        self.refresh()

    def refresh(self) -> None:
        """Show what each camera sees now."""
        for item, camera in zip(self._items, self._cameras, strict=True):
            frame = self._previews.peek(camera)
            item.setText(self._text(camera, frame))
            if frame is not None or item.icon().isNull():
                item.setIcon(QIcon(self._thumbnail(frame)))

    def stop(self) -> None:
        self._timer.stop()
        self._previews.close()

    def _show_found(self, cameras: tuple[FoundCamera, ...]) -> None:
        self._cameras = cameras
        self._items = [QListWidgetItem(self) for _ in cameras]
        for item, camera in zip(self._items, cameras, strict=True):
            if self._previews.is_used(camera):
                with QSignalBlocker(self):  # somebody may be typing an address meanwhile
                    self.setCurrentItem(item)
        self.refresh()
        self.setFixedHeight((THUMBNAIL.height() + 2) * min(len(cameras), MOST_ROWS) + 6)
        self.setVisible(bool(cameras))
        self._timer.start()
        self.shown.emit()

    def _pick(self) -> None:
        for item in self.selectedItems():
            self.picked.emit(self._camera(item).spec)

    def _camera(self, item: QListWidgetItem) -> FoundCamera:
        return self._cameras[self.row(item)]

    def _text(self, camera: FoundCamera, frame: Frame | None) -> str:
        name = camera.name or self.tr("Camera {}").format(camera.index)
        if self._previews.is_silent(camera):
            return f"{name}\n{self.tr('Gives no picture')}"
        if frame is None:
            return name
        height, width = frame.image.shape[:2]
        return f"{name}\n{width} × {height}"

    def _thumbnail(self, frame: Frame | None) -> QPixmap:
        """Return the picture in the middle of an area of THUMBNAIL's size; that alone for None."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(THUMBNAIL * ratio)
        pixmap.fill(QColor(Qt.black if frame is not None else colours().line))
        if frame is not None:
            image = qimage_of(np.ascontiguousarray(frame.image)).scaled(
                pixmap.size(), Qt.KeepAspectRatio, Qt.SmoothTransformation
            )
            painter = QPainter(pixmap)
            left = (pixmap.width() - image.width()) // 2
            painter.drawImage(left, (pixmap.height() - image.height()) // 2, image)
            painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap
