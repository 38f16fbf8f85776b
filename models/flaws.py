"""Finds what makes a picture of a face too bad to be sure of: such faces resemble each other.

The limits were chosen by the 288 aligned faces of twelve people of Glint360K, as they are and
degraded (`facedesk evaluate --harden`): no picture was kept apart for them, so that other people's
alone will show how they hold. In the films of two webcams one of 86 frames has a flaw. Of the faces
as they are 5 have one:
three wear dark sunglasses, one is a profile in dark glasses, and one has none that is seen.
"""

from __future__ import annotations

from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from models.face import Face

Plane = NDArray[np.float32]

SMALLEST_PX = 40.0
"""A face of this height is enlarged 2.8 times to fill a crop of 112 pixels."""

DARKEST = 45.0
FLATTEST = 15.0
"""Mean and standard deviation of the grey values. All but 1 % of the faces have 73 and 26; of a
tenth of their light is left 18 and 9 at most."""

LEAST_DETAIL = 0.004
"""See _detail(). Faces as they are have 0.006 and more (99.5 %), webcams' 0.0042; blurred with a
sigma of 3 pixels of 112 they have 0.0033 at most (99 %), in motion by 15 pixels 0.0043, by 9 pixels
0.0026 in the median."""

MOST_NOISE = 10.0
"""See _colour_noise(). Faces as they are have 2.3 at most (99 %), the demo's 5; with noise of a
standard deviation of 25 they have 18 and more."""

MOST_BLOCKING = 1.45
"""See _blocking(). Faces as they are have 1.16 at most (99 %); saved as JPEG of quality 5 they have
1.95 and more, of quality 10 1.47."""

DARKEST_EYES = 0.26
"""See _eyes(). The 12 of 288 faces with less than 0.36 wear sunglasses; the next has 0.43. With the
same pair painted on all, they have 0.09 in the median and 0.3 at most (95 %). The limit finds the
darkest: at 0.36 the share of known people who stay unnamed would rise from 0.8 to 2.4 %, since most
sunglasses hide less than blur does."""

CALMEST_MOUTH = 0.25
MOST_TINT = 20.0
"""See _mouth(). Faces as they are have 0.37 and more, and 19 at most (99 %); with a mask 0 and 43
in the median."""

CALM_MOUTH = 0.4
TINT = 12.0
"""Both at once are as telling as either limit alone."""

_INNER = slice(16, 104), slice(16, 96)
_CELLS = 8
_BLOCK = 8
_MOST_SIDE = 256

_SECOND_DIFFERENCES = tuple(
    np.array(kernel, np.float32)
    for kernel in (
        [[0, 0, 0], [1, -2, 1], [0, 0, 0]],
        [[0, 1, 0], [0, -2, 0], [0, 1, 0]],
        [[0.7, 0, 0], [0, -1.4, 0], [0, 0, 0.7]],
        [[0, 0, 0.7], [0, -1.4, 0], [0.7, 0, 0]],
    )
)
"""Along rows, columns and both diagonals; the last two for the longer way."""

_NOISE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
"""Cancels edges and leaves noise (Immerkaer, Computer Vision and Image Understanding 1996)."""


class Flaw(Enum):
    """What is wrong with a picture of a face."""

    SMALL = "small"
    DARK = "dark"
    BLURRED = "blurred"
    NOISY = "noisy"
    COMPRESSED = "compressed"
    EYES_HIDDEN = "eyes hidden"
    MOUTH_HIDDEN = "mouth hidden"


def find_flaws(image: RgbImage, face: Face, crop: RgbImage) -> frozenset[Flaw]:
    """Return what is wrong with a face in an (H, W, 3) uint8 RGB picture.

    crop: its aligned crop, (112, 112, 3) uint8 RGB.
    """
    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.float32)
    colours = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2LAB)[..., 1:], np.float32)
    inner = grey[_INNER]
    contrast = float(inner.std())
    calm, tint = _mouth(grey, colours, contrast)
    found = {
        Flaw.SMALL: face.height < SMALLEST_PX,
        Flaw.DARK: float(inner.mean()) < DARKEST or contrast < FLATTEST,
        Flaw.BLURRED: _detail(grey, contrast) < LEAST_DETAIL,
        Flaw.NOISY: _colour_noise(colours) > MOST_NOISE,
        Flaw.COMPRESSED: _blocking(_region(image, face)) > MOST_BLOCKING,
        Flaw.EYES_HIDDEN: _eyes(grey) < DARKEST_EYES,
        Flaw.MOUTH_HIDDEN: calm < CALMEST_MOUTH
        or tint > MOST_TINT
        or (calm < CALM_MOUTH and tint > TINT),
    }
    return frozenset(flaw for flaw, is_there in found.items() if is_there)


def _detail(grey: Plane, contrast: float) -> float:
    """Return the finest detail in the direction that has least of it, as a share of the contrast.

    It is the mean square of the second differences; motion takes them along its way alone, however
    sharp the face is across it. The upper quartile of the crop's parts counts: what the picture's
    border or a frame of glasses adds is in few of them.
    """
    least = np.inf
    for kernel in _SECOND_DIFFERENCES:
        squares = cv2.filter2D(grey, -1, kernel)[_INNER] ** 2
        parts = cv2.resize(squares, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
        least = min(least, _upper_quartile(np.asarray(parts, np.float32)))
    return least / max(contrast * contrast, 1.0)


def _colour_noise(colours: Plane) -> float:
    """Return the mean of what is left of the colours (a, b of CIELAB) without their edges.

    Pictures have next to no fine detail in their colours, however much in their light.
    """
    return float(np.abs(cv2.filter2D(colours, -1, _NOISE)[_INNER]).mean())


def _blocking(grey: Plane) -> float:
    """Return how much larger the steps at one of eight phases are than at the others.

    JPEG codes blocks of 8x8 pixels by themselves (after Wang, Sheikh and Bovik, ICIP 2002). The
    smaller of the two directions counts. 0 for less than four blocks.
    """
    if min(grey.shape) < 4 * _BLOCK:
        return 0.0
    ratios = []
    for axis in (0, 1):
        steps = np.abs(np.diff(grey, axis=axis)).mean(axis=1 - axis)
        phases = [float(steps[start::_BLOCK].mean()) for start in range(_BLOCK)]
        ratios.append(max(phases) / (float(np.median(phases)) + 0.3))
    return min(ratios)


def _region(image: RgbImage, face: Face) -> Plane:
    """Return the grey values of the picture in the face's box, at most of its middle."""
    height, width = image.shape[:2]
    x, y = ((face.box_xyxy[:2] + face.box_xyxy[2:]) / 2).astype(int)
    half_x = min(int(face.width / 2), _MOST_SIDE // 2)
    half_y = min(int(face.height / 2), _MOST_SIDE // 2)
    region = image[
        max(y - half_y, 0) : min(y + half_y, height), max(x - half_x, 0) : min(x + half_x, width)
    ]
    if not region.size:
        return np.zeros((0, 0), np.float32)
    return np.asarray(cv2.cvtColor(region, cv2.COLOR_RGB2GRAY), np.float32)


def _upper_quartile(values: Plane) -> float:
    # Ten times as quick as np.percentile, which interpolates.
    place = 3 * values.size // 4
    return float(np.partition(values, place, axis=None)[place])


def _eyes(grey: Plane) -> float:
    """Return how light the eyes' surroundings are (upper quartile), as a share of the cheeks."""
    eyes = np.concatenate([grey[44:60, 28:48].ravel(), grey[44:60, 64:84].ravel()])
    cheeks = np.concatenate([grey[66:82, 22:40].ravel(), grey[66:82, 72:90].ravel()])
    return _upper_quartile(eyes) / (float(np.median(cheeks)) + 1)


def _mouth(grey: Plane, colours: Plane, contrast: float) -> tuple[float, float]:
    """Return the mouth's contrast as a share of the face's, and its colour's distance from the
    forehead's, in 8-bit a and b of CIELAB."""
    mouth = float(grey[80:106, 34:78].std()) / max(contrast, 1.0)
    lower = np.median(colours[78:108, 30:82].reshape(-1, 2), axis=0)
    upper = np.median(colours[24:40, 36:76].reshape(-1, 2), axis=0)
    return mouth, float(np.hypot(*(lower - upper)))
