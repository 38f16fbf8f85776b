"""Brings pictures of more than eight bits, or of fractions, to eight bits."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage

_DEPTHS = (8, 10, 12, 14, 16)
"""The bits that cameras and scanners use, in files of 16."""

DARK = 63
"""The highest of the upper eight bits of 16 where only 14 or fewer of them are used."""

_BRIGHT_SHARE = 0.99
"""Fractions of which so many are at most 1 are taken to be of 1, with lights above it."""


def depth_of(highest: int) -> int:
    """Return how many bits a picture uses whose highest value this is, at least 8."""
    return next((bits for bits in _DEPTHS if highest < 1 << bits), highest.bit_length())


def eight_bits(values: NDArray[Any], depth: int) -> NDArray[np.uint8]:
    """Return the upper eight of `depth` bits of whole numbers, of any shape.

    Numbers of fewer than eight bits are moved up to eight.
    """
    wide = values.astype(np.int64)
    shifted = wide >> (depth - 8) if depth >= 8 else wide << (8 - depth)
    return np.asarray(np.clip(shifted, 0, 255), np.uint8)


def fractions_to_eight_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return a picture of fractions in eight bits, whether white is 1, 255, or that of more bits.

    What is no number is black.
    """
    sound = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    highest = float(sound.max(initial=0.0))
    if float(np.quantile(sound, _BRIGHT_SHARE)) <= 1:
        white = 1.0
    elif highest < 1 << _DEPTHS[-1]:
        white = float((1 << depth_of(int(highest))) - 1)
    else:
        white = highest
    return np.asarray(np.rint(np.clip(sound * (255 / white), 0, 255)), np.uint8)


def read_deep(content: bytes) -> RgbImage:
    """Decode a PNG or TIFF of many bits or of fractions by OpenCV, (h, w, 3) uint8 RGB.

    What is transparent is not looked at. Raises ValueError where it is none.
    """
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None or found.size == 0:
        raise ValueError("its pixels cannot be read")
    if found.ndim == 2 or found.shape[2] < 3:
        one = found if found.ndim == 2 else found[:, :, 0]
        found = np.repeat(one[:, :, np.newaxis], 3, axis=2)
    bgr: NDArray[Any] = found[:, :, :3]
    if np.issubdtype(bgr.dtype, np.floating):
        bgr = fractions_to_eight_bits(bgr)
    elif bgr.dtype != np.uint8:
        bgr = eight_bits(bgr, depth_of(int(bgr.max())))
    return np.ascontiguousarray(bgr[:, :, ::-1])
