"""Chooses which days, and whose check-ins, are shown."""

from __future__ import annotations

from datetime import date

from PyQt5.QtCore import QDate, QLocale, pyqtSignal
from PyQt5.QtWidgets import QDateEdit, QHBoxLayout, QLineEdit, QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.shared.dialogs.wrapping_row import WrappingRow, spread
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button

NAME_PX = 200
ARROW_PX = 76
"""The room of a date's arrow and margins."""


class CheckinsFilter(Retranslated, QWidget):
    """Fields for the first day, the last day and a name. The first day is never after the last.

    days_changed: other days were chosen. name_changed: another name was typed.
    """

    days_changed = pyqtSignal()
    name_changed = pyqtSignal()

    def __init__(self, first: date, last: date) -> None:
        super().__init__()
        self.first, self.last = QDateEdit(_qdate(first)), QDateEdit(_qdate(last))
        self._from, self._to = PlainLabel(), PlainLabel()
        self.name = QLineEdit()
        self.name.setClearButtonEnabled(True)
        self.refresh = push_button()
        self.name.setMinimumWidth(NAME_PX)
        row = WrappingRow()
        for label, day in ((self._from, self.first), (self._to, self.last)):
            label.setBuddy(day)
            day.setCalendarPopup(True)
            both = QWidget()
            beside = QHBoxLayout(both)
            beside.setContentsMargins(0, 0, 0, 0)
            beside.addWidget(label)
            beside.addWidget(day)
            row.addWidget(both)
        row.addWidget(self.name)
        row.addWidget(self.refresh)
        self.setLayout(row)
        spread(self)
        self._keep_order()
        self.first.dateChanged.connect(self._change_days)
        self.last.dateChanged.connect(self._change_days)
        self.name.textChanged.connect(self.name_changed)
        self.retranslate()

    def retranslate(self) -> None:
        self._from.setText(self.tr("&From"))
        self._to.setText(self.tr("&to"))
        self.first.setAccessibleName(self.tr("First day"))
        self.last.setAccessibleName(self.tr("Last day"))
        self.name.setPlaceholderText(self.tr("Name"))
        self.name.setAccessibleName(self.tr("Only people with this in their name"))
        self.refresh.setText(self.tr("Refresh"))
        for day in (self.first, self.last):
            day.setLocale(QLocale())
            day.setDisplayFormat(_with_whole_year(QLocale().dateFormat(QLocale.ShortFormat)))
            day.calendarWidget().setLocale(QLocale())
            # The style's own hint leaves out the arrow.
            written = day.fontMetrics().horizontalAdvance(day.text())
            day.setMinimumWidth(written + ARROW_PX)

    @property
    def days(self) -> tuple[date, date]:
        first, last = (day.date().toPyDate() for day in (self.first, self.last))
        return first, last

    def _change_days(self) -> None:
        self._keep_order()
        self.days_changed.emit()

    def _keep_order(self) -> None:
        self.first.setMaximumDate(self.last.date())
        self.last.setMinimumDate(self.first.date())


def _with_whole_year(form: str) -> str:
    """Return the date format with a four-digit year: 3/4/26 could also be a day of 1926."""
    return form if "yyyy" in form else form.replace("yy", "yyyy")


def _qdate(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
