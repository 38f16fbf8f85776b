from __future__ import annotations

import gc

from pytestqt.qtbot import QtBot

from desktop.shared.first_start import FirstStart
from models.conversion.preparation import PreparationProgress, PreparationStep


def test_it_lives_as_long_as_its_preparation(qtbot: QtBot) -> None:
    told: list[PreparationProgress] = []
    first_start = FirstStart()
    first_start.told.connect(told.append)
    preparation = first_start.preparation
    del first_start
    gc.collect()
    progress = PreparationProgress(PreparationStep.CONVERTING, 1, 7)
    preparation._tell(progress)
    assert told == [progress]
