"""Does work in a thread of its own, so that the window does not wait for it."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QObject, QThread, pyqtSignal

from common.errors import FacedeskError


class Background(QThread):
    """Runs `work` once, after start(). Where the parent is deleted before, that waits for the work.

    done: what the work returned. failed: the message of a FacedeskError that the work raised.
    """

    done = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(self, work: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self.finished.connect(self._let_go)
        # Qt ends the program where a thread is deleted that runs: a dialog may go unasked, such as
        # with its window.
        parent.destroyed.connect(self._outlast)

    def run(self) -> None:
        try:
            result = self._work()
        except FacedeskError as error:
            self.failed.emit(error.sentence)
        else:
            self.done.emit(result)

    def _let_go(self) -> None:
        """Live no longer than whoever keeps it: a window may be shown long, and start many.

        With deleteLater() Qt crashed where the window was deleted before that came to pass.
        """
        self.setParent(None)  # type: ignore[arg-type]

    def _outlast(self) -> None:
        self.wait()
