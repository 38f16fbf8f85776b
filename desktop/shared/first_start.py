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
        # Not told.emit, which would not keep this object alive: the preparation outlives the names
        # of whoever makes it.
        self.preparation = Preparation(self._pass_on)

    def _pass_on(self, progress: PreparationProgress) -> None:
        self.told.emit(progress)
