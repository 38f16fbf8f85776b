"""Whether a converted network gives the same vectors as the one that it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from common.errors import WeightsError
from common.picture import RgbImage
from common.sentence import Sentence
from models.described.presets import Preset
from models.engines.engine import FloatArray

LEAST_COSINE = 0.99999
MOST_DIFFERENCE = 1e-3
"""Between vectors of the same network, as share of their length. Rounding differs by some 1e-6; a
layer that is read wrongly by far more."""

_PICTURES = 10


@dataclass(frozen=True)
class Difference:
    """Between the vectors of two networks for the same pictures.

    largest: of single numbers, as share of the longest vector. cosine: the least.
    """

    pictures: int
    largest: float
    cosine: float


def ten_views(portrait: RgbImage) -> list[RgbImage]:
    """Return ten pictures that differ: parts of a portrait, some of them mirrored or darker."""
    height, width = portrait.shape[:2]
    views = []
    for number in range(_PICTURES):
        share = 0.9 - 0.06 * number
        rows, columns = int(height * share), int(width * share)
        top = (height - rows) * (number % 3) // 2
        left = (width - columns) * (number % 4) // 3
        view = portrait[top : top + rows, left : left + columns]
        view = view[:, ::-1] if number % 2 else view
        views.append(np.ascontiguousarray(view * (1 - 0.05 * number)).astype(np.uint8))
    return views


def network_input(
    pictures: Sequence[RgbImage], size: tuple[int, int], reading: Preset
) -> FloatArray:
    """Return the pictures as a network reads them, (n, height, width, 3).

    size: width and height. reading: says how, but for the layout.
    """
    resized = [cv2.resize(view, size, interpolation=cv2.INTER_AREA) for view in pictures]
    values = np.stack(resized).astype(np.float32)
    if reading.colour == "BGR":
        values = values[..., ::-1]
    if reading.standardized:
        axes = (1, 2, 3)
        deviation = values.std(axis=axes, keepdims=True)
        values = (values - values.mean(axis=axes, keepdims=True)) / np.maximum(deviation, 1)
    mean, scale = np.asarray(reading.mean, np.float32), np.asarray(reading.scale, np.float32)
    return np.ascontiguousarray((values - mean) / scale, np.float32)


def difference(path: Path, expected: FloatArray, found: FloatArray) -> Difference:
    """Compare vectors (n, dimension) of the source with those of its conversion.

    path: of the source. Raises WeightsError where they are not the same, or are no numbers.
    """
    if not np.isfinite(expected).all() or not np.isfinite(found).all():
        raise _refused(path, Sentence("what it gives for a picture is no number"))
    if expected.shape != found.shape:
        counts = found.shape[1], expected.shape[1]
        raise _refused(path, Sentence("converted it gives {} numbers, not {}", *counts))
    lengths = np.linalg.norm(expected, axis=1) * np.linalg.norm(found, axis=1)
    if not lengths.min():
        raise _refused(path, Sentence("it gives nothing but zeros for a picture"))
    if np.ptp(expected, axis=0).max() <= MOST_DIFFERENCE * np.abs(expected).max():
        raise _refused(path, Sentence("it gives the same for all pictures"))
    cosine = float(((expected * found).sum(axis=1) / lengths).min())
    longest = float(np.linalg.norm(expected, axis=1).max())
    largest = float(np.abs(expected - found).max()) / longest
    if cosine < LEAST_COSINE or largest > MOST_DIFFERENCE:
        found_cosine = Sentence("converted it gives other vectors (cosine {})", f"{cosine:.6f}")
        raise _refused(path, found_cosine)
    return Difference(len(expected), largest, cosine)


def _refused(path: Path, found: Sentence) -> WeightsError:
    return WeightsError(
        Sentence("a network that gives a vector for a face, in {}", path),
        found,
        "Nothing was written. Take another file of the network, or convert it with the tools of "
        "those who made it",
    )
