"""A check box whose text breaks over lines where there is too little room."""

from __future__ import annotations

from PyQt5.QtCore import QPoint, QRect, QSize, Qt
from PyQt5.QtGui import QPaintEvent, QPalette
from PyQt5.QtWidgets import (
    QCheckBox,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

LEAST_PX = 160
"""The least width of the text."""

FLAGS = int(Qt.AlignLeft | Qt.AlignVCenter | Qt.TextWordWrap | Qt.TextShowMnemonic)


class WrappingCheckBox(QCheckBox):
    """Qt's own is as wide as its text, which widens a whole window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Preferred, QSizePolicy.Preferred, QSizePolicy.CheckBox)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        hint = super().sizeHint()
        beside = hint.width() - self.fontMetrics().size(Qt.TextShowMnemonic, self.text()).width()
        room = QRect(0, 0, max(1, width - beside), 1 << 20)
        wrapped = self.fontMetrics().boundingRect(room, FLAGS, self.text()).height()
        return max(hint.height(), wrapped + hint.height() - self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(min(hint.width(), LEAST_PX), hint.height())

    def hitButton(self, place: QPoint) -> bool:
        return self.rect().contains(place)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        text, option.text = option.text, ""
        painter.drawControl(QStyle.CE_CheckBox, option)
        place = self.style().subElementRect(QStyle.SE_CheckBoxContents, option, self)
        place.setRight(self.contentsRect().right())
        painter.drawItemText(
            place, FLAGS, self.palette(), self.isEnabled(), text, QPalette.WindowText
        )
