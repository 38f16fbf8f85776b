"""Renders a sheet of paper or a phone that somebody holds before the camera.

Lengths are in heights of the face on the sheet; the camera looks along +z, y is down. Where a
pixel's ray meets the sheet is computed exactly at every eighth pixel, and linearly in between.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.liveness.heads import Camera, turns
from common.picture import RgbImage

Plane = NDArray[np.float32]

CELL = 8
"""Pixels between the rays that are computed."""

MEETINGS = 4
"""Newton's steps to where a ray meets a bent sheet; the first is exact for a flat one."""

MISSED = 0.01
"""So far from the sheet, in face heights, a ray beside it may still be when the steps end."""

NOWHERE = 1e3


@dataclass(frozen=True)
class SheetPose:
    """How a sheet is held.

    yaw, pitch, roll: radians, as bench/liveness/heads.py turns. x, y, z: the place of the middle of
    the face on it. bend: the curvature of the sheet along its width, or its height where `upright`
    is False, in 1 / face heights.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    x: float = 0.0
    y: float = 0.0
    z: float = 4.0
    bend: float = 0.0
    upright: bool = True


@dataclass(frozen=True, eq=False)
class SeenSheet:
    """Where the pixels of the camera see the sheet: those of a rectangle outside which none does.

    rows, columns: the rectangle in the camera's picture. across, down: (h, w) float32, the place on
    the sheet, in face heights from the middle of the face. slope: how far the sheet is turned there
    to the camera's right, as a tangent.
    """

    rows: slice
    columns: slice
    across: Plane
    down: Plane
    slope: Plane


def look_at(
    camera: Camera, pose: SheetPose, extent: tuple[float, float, float, float]
) -> SeenSheet | None:
    """Return where the camera sees a sheet; None where it does not.

    extent: the sheet's left, top, right and bottom edges, in face heights from the face's middle.
    """
    columns, rows = camera.width // CELL + 2, camera.height // CELL + 2
    x = (np.arange(columns) * CELL - camera.width / 2) / camera.focal_px
    y = (np.arange(rows) * CELL - camera.height / 2) / camera.focal_px
    rays = np.stack([*np.meshgrid(x, y), np.ones((rows, columns))], axis=-1)
    rotation = turns(*(np.array([angle]) for angle in (pose.yaw, pose.pitch, pose.roll)))[0]
    ray = rays @ rotation
    start = -np.array([pose.x, pose.y, pose.z]) @ rotation
    axis = 0 if pose.upright else 1
    far = -start[2] / ray[..., 2]
    for _ in range(MEETINGS if pose.bend else 0):
        along = start[axis] + far * ray[..., axis]
        miss = start[2] + far * ray[..., 2] - pose.bend / 2 * along**2
        far = far - miss / (ray[..., 2] - pose.bend * along * ray[..., axis])
    along = start[axis] + far * ray[..., axis]
    missed = np.abs(start[2] + far * ray[..., 2] - pose.bend / 2 * along**2) > MISSED
    places = [start[i] + far * ray[..., i] for i in (0, 1)]
    slope = np.tan(pose.yaw) + (pose.bend * places[0] if axis == 0 else 0 * places[0])
    places = [np.where(missed, NOWHERE, place) for place in places]
    # What is longer along a bent sheet than across it.
    places[axis] = places[axis] * (1 + (pose.bend * places[axis]) ** 2 / 6)
    left, top, right, bottom = extent
    on_it = (places[0] > left) & (places[0] < right) & (places[1] > top) & (places[1] < bottom)
    down, across = (np.flatnonzero(on_it.any(axis=axis)) for axis in (1, 0))
    if not len(down):
        return None
    r0, r1 = max(down[0] - 1, 0), min(down[-1] + 1, rows - 2)
    c0, c1 = max(across[0] - 1, 0), min(across[-1] + 1, columns - 2)
    grids = [grid[r0 : r1 + 1, c0 : c1 + 1] for grid in (places[0], places[1], slope)]
    return SeenSheet(
        slice(r0 * CELL, r1 * CELL), slice(c0 * CELL, c1 * CELL), *map(_between, grids)
    )


def _between(grid: NDArray[np.float64]) -> Plane:
    """Return the values of a grid at all pixels between its nodes."""
    rows, columns = ((n - 1) * CELL for n in grid.shape)
    x, y = (np.arange(n, dtype=np.float32) / CELL for n in (columns, rows))
    return np.asarray(
        cv2.remap(grid.astype(np.float32), *np.meshgrid(x, y), cv2.INTER_LINEAR), np.float32
    )


@dataclass(frozen=True, eq=False)
class Sheet:
    """A picture on a sheet.

    image: (h, w, 3) uint8 RGB, its border or the phone's frame included. face: the middle x, the
    middle y and the height of the face in it, in pixels.
    """

    image: RgbImage
    face: tuple[float, float, float]

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Its left, top, right and bottom edges, in heights of the face from its middle."""
        x, y, height = self.face
        rows, columns = self.image.shape[:2]
        return -x / height, -y / height, (columns - x) / height, (rows - y) / height

    def look(self, seen: SeenSheet) -> tuple[RgbImage, Plane]:
        """Return what the camera sees in the rectangle, (h, w, 3) uint8, and where the sheet is in
        it: (h, w) 0..1."""
        x, y, height = self.face
        across, down = seen.across * height + x, seen.down * height + y
        colours = cv2.remap(
            self.image, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        rows, columns = self.image.shape[:2]
        # A pixel of the camera wide, the edge is soft.
        sharp = max(1.0, float(np.abs(across[0, 1] - across[0, 0])))
        inside = np.minimum.reduce([across, columns - 1 - across, down, rows - 1 - down])
        return np.asarray(colours, np.uint8), np.clip(inside / sharp + 0.5, 0, 1)


def framed(
    image: RgbImage, face: tuple[float, float, float], frame: tuple[int, int], grey: int
) -> Sheet:
    """Return a sheet with a margin, or a phone's frame, of (across, down) pixels around the
    picture. grey: its colour, 0..255."""
    across, down = frame
    whole = cv2.copyMakeBorder(
        image, down, down, across, across, cv2.BORDER_CONSTANT, value=(grey, grey, grey)
    )
    x, y, height = face
    return Sheet(np.asarray(whole, np.uint8), (x + across, y + down, height))
