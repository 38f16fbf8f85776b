"""Reads from the check-ins when everybody was last seen."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QObject, pyqtSignal

from desktop.shared.background import Background
from station.ledger.last_seen import read_last_seen


class LastSeen(QObject):
    """Reads in the background, once at a time.

    read: a mapping of ids to aware datetimes. failed: why they could not be read.
    """

    read = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(self, ledger: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._ledger = ledger
        self._task: Background | None = None

    def ask(self) -> None:
        """Read it, unless that is being done."""
        if self._task is not None:
            return
        self._task = Background(lambda: read_last_seen(self._ledger), self)
        self._task.done.connect(self.read)
        self._task.failed.connect(self.failed)
        self._task.finished.connect(self._finish)
        self._task.start()

    def close(self) -> None:
        """Wait until what is being read is finished."""
        if self._task is not None:
            self._task.wait()

    def _finish(self) -> None:
        self._task = None
