"""Tells the window how the models are prepared at the first start."""

from __future__ import annotations

from PyQt5.QtCore import QCoreApplication, QObject, pyqtSignal

from models.conversion.preparation import Preparation, PreparationProgress, PreparationStep


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


def progress_told(progress: PreparationProgress) -> str:
    """Return in a sentence how far a preparation is."""
    translate = QCoreApplication.translate
    if progress.step is PreparationStep.COMPILING:
        return translate("FirstStart", "Getting the models ready for this computer, once…")
    if progress.step is PreparationStep.FETCHING:
        text = translate("FirstStart", "Fetching the models, once: {} of {}")
    else:
        text = translate("FirstStart", "Preparing the models, once: {} of {}")
    return text.format(progress.number, progress.total)
