"""Notices moiré: the pixels of a screen and those of the camera interfere and leave a lattice in
the face.

In the spectrum of a face a lattice is a peak that stands alone; skin, hair and glasses have none.
"""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from common.sentence import Sentence
from models.face import Face
from recognition.liveness.evidence import VETO, FindingKind, LivenessFinding
from recognition.liveness.observation import Observation

SIDE = 96
"""The side of the square that is looked at, in pixels at the camera's own resolution: scaling would
make or remove a lattice."""

PEAK = 6.5
"""The least height of a peak, in robust standard deviations above the other frequencies of the same
length. Of 522 real faces (stills and video of ../shared) the highest was 6.2. Half of the rendered
screens reach no more than 5.3 either: this cue finds the coarse ones only."""

FRAMES = 9
"""The peak is the median over so many frames: a lattice stays."""

_WINDOW = np.outer(np.hanning(SIDE), np.hanning(SIDE)).astype(np.float32)
_ACROSS, _DOWN = np.meshgrid(np.fft.rfftfreq(SIDE), np.fft.fftfreq(SIDE))
_RING = np.minimum((np.hypot(_ACROSS, _DOWN) * SIDE / 2).astype(int), SIDE // 3)
_LOWEST = 3
"""The lowest ring of frequencies that is looked at: waves longer than 16 pixels belong to the
face."""


class Moire:
    def __init__(self) -> None:
        self._peaks: deque[float] = deque(maxlen=FRAMES)

    def see(self, observation: Observation) -> LivenessFinding | None:
        """Takes in a frame. Returns a veto, or None."""
        patch = _middle_of(observation.image, observation.face)
        if patch is None:
            return None
        self._peaks.append(peak(patch))
        if len(self._peaks) < FRAMES or np.median(self._peaks) < PEAK:
            return None
        text = Sentence("A lattice lies over the face, as on a screen.")
        return LivenessFinding(FindingKind.MOIRE, VETO, text)


def peak(grey: NDArray[np.float32]) -> float:
    """Returns how far the highest frequency stands out among those of its length. grey: (SIDE,
    SIDE) float32."""
    fine = grey - cv2.GaussianBlur(grey, (0, 0), 4)
    spectrum = np.log(np.abs(np.fft.rfft2(fine * _WINDOW)) + 1e-3)
    highest = 0.0
    for ring in range(_LOWEST, SIDE // 3 + 1):
        values = spectrum[ring == _RING]
        middle = np.median(values)
        spread = max(1.4826 * float(np.median(np.abs(values - middle))), 0.1)
        highest = max(highest, float(values.max() - middle) / spread)
    return highest


def _middle_of(image: RgbImage, face: Face) -> NDArray[np.float32] | None:
    """Returns the middle of a face in grey, (SIDE, SIDE) float32; None where the face is smaller
    than that or at the border."""
    left, top = ((face.box_xyxy[:2] + face.box_xyxy[2:] - SIDE) / 2).astype(int)
    height, width = image.shape[:2]
    if face.height < SIDE or left < 0 or top < 0 or left + SIDE > width or top + SIDE > height:
        return None
    patch = np.ascontiguousarray(image[top : top + SIDE, left : left + SIDE])
    return np.asarray(cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY), np.float32)
