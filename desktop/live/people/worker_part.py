"""What every part of the worker has that changes or reads people."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QObject

from desktop.home import Home
from gallery.store import OtherModelError
from recognition.recognizer import Recognizer
from station.ledger.audit import Audit


class WorkerPart(QObject):
    """Lives in the worker's thread, and has what `when_ready` asks for but the signal `failed`.

    recognizer: gives the worker's, or None until it is loaded. leave, tell_changes: the worker's.
    """

    def __init__(
        self,
        home: Home,
        audit: Audit,
        recognizer: Callable[[], Recognizer | None],
        leave: Callable[[OtherModelError], None],
        tell_changes: Callable[[Recognizer], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._home = home
        self._audit = audit
        self._loaded = recognizer
        self._leave = leave
        self._tell_changes = tell_changes

    @property
    def _recognizer(self) -> Recognizer | None:
        return self._loaded()
