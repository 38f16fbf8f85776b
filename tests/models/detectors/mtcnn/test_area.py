from __future__ import annotations

import numpy as np
import pytest

from common.picture import RgbImage
from models.detectors.mtcnn.area import NORMAL_SHIFT, area_crops, integral, integral_of
from tests.models.detectors.area_averages import area_averaged, random_picture


@pytest.mark.parametrize("side", [24, 48])
def test_crops_are_area_averages_clipped_at_the_picture(side: int) -> None:
    """Regions of any size, larger and smaller than the crop, some cut off at the border."""
    rng = np.random.default_rng(side)
    image = random_picture(5, 141, 203)
    corner = rng.integers(-30, 120, (60, 2))
    regions = np.hstack([corner, corner + rng.integers(31, 120, (60, 2))]).astype(np.int32)
    regions = np.clip(regions, 0, [203, 141, 203, 141])
    crops = area_crops(integral(image), regions, side)
    assert crops.dtype == np.float32
    for crop, (x0, y0, x1, y1) in zip(crops, regions, strict=True):
        assert np.abs(crop - area_averaged(image[y0:y1, x0:x1], side, side)).max() < 2e-5


def test_crops_are_black_past_the_picture() -> None:
    image = random_picture(6, 60, 80)
    padded = np.zeros((160, 180, 3), np.uint8)
    padded[50:110, 50:130] = image
    regions = np.array([[-50, -50, 51, 47], [20, 10, 130, 110], [-7, 5, 90, 55]], np.int32)
    for crop, (x0, y0, x1, y1) in zip(
        area_crops(integral(image), regions, 48), regions + 50, strict=True
    ):
        assert np.abs(crop - area_averaged(padded[y0:y1, x0:x1], 48, 48)).max() < 2e-5


def test_no_regions_give_no_crops() -> None:
    sums = integral(random_picture(7, 30, 30))
    assert area_crops(sums, np.empty((0, 4), np.int32), 24).shape == (0, 24, 24, 3)


def test_sums_that_wrap_around_do_no_harm() -> None:
    image = random_picture(8, 3001, 2999, darkest=240)
    region = np.array([[2000, 2500, 2999, 3001]], np.int32)
    expected = area_averaged(image[2500:3001, 2000:2999], 48, 48)
    assert np.abs(area_crops(integral(image), region, 48)[0] - expected).max() < 2e-5


@pytest.mark.parametrize("corner", [(0, 0), (-30, -20), (60, 45)])
def test_a_part_gives_the_same_crops_as_the_whole(corner: tuple[int, int]) -> None:
    """Also where the part reaches past the picture."""
    image = random_picture(9, 70, 100)
    left, top = corner
    part = integral_of(image, left, top, left + 61, top + 53)
    assert (part.height, part.width) == (70, 100)
    regions = np.array([[5, 7, 40, 50], [0, 0, 61, 53], [30, 20, 55, 45]], np.int32)
    regions += np.tile([left, top], 2).astype(np.int32)
    whole = area_crops(integral(image), regions, 24)
    assert np.array_equal(area_crops(part, regions, 24), whole)


@pytest.mark.parametrize("corner", [(-90, 10), (10, -90), (300, 10), (10, 300)])
def test_a_part_beside_the_picture_is_black(corner: tuple[int, int]) -> None:
    image: RgbImage = random_picture(3, 40, 50, darkest=9)
    left, top = corner
    part = integral_of(image, left, top, left + 20, top + 20)
    region = np.array([[left, top, left + 20, top + 20]], np.int32)
    assert (area_crops(part, region, 24) == np.float32(NORMAL_SHIFT)).all()
