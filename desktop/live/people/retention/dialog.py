"""Shows who is over the age of retention, to be erased or kept."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QLocale, Qt, pyqtBoundSignal, pyqtSignal
from PyQt5.QtWidgets import QListWidget, QListWidgetItem, QWidget

from desktop.live.people.row_text import local_time, people_text
from desktop.shared.dialogs.confirming import confirm
from desktop.shared.dialogs.fitting_dialog import FittingDialog
from desktop.shared.names import isolated
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button, with_role
from station.people.retention import Overdue


class OverdueDialog(FittingDialog):
    """Lists the people, of whom those that are ticked are erased or kept; at first nobody is.

    erased, kept: a tuple of Overdue.
    """

    erased = pyqtSignal(object)
    kept = pyqtSignal(object)

    def __init__(self, people: Sequence[Overdue], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._people = list(people)
        self._items: list[QListWidgetItem] = []
        self.title = with_role(PlainLabel(), "title")
        self.told = PlainLabel()
        for label in (self.title, self.told):
            label.setWordWrap(True)
            label.setMinimumWidth(1)
        self.list = QListWidget()
        self.list.setMinimumHeight(5 * self.fontMetrics().lineSpacing())
        self.erase, self.keep = push_button(), push_button()
        self.later = with_role(push_button(), "primary")
        for button in (self.erase, self.keep):
            button.setAutoDefault(False)
        self.later.setDefault(True)
        self.erase.clicked.connect(self._ask_erase)
        self.keep.clicked.connect(lambda: self._end(self.kept))
        self.later.clicked.connect(self.reject)
        self.body.addWidget(self.title)
        self.body.addWidget(self.told)
        self.body.addWidget(self.list, 1)
        for button in (self.erase, self.keep, self.later):
            self.buttons.addWidget(button)
        self._fill()
        self.list.itemChanged.connect(lambda _: self._allow())
        self.resize(520, 420)

    @property
    def chosen(self) -> tuple[Overdue, ...]:
        """Who is ticked."""
        ticked = [item.checkState() == Qt.Checked for item in self._items]
        return tuple(one for one, is_ticked in zip(self._people, ticked, strict=True) if is_ticked)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Over age"))
        self.title.setText(self.tr("Who is to be erased, and who stays?"))
        told = self.tr(
            "They were kept for as long as the settings say. Whoever stays is asked about again"
            " after another such time."
        )
        until = min((one.erased_from for one in self._people if one.erased_from), default=None)
        if until is not None:
            date = QLocale().toString(local_time(until).date(), QLocale.ShortFormat)
            told += " " + self.tr("Without an answer the first is erased from {} on.").format(date)
        self.told.setText(told)
        self.list.setAccessibleName(self.tr("People over age"))
        self.erase.setText(self.tr("Erase…"))
        self.keep.setText(self.tr("Keep"))
        self.later.setText(self.tr("Later"))
        for item, one in zip(self._items, self._people, strict=True):
            item.setText(self._row(one))

    def _fill(self) -> None:
        for _ in self._people:
            item = QListWidgetItem(self.list)
            self._items.append(item)
            item.setFlags(Qt.ItemIsEnabled | Qt.ItemIsSelectable | Qt.ItemIsUserCheckable)
            item.setCheckState(Qt.Unchecked)
        self.retranslate()
        self._allow()

    def _row(self, one: Overdue) -> str:
        date = QLocale().toString(local_time(one.since).date(), QLocale.ShortFormat)
        return self.tr("{}, since {}").format(isolated(one.identity.name), date)

    def _allow(self) -> None:
        for button in (self.erase, self.keep):
            button.setEnabled(bool(self.chosen))

    def _ask_erase(self) -> None:
        question = self.tr("Erase {} for good? It cannot be undone.")
        confirm(
            self,
            self.tr("Erase"),
            question.format(people_text(len(self.chosen))),
            self.tr("Erase"),
            lambda: self._end(self.erased),
        )

    def _end(self, signal: pyqtBoundSignal) -> None:
        signal.emit(self.chosen)
        self.accept()
