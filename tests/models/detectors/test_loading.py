from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from common.errors import WeightsError
from common.picture import RgbImage
from models.detectors.loading import load_detector
from models.detectors.protocol import Detector
from models.engines.engine import Engine, Network


class CountingEngine:
    """An engine that writes down what it loads."""

    name = "counting"
    has_eight_bits = True

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.loaded: list[str] = []

    def load(self, model: Path, *, rounded: bool = False) -> Network:
        self.loaded.append(model.stem)
        return self._engine.load(model, rounded=rounded)


def test_still_pictures_wait_for_no_network_of_live_ones(
    engine: Engine, detector: Detector, models_cache: Path, astronaut: RgbImage
) -> None:
    counting = CountingEngine(engine)
    mtcnn = load_detector("mtcnn", counting, models_cache / "models", 40)
    (face,) = mtcnn.detect(astronaut)
    assert counting.loaded == ["mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet"]
    box = face.box_xyxy[np.newaxis]
    for _ in range(2):
        assert len(mtcnn.follow(astronaut, box)) == 1
        mtcnn.detect_part(astronaut, 0, box)
    assert sorted(counting.loaded[3:]) == [
        *("mtcnn-onet", "mtcnn-onet-eight-bits", "mtcnn-pnet-patch", "mtcnn-pnet-sketch"),
        "mtcnn-rnet",
    ]


def test_no_other_detector_is_known(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="'haar' is none of mtcnn, yunet, centerface"):
        load_detector("haar", engine, tmp_path, 40)
