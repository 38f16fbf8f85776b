from __future__ import annotations

import gc

from PyQt5.QtWidgets import QApplication

from desktop.shared.first_start import FirstStart
from models.conversion.preparation import PreparationProgress, PreparationStep

STEP = PreparationProgress(PreparationStep.CONVERTING, 1, 2)


def test_the_preparation_alone_keeps_it_alive(qapp: QApplication) -> None:
    told: list[PreparationProgress] = []
    first_start = FirstStart()
    first_start.told.connect(told.append)
    preparation = first_start.preparation
    del first_start
    gc.collect()
    preparation._tell(STEP)
    qapp.processEvents()
    assert told == [STEP]
