"""Reads YuNet (Wu et al. 2023): one small network for boxes and landmarks.

It is faster than MTCNN, with less exact landmarks. Its output is decoded as in OpenCV's
FaceDetectorYN.
"""

from __future__ import annotations

import numpy as np

from models.detectors.letterbox import InputForm, Size
from models.detectors.one_shot import Candidates, DetectorFamily, cells, exponential, grid
from models.engines.engine import FloatArray

INPUT_SIDE = 640
STRIDES = (8, 16, 32)
SCORE_THRESHOLD = 0.6
"""The least score of a face. OpenCV's default of 0.9 misses turned faces."""
NMS_THRESHOLD = 0.3
"""The IoU from which a worse box is dropped: OpenCV's default."""


def decode(outputs: tuple[FloatArray, ...], size: Size) -> Candidates:
    """Read class, object, box and landmark maps, each for the three strides in turn."""
    found: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    for i, stride in enumerate(STRIDES):
        face, thing, box, points = (outputs[i + 3 * kind][0] for kind in range(4))
        scores = np.sqrt(np.clip(face[:, 0], 0, 1) * np.clip(thing[:, 0], 0, 1))
        kept = np.flatnonzero(scores >= SCORE_THRESHOLD)
        corner = grid(*cells(size, stride))[kept]
        centre = (corner + box[kept, :2]) * stride
        half = exponential(box[kept, 2:]) * stride / 2
        marks = (corner[:, np.newaxis] + points[kept].reshape(-1, 5, 2)) * stride
        found.append((np.hstack([centre - half, centre + half]), scores[kept], marks))
    return Candidates(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


YUNET = DetectorFamily(
    "yunet",
    InputForm((INPUT_SIDE, INPUT_SIDE), colour="BGR"),
    decode,
    SCORE_THRESHOLD,
    NMS_THRESHOLD,
)
"""The published file takes 640x640 alone; a face below about 10 pixels there is missed."""
