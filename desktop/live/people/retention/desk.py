"""Asks at the start and once a day who is over the age of retention, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QObject, Qt, QTimer, pyqtSignal
from PyQt5.QtWidgets import QWidget

from desktop.live.people.last_seen import LastSeen
from desktop.live.people.own_worker import OwnWorker
from desktop.live.people.retention.bar import RetentionBar
from desktop.live.people.retention.dialog import OverdueDialog
from desktop.live.people.row_text import people_text
from station.people.retention import Overdue, RetentionRule

EVERY_MS = 24 * 60 * 60 * 1000


class RetentionDesk(QObject):
    """Make it once the worker lives in its thread, where the settings name an age.

    last_seen: reads the check-ins. found_wanted: the RetentionRule, and when people were last seen.
    told: a line on what was done.
    """

    found_wanted = pyqtSignal(object, object)
    told = pyqtSignal(str)

    def __init__(
        self,
        rule: RetentionRule,
        bar: RetentionBar,
        last_seen: LastSeen,
        worker: OwnWorker,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._rule = rule
        self._bar = bar
        self._last_seen = last_seen
        self._worker = worker
        self._window = window
        self._people: Sequence[Overdue] = ()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.ask)
        bar.asked.connect(self._open)
        last_seen.read.connect(lambda seen: self.found_wanted.emit(self._rule, seen))
        self.found_wanted.connect(worker.find_overdue)
        worker.overdue_found.connect(self._show)
        worker.overdue_erased.connect(self._tell)

    def ask(self) -> None:
        """Find out who is over age, now and then once a day."""
        self._timer.start(EVERY_MS)
        self._last_seen.ask()

    def _show(self, people: Sequence[Overdue]) -> None:
        self._people = people
        self._bar.tell(self._rule, people)

    def _open(self) -> None:
        dialog = OverdueDialog(self._people, self._window)
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.erased.connect(self._worker.erase_overdue)
        dialog.kept.connect(self._worker.keep_overdue)
        dialog.accepted.connect(self._last_seen.ask)
        dialog.open()

    def _tell(self, count: int, by_itself: bool) -> None:
        if by_itself:
            text = self.tr("{} erased, as the settings say: over the age of retention.")
        else:
            text = self.tr("{} erased.")
        self.told.emit(text.format(people_text(count)))
