"""Packs MTCNN's image pyramid into one canvas, that of a large picture into several in turn.

It is drawn from an integral image (area.py), because facenet-pytorch resizes by adaptive average
pooling, which nothing in cv2 repeats. A mask closes the half pooling windows at the levels' odd
edges (see write_pnet): that is what makes P-Net's boxes equal to facenet-pytorch's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import ceil

import cv2
import numpy as np

from common.picture import RgbImage
from models.detectors.mtcnn.area import (
    NORMAL_SHIFT,
    IntArray,
    Integral,
    Pooling,
    pooling,
    pooling_windows,
)
from models.engines.engine import FloatArray

SCALE_FACTOR = 0.709
"""The scale from a level of the pyramid to the next: about sqrt(1/2) (Zhang et al. 2016)."""

PNET_SIDE = 12
"""Pixels that one cell of P-Net sees."""

PNET_STRIDE = 2

_CLOSED = np.float32(-1e30)

PART_PIXELS = 300_000
"""Pixels of the pyramid for one part of a detection: about those of a 640x480 picture with faces of
20 pixels."""

PIECE_PIXELS = 400_000
"""Pixels of the pyramid that P-Net gets at once: it takes 120 bytes for each. The pyramid of a
640x480 picture with faces of 20 pixels has fewer."""

MOST_PLANS = 64
"""How many canvases are remembered, each of 150 KB at most: more than a 4K picture has parts with
faces of 20 pixels."""


@dataclass(frozen=True)
class Band:
    """Some rows of one level of the pyramid.

    scale: the level's. height, width: pixels of the whole level. first, after: the first row of
    P-Net's cells that the band holds, and the one after its last.
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
        """Return the level's pixel rows that the cells see; cells of other bands see some, too."""
        last = self.after == _cells(self.height)
        bottom = self.height if last else PNET_STRIDE * (self.after - 1) + PNET_SIDE
        return slice(PNET_STRIDE * self.first, bottom)


@dataclass(frozen=True, eq=False)
class Canvas:
    """The plan for one picture size: where each band goes and what each pixel averages.

    height, width: pixels of the picture.
    levels: (height, width) of each level of the whole pyramid, the largest first.
    bands: each with its own part of P-Net's output, a slice of rows and one of columns.
    rows, columns: pixels of the canvas.
    """

    height: int
    width: int
    levels: tuple[tuple[int, int], ...]
    bands: tuple[tuple[Band, tuple[slice, slice]], ...]
    rows: int
    columns: int

    def draw(self, integral: Integral) -> FloatArray:
        """Draw every band, normalized, as facenet-pytorch does: (1, rows, columns, 3) float32."""
        canvas = np.full((self.rows, self.columns * 3), np.float32(NORMAL_SHIFT))
        for (band, own), pooled in zip(self.bands, self._poolings, strict=True):
            rows, columns = _pixels(band, own)
            pooled.draw(integral, canvas[rows, 3 * columns.start : 3 * columns.stop])
        return canvas.reshape(1, self.rows, self.columns, 3)

    def sketch(self, image: RgbImage) -> RgbImage:
        """Draw about the same in a fifth of draw()'s time: (1, rows, columns, 3) uint8."""
        sketch = np.zeros((1, self.rows, self.columns, 3), np.uint8)
        placed = {(band.height, band.width): (band, own) for band, own in self.bands}
        level = image
        for height, width in self.levels:
            while level.shape[0] >= 2 * height and level.shape[1] >= 2 * width:
                half = level.shape[1] // 2, level.shape[0] // 2
                level = _resized(level, half, cv2.INTER_AREA)
            level = _resized(level, (width, height), cv2.INTER_LINEAR)
            if (height, width) in placed:
                band, own = placed.pop((height, width))
                sketch[0, *_pixels(band, own)] = level[band.pixel_rows]
            if not placed:
                break
        return sketch

    @property
    def mask(self) -> FloatArray:
        """Return the mask that write_pnet describes: (1, 1, rows-2, columns-2) float32."""
        mask = np.zeros((1, 1, self.rows - 2, self.columns - 2), np.float32)
        for band, own in self.bands:
            rows, columns = _pixels(band, own)
            if (rows.stop - rows.start) % 2:
                mask[0, 0, rows.stop - 2 : rows.stop - 1, columns] = _CLOSED
            if band.width % 2:
                mask[0, 0, rows, columns.stop - 2 : columns.stop - 1] = _CLOSED
        return mask

    @cached_property
    def _poolings(self) -> tuple[Pooling, ...]:
        """Return the pooling of each band."""
        levels = ((band.pixel_rows, *self.windows(band)) for band, _ in self.bands)
        return tuple(
            pooling(columns, (rows[0][seen], rows[1][seen])) for seen, columns, rows in levels
        )

    def windows(self, band: Band) -> tuple[tuple[IntArray, IntArray], tuple[IntArray, IntArray]]:
        """Return the windows of the picture that the pixels of the band's level average.

        For its columns these are the first columns and those after the last; for its rows, the
        same.
        """
        columns = pooling_windows(self.width, band.width)
        return columns, pooling_windows(self.height, band.height)


def _resized(image: RgbImage, size: tuple[int, int], interpolation: int) -> RgbImage:
    return np.asarray(cv2.resize(image, size, interpolation=interpolation), np.uint8)


def _pixels(band: Band, own: tuple[slice, slice]) -> tuple[slice, slice]:
    """Return the band's rows and columns of pixels on the canvas."""
    top, left = (PNET_STRIDE * cells.start for cells in own)
    rows = band.pixel_rows
    return slice(top, top + rows.stop - rows.start), slice(left, left + band.width)


def _cells(side: int) -> int:
    """Return the number of P-Net's cells along a side of a level, in pixels.

    Two convolutions of 3 follow a halving that rounds up.
    """
    return (side - 1) // 2 - 4


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
    """Return every level of the pyramid as one whole band, the largest first."""
    sizes = [
        (s, int(height * s + 1), int(width * s + 1)) for s in _scales(height, width, min_face_px)
    ]
    return [Band(s, h, w, 0, _cells(h)) for s, h, w in sizes]


def _part(bands: list[Band], part: int, parts: int) -> list[Band]:
    """Return one of `parts` shares of the pyramid, about equal in cells; levels may be cut."""
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


def plan_pieces(height: int, width: int, min_face_px: float) -> tuple[Canvas, ...]:
    """Plan the canvases that together hold the whole pyramid of pictures of this size.

    Each has PIECE_PIXELS or little more. There are none where no face of that size fits.
    """
    pieces = max(1, ceil(_pyramid_pixels(height, width, min_face_px) / PIECE_PIXELS))
    canvases = (plan_canvas(height, width, min_face_px, i, pieces) for i in range(pieces))
    return tuple(canvas for canvas in canvases if canvas is not None)


@lru_cache(maxsize=16)
def part_count(height: int, width: int, min_face_px: float) -> int:
    """Return into how many parts to cut a detection, so that none holds up a frame for long."""
    return max(1, round(_pyramid_pixels(height, width, min_face_px) / PART_PIXELS))


def _pyramid_pixels(height: int, width: int, min_face_px: float) -> int:
    return sum(band.height * band.width for band in _bands(height, width, min_face_px))


@lru_cache(maxsize=MOST_PLANS)
def plan_canvas(
    height: int, width: int, min_face_px: float, part: int = 0, parts: int = 1
) -> Canvas | None:
    """Plan the canvas of pictures of this size, or of one part of their pyramid.

    Returns None where no face of that size fits.
    """
    levels = _bands(height, width, min_face_px)
    bands = _part(levels, part, parts)
    if not bands:
        return None
    sizes = [(band.pixel_rows.stop - band.pixel_rows.start, band.width) for band in bands]
    places, (rows, columns) = _pack(sizes)
    own = tuple(
        (
            slice(top // PNET_STRIDE, top // PNET_STRIDE + band.after - band.first),
            slice(left // PNET_STRIDE, left // PNET_STRIDE + band.cell_columns),
        )
        for band, (top, left) in zip(bands, places, strict=True)
    )
    return Canvas(
        height,
        width,
        tuple((level.height, level.width) for level in levels),
        tuple(zip(bands, own, strict=True)),
        rows,
        columns,
    )


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
