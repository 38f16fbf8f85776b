"""Tells the window how the models are prepared at the first start."""

from __future__ import annotations

from PyQt5.QtCore import QObject, pyqtSignal

from models.conversion.preparation import Preparation, PreparationProgress


class FirstStart(QObject):
    """Carries the news of a worker's Preparation into the window's thread.

    told: the PreparationProgress.
    """

    told = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        # Not told.emit: it does not keep this object, which would be gone when it is called.
        self.preparation = Preparation(self._tell)

    def _tell(self, progress: PreparationProgress) -> None:
        self.told.emit(progress)
