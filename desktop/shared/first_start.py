"""Tells the window how the models are prepared at the first start."""

from __future__ import annotations

from PyQt5.QtCore import QObject, pyqtSignal

from models.conversion.preparation import Preparation


class FirstStart(QObject):
    """Carries the news of a worker's Preparation into the window's thread.

    told: the PreparationProgress.
    """

    told = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self.preparation = Preparation(self.told.emit)
