"""A table of frozen rows, which each column shows and sorts in its own way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PyQt5.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desktop.shared.plain_text import plain_tip


@dataclass(frozen=True)
class Column:
    """title: in the language of the moment. text: of a row. key: what rows are sorted by."""

    title: Callable[[], str]
    text: Callable[[Any], str]
    key: Callable[[Any], Any]
    is_number: bool = False


class RowsModel(QAbstractTableModel):
    """The rows for a QTableView with sorting enabled."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._rows: list[Any] = []
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None

    def show_rows(self, rows: Sequence[Any]) -> None:
        """In the order that the user chose last, or as they come."""
        self.beginResetModel()
        self._rows = list(rows)
        self._order()
        self.endResetModel()

    def retranslate(self) -> None:
        """Titles and texts are asked for anew."""
        self.headerDataChanged.emit(Qt.Horizontal, 0, len(self._columns) - 1)
        self.dataChanged.emit(
            self.index(0, 0), self.index(len(self._rows) - 1, len(self._columns) - 1)
        )

    @property
    def rows(self) -> Sequence[Any]:
        return self._rows

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: QModelIndex, role: int = Qt.DisplayRole) -> Any:
        column = self._columns[index.column()]
        if role == Qt.DisplayRole:
            return column.text(self._rows[index.row()])
        if role == Qt.ToolTipRole:
            return plain_tip(column.text(self._rows[index.row()]))
        if role == Qt.TextAlignmentRole:
            return int((Qt.AlignRight if column.is_number else Qt.AlignLeft) | Qt.AlignVCenter)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.DisplayRole
    ) -> Any:
        if orientation == Qt.Vertical:
            return None
        if role == Qt.DisplayRole:
            return self._columns[section].title()
        if role == Qt.TextAlignmentRole:
            is_number = self._columns[section].is_number
            return int((Qt.AlignRight if is_number else Qt.AlignLeft) | Qt.AlignVCenter)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.AscendingOrder) -> None:
        self._sorted_by = (column, order) if column >= 0 else None
        self.layoutAboutToBeChanged.emit()
        self._order()
        self.layoutChanged.emit()

    def _order(self) -> None:
        if self._sorted_by is not None:
            column, order = self._sorted_by
            self._rows.sort(key=self._columns[column].key, reverse=order == Qt.DescendingOrder)


class RowsTable(QTableView):
    """Shows a RowsModel: whole rows, sorted by a click on a title.

    wide: the column that takes the room that the others leave.
    """

    def __init__(self, model: RowsModel, wide: int) -> None:
        super().__init__()
        self.setModel(model)
        self.setSortingEnabled(True)
        self.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.setEditTriggers(QAbstractItemView.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 12)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSortIndicator(-1, Qt.AscendingOrder)
        # The rows on show tell the widths: all of them would take long where there are many.
        header.setResizeContentsPrecision(0)
        header.setSectionResizeMode(QHeaderView.ResizeToContents)
        header.setSectionResizeMode(wide, QHeaderView.Stretch)
