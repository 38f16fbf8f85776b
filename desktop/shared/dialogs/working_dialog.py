"""The base of a dialog that does something which takes a moment, such as writing to a database."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QCoreApplication, QEvent
from PyQt5.QtWidgets import QWidget

from desktop.i18n.sentences import in_own_words
from desktop.shared.background import Background
from desktop.shared.dialogs.fitting_dialog import FittingDialog
from desktop.shared.plain_text import PlainLabel
from desktop.shared.strip import tell
from desktop.shared.style import with_role


class WorkingDialog(FittingDialog):
    """Works in the background, one thing after the other, and says what went wrong.

    Where something fails, the dialog stays as it is, so that nothing that was typed is lost. It
    waits for its work before it closes.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = with_role(PlainLabel(), "problem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self._task: Background | None = None

    @property
    def is_working(self) -> bool:
        return self._task is not None

    def allow(self) -> None:
        """Enable what may be pressed now; called whenever `is_working` has changed."""

    def work(self, task: Callable[[], object], then: Callable[..., None]) -> None:
        """Do `task` in a thread of its own, and then call `then` with what it returned."""
        if self._task is not None:
            return
        tell(self.problem, "")
        self._task = Background(task, self)
        self._task.done.connect(then)
        self._task.failed.connect(self._tell_failure)
        self._task.finished.connect(self._finish)
        self.allow()
        self._task.start()

    def done(self, result: int) -> None:
        """Close once the work is finished and told, which may itself close the dialog."""
        was_visible = self.isVisible()
        if self._task is not None:
            self._task.wait()
            QCoreApplication.sendPostedEvents(None, QEvent.MetaCall)
        if self.isVisible() or not was_visible:
            super().done(result)

    def _tell_failure(self, message: str) -> None:
        tell(self.problem, in_own_words(message))

    def _finish(self) -> None:
        self._task = None
        self.allow()
