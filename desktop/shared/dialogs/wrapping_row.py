"""A row of buttons that becomes two rows, or more, where it is wider than its place."""

from __future__ import annotations

from PyQt5.QtCore import QPoint, QRect, QSize, Qt
from PyQt5.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget, QWidgetItem

GAP_PX = 8


class WrappingRow(QLayout):
    """Lays widgets out from left to right, each as large as its hint, in as many rows as it takes.

    alignment: Qt.AlignLeft or Qt.AlignRight, where the rows are shorter than their place.
    """

    def __init__(self, alignment: Qt.AlignmentFlag = Qt.AlignLeft) -> None:
        super().__init__()
        self._alignment = alignment
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(GAP_PX)

    def addWidget(self, widget: QWidget) -> None:
        """Add a widget at the end. The one before it is before it for Tab, too."""
        self.addChildWidget(widget)
        self.addItem(QWidgetItem(widget))

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)
        self.invalidate()

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientations:
        return Qt.Orientations()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = self._rows(width)
        return sum(_height(row) for row in rows) + self.spacing() * max(0, len(rows) - 1)

    def sizeHint(self) -> QSize:
        """All in one row."""
        shown = self._shown()
        return QSize(self._width(shown), _height(shown))

    def minimumSize(self) -> QSize:
        """One in a row, the widest."""
        hints = [_size(item) for item in self._shown()]
        return QSize(max((hint.width() for hint in hints), default=0), _height(self._shown()))

    def setGeometry(self, place: QRect) -> None:
        super().setGeometry(place)
        y = place.top()
        for row in self._rows(place.width()):
            left = place.width() - self._width(row) if self._alignment == Qt.AlignRight else 0
            x = place.left() + max(0, left)
            height = _height(row)
            for item in row:
                size = QSize(min(_size(item).width(), place.width()), height)
                item.setGeometry(QRect(QPoint(x, y), size))
                x += size.width() + self.spacing()
            y += height + self.spacing()

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _width(self, row: list[QLayoutItem]) -> int:
        return sum(_size(item).width() for item in row) + self.spacing() * max(0, len(row) - 1)

    def _rows(self, width: int) -> list[list[QLayoutItem]]:
        rows: list[list[QLayoutItem]] = []
        for item in self._shown():
            if rows and self._width([*rows[-1], item]) <= width:
                rows[-1].append(item)
            else:
                rows.append([item])
        return rows


def spread(widget: QWidget) -> QWidget:
    """Let a widget whose layout wraps tell the layout around it how high it is for a width."""
    policy = QSizePolicy(QSizePolicy.Preferred, QSizePolicy.Preferred)
    policy.setHeightForWidth(True)
    widget.setSizePolicy(policy)
    return widget


def _size(item: QLayoutItem) -> QSize:
    return item.sizeHint().expandedTo(item.minimumSize())


def _height(row: list[QLayoutItem]) -> int:
    return max((_size(item).height() for item in row), default=0)
