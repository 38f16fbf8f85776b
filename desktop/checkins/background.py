"""A piece of work in a thread of its own, so that the window is not kept waiting."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QObject, QThread, pyqtSignal

from common.errors import FacedeskError


class Background(QThread):
    """Runs `work` once, after start(). wait() before the parent goes.

    done: what it returned. failed: what the world did wrong, as a sentence.
    """

    done = pyqtSignal(object)
    failed = pyqtSignal(str)

    def __init__(self, work: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self.finished.connect(self.deleteLater)

    def run(self) -> None:
        try:
            result = self._work()
        except FacedeskError as error:
            self.failed.emit(str(error))
        else:
            self.done.emit(result)
