"""A table of frozen rows, in which each column defines how it is shown and sorted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PyQt5.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desktop.shared.plain_text import plain_tip


@dataclass(frozen=True)
class Column:
    """One column of the table.

    title: returns the title in the current language. text: returns a row's text. key: returns what
    rows are sorted by.
    """

    title: Callable[[], str]
    text: Callable[[Any], str]
    key: Callable[[Any], Any]
    is_number: bool = False


class RowsModel(QAbstractTableModel):
    """Gives the rows to a QTableView that can sort them."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._rows: list[Any] = []
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Show the rows in the order that the user chose last, or else as they are given."""
        self.beginResetModel()
        self._rows = list(rows)
        self._order()
        self.endResetModel()

    def retranslate(self) -> None:
        """Let the table ask for all titles and texts again."""
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
    """Shows a RowsModel: whole rows are selected, and a click on a title sorts by it.

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
        # Widths follow the rows on show: to measure all of many rows would take long.
        header.setResizeContentsPrecision(0)
        header.setSectionResizeMode(QHeaderView.ResizeToContents)
        header.setSectionResizeMode(wide, QHeaderView.Stretch)
