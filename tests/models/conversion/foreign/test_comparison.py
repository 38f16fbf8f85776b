from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common.errors import WeightsError
from common.picture import RgbImage
from models.conversion.foreign.comparison import difference, network_input, ten_views
from models.described.presets import Preset

PATH = Path("net.h5")
VECTORS = np.random.default_rng(0).normal(0, 1, (10, 16)).astype(np.float32)


def reading(**changed: Any) -> Preset:
    return replace(Preset("compares faces", (8, 8), (127.5,), (128.0,)), **changed)


def test_ten_pictures_that_differ(astronaut: RgbImage) -> None:
    views = ten_views(astronaut)
    read = network_input(views, (24, 32), reading())
    assert read.shape == (10, 32, 24, 3)
    assert read.dtype == np.float32
    assert -1 <= read.min() < read.max() <= 1
    for number, one in enumerate(read):
        assert all(np.abs(one - other).mean() > 0.02 for other in read[number + 1 :])


def test_colours_and_scales(astronaut: RgbImage) -> None:
    view = [astronaut]
    rgb = network_input(view, (8, 8), reading(mean=(0.0,), scale=(255.0,)))
    bgr = network_input(view, (8, 8), reading(mean=(0.0,), scale=(255.0,), colour="BGR"))
    assert np.array_equal(bgr, rgb[..., ::-1])
    shifted = network_input(view, (8, 8), reading(mean=(1.0, 2.0, 3.0), scale=(2.0,)))
    assert shifted == pytest.approx((rgb * 255 - [1, 2, 3]) / 2, abs=1e-4)
    (white,) = network_input(view, (8, 8), reading(mean=(0.0,), scale=(1.0,), standardized=True))
    assert (white.mean(), white.std()) == pytest.approx((0, 1), abs=1e-5)


def test_rounding_is_no_difference() -> None:
    found = difference(PATH, VECTORS, VECTORS * np.float32(1 + 1e-6))
    assert found.pictures == 10
    assert found.largest < 1e-6
    assert found.cosine == pytest.approx(1)


@pytest.mark.parametrize(
    ("expected", "found", "told"),
    [
        (VECTORS, np.roll(VECTORS, 1, axis=1), "converted it gives other vectors"),
        (VECTORS, VECTORS * 1.01, "converted it gives other vectors"),
        (VECTORS, VECTORS[:, :8], "converted it gives 8 numbers, not 16"),
        (VECTORS, VECTORS * np.nan, "what it gives for a picture is no number"),
        (VECTORS * 0, VECTORS * 0, "it gives nothing but zeros"),
        (VECTORS[:1].repeat(10, 0), VECTORS[:1].repeat(10, 0), "the same for all pictures"),
    ],
)
def test_another_network_is_refused(expected: np.ndarray, found: np.ndarray, told: str) -> None:
    with pytest.raises(WeightsError, match=told):
        difference(PATH, expected, found)
