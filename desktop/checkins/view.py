"""Shows the check-ins in a window of their own: all of them, the days, and the people's hours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path

from PyQt5.QtCore import QLocale, QSize, Qt
from PyQt5.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShowEvent
from PyQt5.QtWidgets import (
    QFileDialog,
    QShortcut,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.checkins.amend_dialog import AmendingDesk
from desktop.checkins.amending_bar import AmendingBar
from desktop.checkins.arrivals_chart import ArrivalsChart
from desktop.checkins.columns import (
    CHECK_IN_COLUMNS,
    DAY_COLUMNS,
    HERE_COLUMNS,
    PERSON_COLUMNS,
    shown_hours,
)
from desktop.checkins.export_words import in_words
from desktop.checkins.filter import CheckinsFilter
from desktop.checkins.records import Records, person_totals, read_records
from desktop.checkins.rows_model import RowsModel, RowsTable
from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.shared.background import Background
from desktop.shared.dialogs.screen_room import keep_on_screen, screen_room
from desktop.shared.dialogs.wrapping_row import WrappingRow
from desktop.shared.names import folded, isolated
from desktop.shared.plain_text import PlainFileDialog, PlainLabel
from desktop.shared.strip import tell
from desktop.shared.style import push_button, with_role
from station.ledger.export_formats import CsvForm, Table, write_csv, write_xlsx
from station.ledger.export_tables import entry_table, hours_table
from station.ledger.stays import day_totals

DAYS = 30
"""How many days are shown at first; the last of them is today."""

SIZE = QSize(860, 640)
LEAST_FOR_CHART_PX = 560

Write = Callable[[Path, Table, bool, Sequence[Path]], None]


class CheckinsView(Retranslated, QWidget):
    """Reads the ledger in the background whenever it is shown, refreshed or given other days.

    ledger: the ledger's file, which need not exist yet. never: files that no export may replace.
    desk: what is needed to add, correct and undo check-ins here; None where that is not offered.
    """

    def __init__(
        self,
        ledger: Path,
        parent: QWidget | None = None,
        never: Sequence[Path] = (),
        desk: AmendingDesk | None = None,
    ) -> None:
        super().__init__(parent, Qt.Window)
        self._ledger, self._never = ledger, (ledger, *never)
        self._task: Background | None = None
        self._is_stale = False
        today = date.today()
        self._records: Records | None = None
        self.filter = CheckinsFilter(today - timedelta(days=DAYS - 1), today)
        self.chart = ArrivalsChart()
        self.check_ins = RowsModel(CHECK_IN_COLUMNS, self)
        self.days = RowsModel(DAY_COLUMNS, self)
        self.people = RowsModel(PERSON_COLUMNS, self)
        self.here = RowsModel(HERE_COLUMNS, self)
        self._models = (self.check_ins, self.days, self.people, self.here)
        self.tabs = QTabWidget()
        tables = [
            RowsTable(model, wide) for model, wide in zip(self._models, (1, 0, 0, 0), strict=True)
        ]
        for table in tables:
            self.tabs.addTab(table, "")
        self.amending = AmendingBar(desk, tables[0], self.check_ins) if desk is not None else None
        self.sums = with_role(PlainLabel(), "quiet")
        self.problem = with_role(PlainLabel(), "problem")
        self.export_csv = push_button()
        self.export_xlsx = push_button()
        self._lay_out()

        if self.amending is not None:
            self.amending.amended.connect(self.refresh)
        self.tabs.currentChanged.connect(self._sum_up)
        self.filter.days_changed.connect(self.refresh)
        self.filter.name_changed.connect(self._show)
        self.filter.refresh.clicked.connect(self.refresh)
        self.export_csv.clicked.connect(lambda: self._ask_file("csv", _writer_of_csv()))
        self.export_xlsx.clicked.connect(lambda: self._ask_file("xlsx", self._writer_of_xlsx()))
        QShortcut(QKeySequence.Refresh, self, self.refresh)
        QShortcut(QKeySequence.Cancel, self, self.hide)
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Check-ins"))
        titles = self.tr("Check-ins"), self.tr("Days"), self.tr("People"), self.tr("Here now")
        for tab, title in enumerate(titles):
            self.tabs.setTabText(tab, title)
            self.tabs.widget(tab).setAccessibleName(title)
        for model in self._models:
            model.retranslate()
        self.export_csv.setText(self.tr("Export CSV…"))
        self.export_xlsx.setText(self.tr("Export XLSX…"))
        self._show()

    def show_here_now(self) -> None:
        """Show who came and has not left."""
        self.tabs.setCurrentIndex(self._models.index(self.here))

    def refresh(self) -> None:
        """Read the ledger again; where it is being read at the moment, once more after that."""
        self._is_stale = True
        self._read_if_stale()

    def export(self, file: Path, write: Write) -> None:
        """Write the check-ins on show to a file, or from the two other tabs the people's days."""
        shown = self._chosen()
        if shown is None:
            return
        if self.tabs.currentIndex() == 0:
            amended = {c.entry.number: c.amended_by for c in shown.check_ins if c.amended_by}
            table = entry_table((c.entry for c in shown.check_ins), amended)
        else:
            table = hours_table(shown.days)
        self._start(lambda: write(file, table, True, self._never), lambda _: self._tell_saved(file))

    def showEvent(self, event: QShowEvent) -> None:
        if not event.spontaneous():
            size = self.size().boundedTo(screen_room(self))
            self._make_room(size.height())
            self.resize(size)
            keep_on_screen(self)
            self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._make_room(event.size().height())

    def _make_room(self, height: int) -> None:
        """Where there is little room, it is the table's."""
        self.chart.setVisible(height >= LEAST_FOR_CHART_PX)
        self.layout().activate()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Wait until what is being read or written is finished."""
        self._is_stale = False
        if self._task is not None:
            self._task.wait()
        event.accept()

    # -- in the background, one after the other --------------------------------------------

    def _read_if_stale(self) -> None:
        if self._is_stale and self._task is None:
            self._is_stale = False
            first, last = self.filter.days
            self._start(lambda: read_records(self._ledger, first, last), self._take)

    def _take(self, records: Records) -> None:
        self._records = records
        self._show()

    def _start(self, work: Callable[[], object], then: Callable[..., None]) -> None:
        tell(self.problem, "")
        self._task = Background(work, self)
        self._task.done.connect(then)
        self._task.failed.connect(lambda message: tell(self.problem, in_own_words(message)))
        self._task.finished.connect(self._finish)
        self._allow()
        self._task.start()

    def _finish(self) -> None:
        self._task = None
        self._allow()
        self._read_if_stale()

    # -- what is shown ---------------------------------------------------------------------

    def _chosen(self) -> Records | None:
        """Return the records of the people whose name is asked for; None before they are read."""
        wanted = folded(self.filter.name.text().strip())
        if self._records is None or not wanted:
            return self._records
        return self._records.named(cache(lambda name: wanted in folded(name)))

    def _show(self) -> None:
        shown = self._chosen()
        if shown is None:
            self.sums.setText(self.tr("Reading…"))
            return
        days, people = day_totals(shown.days), person_totals(shown.days)
        self.check_ins.show_rows(shown.check_ins)
        self.days.show_rows(days[::-1])
        self.people.show_rows(people)
        self.here.show_rows(shown.here)
        self.chart.show_days(shown.first, shown.last, {day.day: day.arrivals for day in days})
        self._sum_up()
        self._allow()

    def _sum_up(self) -> None:
        shown = self._chosen()
        if shown is not None:
            self.sums.setText(self._summed(shown, len(self.people.rows)))

    def _summed(self, shown: Records, people: int) -> str:
        if self._models[self.tabs.currentIndex()] is self.here:
            here = len(shown.here)
            nobody, one = self.tr("Nobody is here now."), self.tr("1 person is here now.")
            return {0: nobody, 1: one}.get(here, self.tr("{} people are here now.").format(here))
        if not shown.check_ins:
            if self.filter.name.text().strip():
                return self.tr("Nobody of this name: choose other days, or type less of it.")
            return self.tr(
                "Nobody has checked in in these days. Choose other days above; facedesk kiosk "
                "opens the station."
            )
        return self.tr("People: {} · check-ins: {} · hours: {}").format(
            people,
            sum(day.arrivals for day in shown.days),
            shown_hours(sum((day.present for day in shown.days), timedelta())),
        )

    def _allow(self) -> None:
        has_rows = self._records is not None and bool(self.check_ins.rows)
        for button in (self.export_csv, self.export_xlsx):
            button.setEnabled(has_rows and self._task is None)

    def _tell_saved(self, file: Path) -> None:
        self.sums.setText(self.tr("{} is saved.").format(isolated(str(file))))

    def _writer_of_xlsx(self) -> Write:
        """Return what writes a sheet for people: with a name, and in the language of the window."""
        title = self.tabs.tabText(min(self.tabs.currentIndex(), 1))
        return lambda file, table, overwrite, inputs: write_xlsx(
            file, in_words(table), overwrite, inputs, title
        )

    def _ask_file(self, suffix: str, write: Write) -> None:
        dialog = PlainFileDialog(self, self.tr("Export"), "", f"*.{suffix}")
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.fileSelected.connect(lambda file: self.export(Path(file), write))
        dialog.open()

    def _lay_out(self) -> None:
        for label in (self.sums, self.problem):
            label.setWordWrap(True)
        foot = WrappingRow(Qt.AlignRight)
        foot.addWidget(self.export_csv)
        foot.addWidget(self.export_xlsx)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(self.filter)
        layout.addWidget(self.problem)
        layout.addWidget(self.chart)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.sums)
        if self.amending is not None:
            layout.addWidget(self.amending)
        layout.addLayout(foot)
        self.resize(SIZE)


def _writer_of_csv() -> Write:
    """Return what writes a CSV file as a spreadsheet program of the window's language reads it."""
    return partial(write_csv, form=CsvForm.of_language(QLocale().decimalPoint()))
