"""Lets somebody choose which of the pictures that are kept is shown as the portrait."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QSize, pyqtSignal
from PyQt5.QtGui import QIcon
from PyQt5.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from common.picture import RgbImage
from desktop.i18n.retranslated import Retranslated
from desktop.shared.pictures import portrait_pixmap
from desktop.shared.style import with_role

THUMBNAIL_PX = 40
FRAME_PX = 4


class PortraitChoice(Retranslated, QWidget):
    """A row of small pictures, of which one is chosen; it is hidden where there is no choice.

    chosen: the index of the picture, each time somebody chooses one.
    """

    chosen = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QToolButton] = []
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self.chosen)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.addStretch()
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Choose the portrait"))
        for number, button in enumerate(self.buttons, 1):
            button.setAccessibleName(self.tr("Picture {} of {}").format(number, len(self.buttons)))
            button.setToolTip(self.tr("Show this picture as the portrait"))

    def show_pictures(self, pictures: Sequence[RgbImage], chosen: int) -> None:
        """Offer these pictures, (h, w, 3) uint8 RGB each, of which one is the portrait now."""
        for button in self.buttons:
            self._group.removeButton(button)
            self._row.removeWidget(button)
            button.deleteLater()
        self.buttons = [self._button(picture) for picture in pictures]
        for index, button in enumerate(self.buttons):
            self._group.addButton(button, index)
            self._row.insertWidget(index, button)
            button.setChecked(index == chosen)
        self.setVisible(len(self.buttons) > 1)
        self.retranslate()

    def _button(self, picture: RgbImage) -> QToolButton:
        button = with_role(QToolButton(self), "thumbnail")
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.setFixedSize(THUMBNAIL_PX + 2 * FRAME_PX, THUMBNAIL_PX + 2 * FRAME_PX)
        button.setIconSize(QSize(THUMBNAIL_PX, THUMBNAIL_PX))
        button.setIcon(QIcon(portrait_pixmap(picture, THUMBNAIL_PX, self.devicePixelRatioF())))
        return button
