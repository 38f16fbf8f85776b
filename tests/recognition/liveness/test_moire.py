from __future__ import annotations

import cv2
import numpy as np

from capture.stills import read_picture
from models.face import Face
from recognition.liveness.evidence import LivenessFinding
from recognition.liveness.moire import FRAMES, PEAK, SIDE, Moire, peak
from recognition.liveness.observation import Observation


def on_a_screen(picture: np.ndarray, pitch: float) -> np.ndarray:
    """With the lattice of a screen whose beat with the camera's pixels is `pitch` pixels long."""
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    beat = np.cos(2 * np.pi * (columns + 0.1 * rows) / pitch)
    return np.clip(picture * (1 + 0.15 * beat[..., np.newaxis]), 0, 255).astype(np.uint8)


def told(picture: np.ndarray) -> list[LivenessFinding | None]:
    face = Face(np.array([64, 64, 192, 192], np.float32), 0.99, np.zeros((5, 2), np.float32))
    cue = Moire()
    return [cue.see(Observation(i / 20, 1, face, picture)) for i in range(FRAMES)]


def test_a_screen_is_noticed_after_some_frames(astronaut: np.ndarray) -> None:
    picture = cv2.resize(astronaut[40:210, 140:310], (256, 256))
    assert not any(told(picture))
    *before, last = told(on_a_screen(picture, 5.0))
    assert not any(before)
    assert last


def test_a_small_face_or_one_at_the_border_says_nothing(astronaut: np.ndarray) -> None:
    cue = Moire()
    for box in ([10, 10, 60, 70], [-60, 0, 60, 120]):
        face = Face(np.array(box, np.float32), 0.99, np.zeros((5, 2), np.float32))
        for _ in range(FRAMES):
            assert not cue.see(Observation(0, 1, face, on_a_screen(astronaut, 5.0)))


def test_no_real_face_has_such_a_peak(shared_data) -> None:
    paths = sorted((shared_data / "faces" / "people").glob("*/*.png"))[::4]
    for path in paths:
        grey = cv2.cvtColor(read_picture(path), cv2.COLOR_RGB2GRAY).astype(np.float32)
        assert peak(grey[8 : 8 + SIDE, 8 : 8 + SIDE]) < PEAK
