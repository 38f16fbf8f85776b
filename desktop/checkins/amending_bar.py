"""The buttons with which an administrator adds, corrects and undoes check-ins."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QPoint, Qt, pyqtSignal
from PyQt5.QtWidgets import QMenu, QWidget

from desktop.checkins.amend_dialog import AmendDialog, AmendingAct, AmendingDesk
from desktop.checkins.records import CheckIn
from desktop.checkins.rows_model import RowsModel, RowsTable
from desktop.i18n.retranslated import Retranslated
from desktop.shared.dialogs.wrapping_row import WrappingRow, spread
from desktop.shared.style import push_button


class AmendingBar(Retranslated, QWidget):
    """Changes the check-in that is chosen in the table; the table has a menu with the same acts.

    amended: the ledger has another entry.
    """

    amended = pyqtSignal()

    def __init__(self, desk: AmendingDesk, table: RowsTable, model: RowsModel) -> None:
        super().__init__()
        self._desk = desk
        self._table = table
        self._model = model
        self.add, self.correct, self.undo = push_button(), push_button(), push_button()
        row = WrappingRow()
        self.setLayout(row)
        spread(self)
        for button, act in (
            (self.add, self.open_add),
            (self.correct, self._open_correct),
            (self.undo, self._open_undo),
        ):
            row.addWidget(button)
            button.clicked.connect(lambda _, act=act: act())
        table.setSelectionMode(RowsTable.SingleSelection)
        table.selectionModel().selectionChanged.connect(self._allow)
        model.modelReset.connect(self._allow)
        table.setContextMenuPolicy(Qt.CustomContextMenu)
        table.customContextMenuRequested.connect(self._show_menu)
        table.doubleClicked.connect(self._open_correct)
        self._allow()
        self.retranslate()

    def retranslate(self) -> None:
        self.add.setText(self.tr("Add…"))
        self.correct.setText(self.tr("Correct…"))
        self.undo.setText(self.tr("Undo…"))

    def open_add(self) -> None:
        """Ask for a check-in that is missing."""
        self._ask(AmendingAct.ADD, None)

    @property
    def chosen(self) -> CheckIn | None:
        """The check-in that is chosen, if it counts: only such a one can be amended."""
        rows = self._table.selectionModel().selectedRows()
        if not rows:
            return None
        found: CheckIn = self._model.rows[rows[0].row()]
        return found if found.amended_by is None else None

    def _open_correct(self) -> None:
        if self.chosen is not None:
            self._ask(AmendingAct.CORRECT, self.chosen)

    def _open_undo(self) -> None:
        if self.chosen is not None:
            self._ask(AmendingAct.UNDO, self.chosen)

    def _ask(self, act: AmendingAct, wrong: CheckIn | None) -> None:
        def show() -> None:
            dialog = AmendDialog(act, self._desk, wrong, self.window())
            dialog.setAttribute(Qt.WA_DeleteOnClose)
            dialog.accepted.connect(self.amended)
            dialog.open()

        self._desk.ask(self.window(), show)

    def _allow(self) -> None:
        for button in (self.correct, self.undo):
            button.setEnabled(self.chosen is not None)

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WA_DeleteOnClose)
        acts: tuple[tuple[str, Callable[[], None], bool], ...] = (
            (self.correct.text(), self._open_correct, self.correct.isEnabled()),
            (self.undo.text(), self._open_undo, self.undo.isEnabled()),
            (self.add.text(), self.open_add, True),
        )
        for text, act, allowed in acts:
            entry = menu.addAction(text)
            entry.setEnabled(allowed)
            entry.triggered.connect(lambda _, act=act: act())
        menu.popup(self._table.viewport().mapToGlobal(place))
