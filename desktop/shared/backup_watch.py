"""Makes scheduled backups while a window is open, in a thread of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import QCoreApplication, QEvent, QObject, QTimer, pyqtSignal

from common.errors import BackupError
from desktop.shared.background import Background
from models.described.installed import written_descriptions
from station.backups.schedule import BackupPlan, run_if_due

ASKS_EACH_MS = 10 * 60 * 1000
FIRST_MS = 60 * 1000
"""Not while the program starts."""

log = logging.getLogger(__name__)


class _StoppedError(BackupError):
    """The window closes: the backup is made by whichever program runs next."""

    def __init__(self) -> None:
        super().__init__("the backup to be made", "Facedesk was closed", "It is made later")


class BackupWatch(QObject):
    """Asks now and then whether a backup is due, and makes it. `close` must be called at the end.

    home: the home's folder. plan: None for none.
    failed: why none could be made, once for each reason.
    """

    failed = pyqtSignal(object)

    def __init__(
        self,
        parent: QObject,
        home: Path,
        plan: BackupPlan | None,
        make: Callable[..., object] = run_if_due,
    ) -> None:
        super().__init__(parent)
        self._home, self._plan, self._make = home, plan, make
        self._task: Background | None = None
        self._told: object = ""
        self._is_closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(ASKS_EACH_MS)
        self._timer.timeout.connect(self.ask)
        self._first = QTimer(self)
        self._first.setSingleShot(True)
        self._first.setInterval(FIRST_MS)
        self._first.timeout.connect(self.ask)
        if plan is not None:
            self._timer.start()
            self._first.start()

    def ask(self) -> None:
        """Make the backup that is due, if one is."""
        if self._task is not None or self._is_closed or self._plan is None:
            return
        self._task = Background(self._work, self)
        self._task.failed.connect(self._tell)
        self._task.done.connect(self._forget_told)
        self._task.finished.connect(self._end)
        self._task.start()

    def close(self) -> None:
        """Stop a backup that is being made; it is made later."""
        self._is_closed = True
        self._timer.stop()
        self._first.stop()
        if self._task is not None:
            self._task.wait()
            QCoreApplication.sendPostedEvents(None, QEvent.MetaCall)

    def _work(self) -> object:
        return self._make(self._plan, self._home, written_descriptions(), self._pause)

    def _pause(self) -> None:
        if self._is_closed:
            raise _StoppedError

    def _tell(self, sentence: object) -> None:
        if self._is_closed:
            return
        log.warning("%s", sentence)
        if sentence != self._told:
            self._told = sentence
            self.failed.emit(sentence)

    def _forget_told(self) -> None:
        self._told = ""

    def _end(self) -> None:
        self._task = None
