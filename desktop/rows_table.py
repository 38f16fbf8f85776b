"""How a RowsModel is shown: whole rows, sorted by a click on a title."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desktop.checkins.rows_model import RowsModel


class RowsTable(QTableView):
    """wide: the column that takes the room that the others leave."""

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
