"""Sees whether a face that is followed still looks as it did a frame ago: no models, little time.

A box that is followed takes whoever is inside. Two thumbnails, of the face and of what is around
it, change little from one frame to the next, and much where somebody else stands there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from models.face import Face

SIDE = 16
"""Rows and columns of a thumbnail."""

ROOM = 0.5
"""The room around a face, in shares of its box on each side; below it is twice as much, since
clothes tell people apart too."""

SAME_FACE = 0.78
SAME_AROUND = 0.78
"""The least correlation of two thumbnails, a frame apart, of one face and of its surroundings. Of
792 pairs of frames of people at a webcam who talk with their hands before their faces one in a
hundred is below; of 288 pairs of different people in the same place before the same wall none is
above 0.70 and 0.51. Of 600 pairs of aligned portraits of different people, eye on eye, 98 in 100
have less."""

ALIKE = 0.88
"""Below it the face has changed enough for a look to tell something new: one frame in twenty of
those films."""

SAME_TINT = 12.0
"""The most levels, of 255, by which a face's mean colour changes from one frame to the next: 5.5 at
most in those films."""

NOISE = 4.0
"""Levels, of 255, that noise and compression may leave in a thumbnail of a dim picture: two even
surfaces are alike."""

NOISE_SPREAD = SIDE * SIDE * 3 * NOISE**2


@dataclass(frozen=True, eq=False)
class _Thumbnail:
    """A small picture of some region.

    levels: (SIDE * SIDE * 3,) float32, each colour about its mean. mean: (3,) float32, RGB.
    spread: the sum of the squares of `levels`, and of what noise adds to it.
    """

    levels: NDArray[np.float32]
    mean: NDArray[np.float32]
    spread: float

    def correlation(self, other: _Thumbnail) -> float:
        """Returns the correlation over all colours, each about its own mean."""
        both = float(self.levels @ other.levels) + NOISE_SPREAD
        return both / math.sqrt(self.spread * other.spread)


@dataclass(frozen=True, eq=False)
class Appearance:
    """What a face and its surroundings look like in one frame."""

    face: _Thumbnail
    around: _Thumbnail

    def resembles(self, other: Appearance) -> bool:
        """Returns whether this may be the same face a frame later."""
        return (
            self.face.correlation(other.face) >= SAME_FACE
            and self.around.correlation(other.around) >= SAME_AROUND
            and float(np.abs(self.face.mean - other.face.mean).max()) <= SAME_TINT
        )

    def is_alike(self, other: Appearance) -> bool:
        """Returns whether nothing has changed that a look would be worth."""
        return (
            min(self.face.correlation(other.face), self.around.correlation(other.around)) >= ALIKE
        )


def appearance(image: RgbImage, face: Face) -> Appearance | None:
    """Returns how a face looks in an (H, W, 3) uint8 RGB picture; None for one outside of it."""
    x1, y1, x2, y2 = face.box_xyxy.tolist()
    across, down = ROOM * (x2 - x1), ROOM * (y2 - y1)
    inner = _thumbnail(image, x1, y1, x2, y2)
    around = _thumbnail(image, x1 - across, y1 - down, x2 + across, y2 + 2 * down)
    return None if inner is None or around is None else Appearance(inner, around)


def _thumbnail(image: RgbImage, x1: float, y1: float, x2: float, y2: float) -> _Thumbnail | None:
    height, width = image.shape[:2]
    left, top = max(int(x1), 0), max(int(y1), 0)
    right, bottom = min(int(x2), width), min(int(y2), height)
    if right <= left or bottom <= top:
        return None
    # Each cell is the mean of some pixels; every second or third of many is enough.
    step = max(1, min(right - left, bottom - top) // (3 * SIDE))
    region = image[top:bottom:step, left:right:step]
    small = cv2.resize(region, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    levels = small.reshape(-1, 3).astype(np.float32)
    mean = levels.mean(axis=0)
    levels = (levels - mean).ravel()
    return _Thumbnail(levels, mean, float(levels @ levels) + NOISE_SPREAD)
