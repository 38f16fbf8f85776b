"""Tells whether the lines around a face move as one, while the rest of the room stands still.

A hand that holds a phone sways by some millimetres in a second. Points on the lines are followed
from one look to the next (Lucas and Kanade 1981); only the part of their movement across the line
is known, and compared with an affine movement of all.
"""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage

APART = 6.0
"""Points on a line are so many pixels of the scaled picture apart."""

FEWEST = 14
FEWEST_OTHERS = 4
"""The least number of points on the lines, and in the rest of the room."""

STANDS = 0.25
"""Points that move less, in pixels of the scaled picture (1/56 of a face's height), stand still."""

MOVES = 0.6
FITS = 0.4
"""Points of lines that move as one go farther than MOVES, and within FITS as the others do."""

FITTING, MOVING = 0.7, 0.5
"""The shares of the points that must do the one and the other."""

MOVING_LOOKS = 2
OF_LOOKS = 4
"""The lines move where they do in so many of the last looks."""

_Table = NDArray[np.float64]


class MovingLines:
    """Follows lines from one look to the next."""

    def __init__(self) -> None:
        self._before: tuple[NDArray[np.uint8], _Table, _Table, float] | None = None
        self._moved: deque[bool] = deque(maxlen=OF_LOOKS)

    def see(self, image: RgbImage, lines: _Table, others: _Table, scale: float) -> bool:
        """Takes in an (H, W, 3) uint8 RGB frame with (n, 4) lines, and others of the room, in its
        pixels; without lines it only follows those of the look before.

        scale: pixels of the frame in one of the scaled picture. Returns whether the lines move.
        """
        if self._before is not None:
            grey, points, room, before = self._before
            now = _scaled(image, before, grey.shape)
            self._moved.append(_moves(grey, now, points, room))
        self._before = None
        if len(lines):
            grey = _scaled(image, scale, None)
            self._before = grey, _points(lines / scale), _points(others / scale), scale
        return sum(self._moved) >= MOVING_LOOKS


def _scaled(image: RgbImage, scale: float, shape: tuple[int, ...] | None) -> NDArray[np.uint8]:
    rows, columns = image.shape[:2]
    size = (round(columns / scale), round(rows / scale)) if shape is None else shape[1::-1]
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    way = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, (size[0], size[1]), interpolation=way), np.uint8)


def _points(lines: _Table) -> _Table:
    """Return points on lines, with the direction across: x, y, nx, ny."""
    points = [np.empty((0, 4))]
    for x1, y1, x2, y2 in lines:
        length = max(float(np.hypot(x2 - x1, y2 - y1)), 1e-6)
        steps = np.linspace(0, 1, max(int(length / APART), 1) + 2)[1:-1, np.newaxis]
        at = np.array([x1, y1]) + steps * np.array([x2 - x1, y2 - y1])
        across = np.array([y1 - y2, x2 - x1]) / length
        points.append(np.hstack([at, np.repeat(across[np.newaxis], len(at), axis=0)]))
    return np.vstack(points)


def _moves(before: NDArray[np.uint8], now: NDArray[np.uint8], points: _Table, room: _Table) -> bool:
    """Return whether the points move as one while those of the room stand still."""
    lines, shifts = _followed(before, now, points)
    _, shifts_of_room = _followed(before, now, room)
    if len(lines) < FEWEST or len(shifts_of_room) < FEWEST_OTHERS:
        return False
    if np.mean(np.abs(shifts_of_room) <= STANDS) < 0.5:  # the camera moves
        return False
    x, y, nx, ny = lines.T
    x, y = (x - x.mean()) / 100, (y - y.mean()) / 100
    design = np.column_stack([nx, ny, nx * x, nx * y, ny * x, ny * y])
    fits = np.ones(len(lines), bool)
    for _ in range(3):
        terms = np.linalg.lstsq(design[fits], shifts[fits], rcond=None)[0]
        off = np.abs(shifts - design @ terms)
        fits = off <= max(FITS, float(np.median(off)))
    far = np.abs(design @ terms) >= MOVES
    fit = off <= FITS
    return bool(np.mean(fit) >= FITTING and np.mean(fit & far) >= MOVING)


def _followed(
    before: NDArray[np.uint8], now: NDArray[np.uint8], points: _Table
) -> tuple[_Table, NDArray[np.float64]]:
    """Return the points that are found again, and how far each has moved across its line."""
    if not len(points):
        return points, np.empty(0)
    at = points[:, np.newaxis, :2].astype(np.float32)
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        before, now, at, at.copy(), winSize=(11, 11), maxLevel=3
    )
    good = found.ravel() > 0
    moved = (there - at)[:, 0] * points[:, 2:]
    return points[good], np.asarray(moved.sum(axis=1)[good], np.float64)
