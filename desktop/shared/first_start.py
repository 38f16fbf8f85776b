"""Tells the window how the models are prepared at the first start."""

from __future__ import annotations

from PyQt5.QtCore import QObject, pyqtSignal

from models.conversion.preparation import Preparation


class FirstStart(QObject):
    """Carries the news of a worker's Preparation into the window's thread.

    told: the number of the model that is converted now, from 1, and how many there are.
    """

    told = pyqtSignal(int, int)

    def __init__(self) -> None:
        super().__init__()
        # A method, not the signal's own: with it the preparation keeps this object alive.
        self.preparation = Preparation(self._tell)

    def _tell(self, number: int, total: int) -> None:
        self.told.emit(number, total)
