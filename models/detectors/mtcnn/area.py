"""Averages areas of a picture, as facenet-pytorch does to resize it.

It uses torch's `interpolate(mode="area")`, which is adaptive average pooling: output cell i of
n averages the pixels floor(i*L/n) .. ceil((i+1)*L/n) of a side L. cv2.INTER_AREA weights the
pixels at a cell's edge instead, and moves boxes. With an integral image each average is four
look-ups, and cv2.remap does the look-ups.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from models.engines.engine import FloatArray

IntArray = NDArray[np.int32]

NORMAL_SCALE = 0.0078125
NORMAL_SHIFT = -127.5 * NORMAL_SCALE
"""With NORMAL_SCALE it brings 0..255 to about -1..1, as the networks were trained."""

NO_FRACTIONS = np.empty((0, 0), np.uint16)
"""cv2.remap's second map, of fractions of pixels: empty, since whole pixels are looked up."""

BLOCK_NUMBERS = 100_000
"""Numbers of an integral image that are read at once: more would not stay in the cache."""


@dataclass(frozen=True, eq=False)
class Integral:
    """Sums of the pixels of a picture, or of a part of one.

    sums: (h+1, w+1, 3) int32. They wrap around above 8 megapixels; differences of them stay
    right. left, top: the part's corner. height, width: the whole picture's.
    """

    sums: IntArray
    left: int
    top: int
    height: int
    width: int


def integral(image: RgbImage) -> Integral:
    """Return the integral of a whole (H, W, 3) uint8 picture."""
    height, width = image.shape[:2]
    return integral_of(image, 0, 0, width, height)


def integral_of(image: RgbImage, left: int, top: int, right: int, bottom: int) -> Integral:
    """Return the integral of a part of the picture, which must hold a pixel of it at least.

    What lies past the picture will count as black.
    """
    height, width = image.shape[:2]
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    part = image[top : max(bottom, top + 1), left : max(right, left + 1)]
    return Integral(np.asarray(cv2.integral(part), np.int32), left, top, height, width)


def pooling_windows(length: int, cells: int) -> tuple[IntArray, IntArray]:
    """Return the windows of adaptive average pooling along a side of `length` pixels.

    They are the first pixel of each cell, and the one after its last.
    """
    i = np.arange(cells, dtype=np.int64)
    return (i * length // cells).astype(np.int32), (-((i + 1) * -length // cells)).astype(np.int32)


@dataclass(frozen=True, eq=False)
class Pooling:
    """The windows that the pixels of n rows and m columns of a scaled picture average.

    left, right: (m,) the picture's first column of each, and the one after its last.
    top, bottom: (n,) the same of its rows.
    kinds: (n,) index in weights. weights: (kinds, 3 m) float32, one over the window's area,
        normalized; rows whose windows have the same height share theirs.
    """

    left: IntArray
    right: IntArray
    top: IntArray
    bottom: IntArray
    kinds: NDArray[np.intp]
    weights: FloatArray

    def draw(self, integral: Integral, target: FloatArray) -> None:
        """Draw into target, (n, 3 m). The integral must be that of the whole picture."""
        sums = integral.sums.reshape(len(integral.sums), -1)
        block = max(1, BLOCK_NUMBERS // sums.shape[1])
        for start in range(0, len(self.top), block):
            chosen = slice(start, start + block)
            rows = sums.take(self.bottom[chosen], axis=0)
            rows -= sums.take(self.top[chosen], axis=0)
            rows = rows.reshape(len(rows), -1, 3)
            total = rows.take(self.right, axis=1)
            total -= rows.take(self.left, axis=1)
            pixels = target[chosen]
            weights = self.weights[self.kinds[chosen]]
            np.multiply(
                total.reshape(pixels.shape), weights, out=pixels, dtype=np.float32, casting="unsafe"
            )
            pixels += np.float32(NORMAL_SHIFT)


def pooling(columns: tuple[IntArray, IntArray], rows: tuple[IntArray, IntArray]) -> Pooling:
    """Make the pooling from the windows of columns and rows, as pooling_windows() gives them."""
    (left, right), (top, bottom) = columns, rows
    heights, kinds = np.unique(bottom - top, return_inverse=True)
    weights = (NORMAL_SCALE / np.outer(heights, right - left)).astype(np.float32)
    return Pooling(left, right, top, bottom, kinds, np.repeat(weights, 3, axis=1))


def area_crops(integral: Integral, regions: IntArray, side: int) -> FloatArray:
    """Return square crops, averaged and normalized: (n, side, side, 3) float32, about -1..1.

    regions: (n, 4) x0, y0, x1, y1 in pixels, x1 and y1 not included. What they have past
    the picture is black.
    """
    i = np.arange(side, dtype=np.int32)
    start = regions[:, :2, np.newaxis]
    length = regions[:, 2:, np.newaxis] - start
    return averages(integral, start + i * length // side, start - (i + 1) * -length // side)


def averages(integral: Integral, first: IntArray, after: IntArray) -> FloatArray:
    """Return squares of averages, normalized: (n, side, side, 3) float32, about -1..1.

    first, after: (n, 2, side), the first pixel column of each window and then its first row;
    the ones after its last.
    """
    count, _, side = first.shape
    if not count:
        return np.empty((0, side, side, 3), np.float32)
    column_share, row_share = np.moveaxis(np.divide(1, after - first, dtype=np.float32), 1, 0)
    corner = np.array([[integral.left], [integral.top]], np.int32)
    limits = np.array([[integral.sums.shape[1] - 1], [integral.sums.shape[0] - 1]], np.int32)
    edges = np.concatenate([first, after], axis=2) - corner
    x, y = np.moveaxis(np.minimum(np.maximum(edges, 0), limits), 1, 0)
    # All corners in one look-up. x and y are the two halves of one int32, the quickest to make.
    places = np.add(x[:, np.newaxis], y[:, :, np.newaxis] << 16, dtype=np.int32)
    found = cv2.remap(
        integral.sums,
        places.view(np.int16).reshape(count, -1, 2),
        NO_FRACTIONS,
        cv2.INTER_NEAREST,
    )
    corners = np.asarray(found, np.int32).reshape(count, 2, side, 2, side * 3)
    rows = corners[:, 1]
    rows -= corners[:, 0]
    total = rows[:, :, 1]
    total -= rows[:, :, 0]
    # Columns first, then rows: NumPy is slow where it repeats a number for three channels only.
    column_weight = np.repeat(column_share * np.float32(NORMAL_SCALE), 3, axis=1)
    crops = np.multiply(total, column_weight[:, np.newaxis], dtype=np.float32, casting="unsafe")
    crops *= row_share[..., np.newaxis]
    crops += np.float32(NORMAL_SHIFT)
    return np.asarray(crops).reshape(count, side, side, 3)
