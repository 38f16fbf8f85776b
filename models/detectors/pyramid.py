"""MTCNN's image pyramid, packed into one canvas, and its crops: area averages both.

facenet-pytorch resizes with torch's `interpolate(mode="area")`, which is adaptive average
pooling: output cell i of n averages the pixels floor(i*L/n) .. ceil((i+1)*L/n) of a side L.
cv2.INTER_AREA weights the pixels at a cell's edge instead, and moves boxes. With an integral
image each average is four look-ups, and cv2.remap does the look-ups.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from models.engines.engine import FloatArray
from models.face import Image

IntArray = NDArray[np.int32]

SCALE_FACTOR = 0.709
"""Between two levels of the pyramid; about the square root of one half (Zhang et al. 2016)."""

PNET_SIDE = 12
"""Pixels that one cell of P-Net sees."""

PNET_STRIDE = 2

_NO_FRACTIONS = np.empty((0, 0), np.uint16)
"""cv2.remap's second map, which whole-pixel look-ups do not have."""

_CLOSED = np.float32(-1e30)


NORMAL_SCALE = 0.0078125
NORMAL_SHIFT = -127.5 * NORMAL_SCALE
"""0..255 -> about -1..1, as the networks were trained."""

PART_PIXELS = 300_000
"""Of the pyramid, for one part of a detection: about a 640x480 picture's at 20 pixels, 20 ms
on two cores."""


def integral(image: Image) -> IntArray:
    """(H, W, 3) uint8 -> (H+1, W+1, 3) int32 sums. They wrap around above 8 megapixels;
    differences of them stay right."""
    return np.asarray(cv2.integral(image), dtype=np.int32)


@dataclass(frozen=True)
class Band:
    """Some rows of one level of the pyramid.

    scale: of the level. height, width: of the whole level, pixels. first, after: the rows of
    P-Net's cells that the band holds.
    """

    scale: float
    height: int
    width: int
    first: int
    after: int

    @property
    def cell_columns(self) -> int:
        return _cells(self.width)

    @property
    def pixel_rows(self) -> slice:
        """What the cells see: their neighbours' pixels too."""
        last = self.after == _cells(self.height)
        bottom = self.height if last else PNET_STRIDE * (self.after - 1) + PNET_SIDE
        return slice(PNET_STRIDE * self.first, bottom)


@dataclass(frozen=True, eq=False)
class Canvas:
    """The plan for one picture size: where each band goes and what each pixel averages.

    bands: each with the slice of P-Net's output, rows and columns, that is its own.
    corners: four remap maps (H, W, 2) int16 into the integral image: bottom right, top
        right, bottom left, top left of each canvas pixel's window.
    weight: (H, W, 3) float32, one over the window's area, normalized; 0 between the bands.
    mask: (1, 1, H-2, W-2) float32, see export_pnet.
    """

    bands: tuple[tuple[Band, tuple[slice, slice]], ...]
    corners: tuple[NDArray[np.int16], ...]
    weight: FloatArray
    mask: FloatArray

    def draw(self, sums: IntArray) -> FloatArray:
        """(1, H, W, 3) float32: every band, normalized."""
        total, top_right, bottom_left, top_left = (
            np.asarray(cv2.remap(sums, corner, _NO_FRACTIONS, cv2.INTER_NEAREST), np.int32)
            for corner in self.corners
        )
        total -= top_right
        total -= bottom_left
        total += top_left
        canvas = np.multiply(total, self.weight, dtype=np.float32, casting="unsafe")
        canvas += np.float32(NORMAL_SHIFT)
        return canvas[np.newaxis]


def _cells(side: int) -> int:
    """P-Net's cells along a side: two convolutions of 3 after a halving that rounds up."""
    return (side - 1) // 2 - 4


def _windows(length: int, cells: int) -> tuple[IntArray, IntArray]:
    """Adaptive average pooling of a side: the first pixel of each cell, and the one after."""
    i = np.arange(cells, dtype=np.int64)
    return (i * length // cells).astype(np.int32), (-((i + 1) * -length // cells)).astype(np.int32)


def _scales(height: int, width: int, min_face_px: float) -> list[float]:
    scale = PNET_SIDE / min_face_px
    side = min(height, width) * scale
    scales = []
    while side >= PNET_SIDE:
        scales.append(scale)
        scale *= SCALE_FACTOR
        side *= SCALE_FACTOR
    return scales


def _bands(height: int, width: int, min_face_px: float) -> list[Band]:
    """Every level of the pyramid, whole, the largest first."""
    sizes = [
        (s, int(height * s + 1), int(width * s + 1)) for s in _scales(height, width, min_face_px)
    ]
    return [Band(s, h, w, 0, _cells(h)) for s, h, w in sizes]


def _part(bands: list[Band], part: int, parts: int) -> list[Band]:
    """One of `parts` about equal shares of the pyramid, by cells; levels are cut where need be."""
    share = sum(band.after * band.cell_columns for band in bands) / parts
    cut: list[Band] = []
    start = 0
    for band in bands:
        first, after = (
            min(max(ceil((edge * share - start) / band.cell_columns), 0), band.after)
            for edge in (part, part + 1)
        )
        if part == parts - 1:
            after = band.after  # whatever rounding says, the last share takes what is left
        if after > first:
            cut.append(replace(band, first=first, after=after))
        start += band.after * band.cell_columns
    return cut


@lru_cache(maxsize=16)
def part_count(height: int, width: int, min_face_px: float) -> int:
    """Into how many parts a detection is best cut, so that none holds up a frame for long."""
    pixels = sum(band.height * band.width for band in _bands(height, width, min_face_px))
    return max(1, round(pixels / PART_PIXELS))


@lru_cache(maxsize=16)
def plan_canvas(
    height: int, width: int, min_face_px: float, part: int = 0, parts: int = 1
) -> Canvas | None:
    """The canvas of pictures of this size, or of one part of it; None where no face of that
    size fits."""
    bands = _part(_bands(height, width, min_face_px), part, parts)
    if not bands:
        return None
    sizes = [(band.pixel_rows.stop - band.pixel_rows.start, band.width) for band in bands]
    places, (rows, columns) = _pack(sizes)
    corners = tuple(np.zeros((rows, columns, 2), np.int16) for _ in range(4))
    weight = np.zeros((rows, columns, 3), np.float32)
    mask = np.zeros((1, 1, rows - 2, columns - 2), np.float32)
    own = []
    for band, (h, w), (top, left) in zip(bands, sizes, places, strict=True):
        y0, y1 = (edge[band.pixel_rows] for edge in _windows(height, band.height))
        x0, x1 = _windows(width, w)
        area = np.s_[top : top + h, left : left + w]
        for corner, (x, y) in zip(corners, ((x1, y1), (x1, y0), (x0, y1), (x0, y0)), strict=True):
            corner[area][..., 0] = x
            corner[area][..., 1] = y[:, np.newaxis]
        weight[area] = (NORMAL_SCALE / np.outer(y1 - y0, x1 - x0))[..., np.newaxis]
        if h % 2:
            mask[0, 0, top + h - 2 : top + h - 1, left : left + w] = _CLOSED
        if w % 2:
            mask[0, 0, top : top + h, left + w - 2 : left + w - 1] = _CLOSED
        cell_rows = slice(top // 2, top // 2 + band.after - band.first)
        own.append((band, (cell_rows, slice(left // 2, left // 2 + band.cell_columns))))
    return Canvas(tuple(own), corners, weight, mask)


def _pack(sizes: list[tuple[int, int]]) -> tuple[list[tuple[int, int]], tuple[int, int]]:
    """Place rectangles (height, width), largest first, each where it adds the least area.

    Returns their (top, left), all even because P-Net's pooling has a grid of two pixels,
    and the canvas's (height, width).
    """
    placed: list[tuple[int, int, int, int]] = []
    rows = columns = 0
    for h, w in sizes:
        h, w = h + h % 2, w + w % 2
        spots = [(0, 0)] + [
            spot
            for top, left, bottom, right in placed
            for spot in ((top, right), (bottom, left), (0, right), (bottom, 0))
        ]
        free = [
            (max(rows, top + h) * max(columns, left + w), top, left)
            for top, left in spots
            if all(
                top >= y1 or left >= x1 or top + h <= y0 or left + w <= x0
                for y0, x0, y1, x1 in placed
            )
        ]
        _, top, left = min(free)
        placed.append((top, left, top + h, left + w))
        rows, columns = max(rows, top + h), max(columns, left + w)
    return [(top, left) for top, left, _, _ in placed], (rows, columns)


def area_crops(sums: IntArray, regions: IntArray, side: int) -> FloatArray:
    """Square crops, averaged and normalized: (n, side, side, 3) float32, about -1..1.

    sums: the picture's integral image. regions: (n, 4) x0, y0, x1, y1 in pixels, x1 and y1
    not included. What they have past the picture is black.
    """
    count = len(regions)
    if not count:
        return np.empty((0, side, side, 3), np.float32)
    first, after = _crop_windows(regions, side)
    column_share, row_share = np.moveaxis(np.float32(1) / (after - first), 1, 0)
    limits = np.array([[sums.shape[1] - 1], [sums.shape[0] - 1]], np.int32)
    edges = np.minimum(np.maximum(np.stack([first, after]), 0), limits)
    # Every corner in one look-up: top or bottom, then left or right.
    places = np.empty((2, 2, count, side, side, 2), np.int16)
    places[..., 0] = edges[np.newaxis, :, :, 0, np.newaxis, :]
    places[..., 1] = edges[:, np.newaxis, :, 1, :, np.newaxis]
    found = cv2.remap(sums, places.reshape(-1, side * side, 2), _NO_FRACTIONS, cv2.INTER_NEAREST)
    corners = np.asarray(found, np.int32).reshape(2, 2, count, side, side * 3)
    total = corners[1, 1]
    total -= corners[1, 0]
    total -= corners[0, 1]
    total += corners[0, 0]
    # Columns first, then rows: NumPy is slow where it repeats a number for three channels only.
    column_weight = np.repeat(column_share * np.float32(NORMAL_SCALE), 3, axis=1)
    crops = np.multiply(total, column_weight[:, np.newaxis], dtype=np.float32, casting="unsafe")
    crops *= row_share[..., np.newaxis]
    crops += np.float32(NORMAL_SHIFT)
    return np.asarray(crops).reshape(count, side, side, 3)


def _crop_windows(regions: IntArray, cells: int) -> tuple[IntArray, IntArray]:
    """The first column and row of each window of (n, 4) regions, and those after its last:
    (n, 2, cells) each."""
    i = np.arange(cells, dtype=np.int32)
    start = regions[:, :2, np.newaxis]
    length = regions[:, 2:, np.newaxis] - start
    return start + i * length // cells, start - (i + 1) * -length // cells
