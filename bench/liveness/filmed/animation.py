"""Makes the face in a picture blink and turn, by the points that FaceMesh places on it.

With it a picture on a phone obeys what is asked for, as one of the programs does that animate
portraits; and a real person on a film answers, who was asked for nothing when it was taken.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.liveness.heads import turns
from common.picture import RgbImage

_Points = NDArray[np.float64]

_EYES = (
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133)),
    ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263)),
)
"""FaceMesh's points along the upper and the lower lid of each eye, from left to right."""

_BROWS = (105, 334)

ROOM = 1.0
"""The picture gives way within so many heights of the face around its middle..."""

GRID = 40
"""... and moves as one in each of so many cells across and down."""

REACH = 0.05
"""How far a point of the face draws the picture along with it, in heights of the face."""

STAYS = 0.05
"""The weight of what stays where it is, against one point's: the face's own points outweigh it."""


def blinked(image: RgbImage, points: NDArray[np.float32], closed: float) -> RgbImage:
    """Return the picture with its eyes closed.

    image: (H, W, 3) uint8 RGB. points: (468, 3), FaceMesh's on it. closed: 0 leaves the eyes as
    they are, 1 closes them.
    """
    if closed <= 0.05:
        return image
    painted = image.astype(np.float32)
    for (upper, lower), brow in zip(_EYES, _BROWS, strict=True):
        above, below = points[list(upper), :2], points[list(lower), :2]
        width = float(np.linalg.norm(above[-1] - above[0]))
        # Upper lids come down, lower lids rise a little.
        lid = above + min(closed, 1.0) * 0.95 * (below - above)
        outwards = 0.06 * width * np.array([0.0, -1.0], np.float32)
        x, y = (above[4] * 0.6 + points[brow, :2] * 0.4).astype(int)
        skin = _mean_around(image, x, y, max(int(width * 0.12), 1))
        mask = _polygon(image, np.vstack([above + outwards, lid[::-1]]), width * 0.05)
        painted += mask * (skin * 0.93 - painted)
        line = np.vstack([lid, lid[::-1] - outwards * 0.9])
        mask = _polygon(image, line, width * 0.03)
        painted += mask * 0.75 * (skin * 0.35 - painted)
    return np.asarray(np.clip(painted, 0, 255), np.uint8)


def turned(
    image: RgbImage, points: NDArray[np.float32], yaw: float, pitch: float, height: float
) -> RgbImage:
    """Return the picture with the head turned by angles in radians, as bench/liveness/heads.py has
    them; the rest of the picture gives way.

    points: (468, 3), FaceMesh's. height: the face's, in pixels.
    """
    if abs(yaw) + abs(pitch) < 0.01:
        return image
    rotation = turns(np.array([yaw]), np.array([pitch]), np.zeros(1))[0]
    every = points[::2].astype(np.float64)
    neck = every.mean(axis=0) + np.array([0.0, 0.2, 0.5]) * height
    moved = ((every - neck) @ rotation.T + neck)[:, :2]
    return _drawn_along(image, moved, every[:, :2] - moved, height)


def _drawn_along(image: RgbImage, at: _Points, by: _Points, height: float) -> RgbImage:
    """Return the picture whose pixels at points (n, 2) come from so far beside them, (n, 2)."""
    left, top = np.maximum(at.mean(axis=0) - ROOM * height, 0).astype(int)
    right, bottom = np.ceil(at.mean(axis=0) + ROOM * height).astype(int)
    part = image[top:bottom, left:right]
    rows, columns = part.shape[:2]
    x, y = np.meshgrid(np.linspace(0, columns, GRID), np.linspace(0, rows, GRID))
    nodes = np.stack([x.ravel() + left, y.ravel() + top], axis=1)
    far = ((nodes[:, np.newaxis] - at[np.newaxis]) ** 2).sum(axis=2)
    weights = np.exp(-far / (2 * (REACH * height) ** 2))
    field = (weights @ by) / (weights.sum(axis=1, keepdims=True) + STAYS)
    field = field.reshape(GRID, GRID, 2).astype(np.float32)
    columns_at, rows_at = np.meshgrid(
        np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32)
    )
    across, down = columns_at * ((GRID - 1) / columns), rows_at * ((GRID - 1) / rows)
    shift = cv2.remap(field, across, down, cv2.INTER_LINEAR)
    moved = image.copy()
    moved[top:bottom, left:right] = cv2.remap(
        part,
        columns_at + shift[..., 0],
        rows_at + shift[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return moved


def _mean_around(image: RgbImage, x: int, y: int, reach: int) -> NDArray[np.float32]:
    part = image[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1]
    return np.asarray(part.reshape(-1, 3).mean(axis=0) if part.size else (120, 100, 90), np.float32)


def _polygon(image: RgbImage, corners: NDArray[np.float32], soft: float) -> NDArray[np.float32]:
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(corners * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    edge = cv2.GaussianBlur(mask, (0, 0), max(soft, 0.4))
    return np.asarray(edge[..., np.newaxis], np.float32) / np.float32(255)
