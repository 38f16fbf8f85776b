"""A list of a person's pictures, with quality and day."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QDateTime, QLocale, QSize, Qt
from PyQt5.QtGui import QIcon, QPixmap
from PyQt5.QtWidgets import QListWidget, QListWidgetItem, QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.shared.pictures import portrait_pixmap
from gallery.kept_pictures import KeptPicture

PICTURE_PX = 72
NUMBER_ROLE = int(Qt.UserRole)


class PictureList(Retranslated, QListWidget):
    """Shows the pictures in rows, as many in each as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: dict[int, KeptPicture] = {}
        self.setViewMode(QListWidget.IconMode)
        self.setResizeMode(QListWidget.Adjust)
        self.setMovement(QListWidget.Static)
        self.setWrapping(True)
        self.setIconSize(QSize(PICTURE_PX, PICTURE_PX))
        self.setSpacing(6)
        self.setMinimumHeight(PICTURE_PX + 3 * self.fontMetrics().lineSpacing() + 16)
        self.setMinimumWidth(2 * PICTURE_PX + 60)
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Pictures"))
        self.show_pictures(tuple(self._pictures.values()))

    def show_pictures(self, pictures: Sequence[KeptPicture]) -> None:
        """Show these; the ones that were chosen stay so."""
        chosen = set(self.chosen)
        self._pictures = {picture.template_id: picture for picture in pictures}
        self.clear()
        for picture in pictures:
            item = QListWidgetItem(self._icon(picture), self._text(picture), self)
            item.setTextAlignment(int(Qt.AlignHCenter | Qt.AlignTop))
            item.setData(NUMBER_ROLE, picture.template_id)
            item.setData(Qt.AccessibleDescriptionRole, self._text(picture))
            item.setSelected(picture.template_id in chosen)

    @property
    def chosen(self) -> tuple[int, ...]:
        """The numbers of the pictures that are chosen."""
        return tuple(item.data(NUMBER_ROLE) for item in self.selectedItems())

    def picture(self, number: int) -> KeptPicture:
        return self._pictures[number]

    def _icon(self, picture: KeptPicture) -> QIcon:
        if not picture.crop.size:  # it came as an embedding, without a picture
            empty = QPixmap(PICTURE_PX, PICTURE_PX)
            empty.fill(Qt.lightGray)
            return QIcon(empty)
        return QIcon(portrait_pixmap(picture.crop, PICTURE_PX, self.devicePixelRatioF()))

    def _text(self, picture: KeptPicture) -> str:
        moment = QDateTime.fromSecsSinceEpoch(int(picture.added_at.timestamp()))
        day = QLocale().toString(moment.date(), QLocale.ShortFormat)
        quality = self.tr("quality {} %").format(round(100 * picture.quality))
        lines = [quality, day]
        if picture.is_portrait:
            lines.insert(0, self.tr("Portrait"))
        if not picture.is_compared:
            lines.append(self.tr("not usable"))
        return "\n".join(lines)
