from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from models.detectors.pyramid import (
    PNET_SIDE,
    area_crops,
    integral,
    part_count,
    plan_canvas,
)
from models.engines.engine import FloatArray
from models.face import Image


def random_picture(seed: int, height: int, width: int, darkest: int = 0) -> Image:
    return np.random.default_rng(seed).integers(darkest, 256, (height, width, 3), np.uint8)


def area_averaged(image: Image, height: int, width: int) -> FloatArray:
    """What facenet-pytorch's imresample gives, normalized: (height, width, 3) float32."""
    planes = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None].float()
    resized = interpolate(planes, size=(height, width), mode="area")
    return np.asarray((resized[0].permute(1, 2, 0).numpy() - 127.5) * 0.0078125, np.float32)


def assert_pyramid_agrees(image: Image, min_face_px: float, part: int = 0, parts: int = 1) -> None:
    height, width = image.shape[:2]
    canvas = plan_canvas(height, width, min_face_px, part, parts)
    assert canvas is not None
    drawn = canvas.draw(integral(image))
    assert drawn.dtype == np.float32
    assert drawn.shape[1:3] == (canvas.mask.shape[2] + 2, canvas.mask.shape[3] + 2)
    for band, (rows, columns) in canvas.bands:
        top, left = 2 * rows.start, 2 * columns.start
        expected = area_averaged(image, band.height, band.width)[band.pixel_rows]
        h, w = expected.shape[:2]
        found = drawn[0, top : top + h, left : left + w]
        assert np.abs(found - expected).max() < 2e-5


@pytest.mark.parametrize(
    ("height", "width", "min_face_px"),
    [(480, 640, 40), (97, 131, 20), (112, 112, 20), (33, 257, 12), (64, 48, 8), (20, 20, 20)],
)
def test_each_level_is_the_area_average(height: int, width: int, min_face_px: float) -> None:
    """A smallest face below 12 pixels enlarges the picture: windows of one pixel and two."""
    assert_pyramid_agrees(random_picture(height, height, width), min_face_px)


def test_sums_above_8_megapixels_wrap_around_without_harm() -> None:
    image = random_picture(8, 3001, 2999, darkest=240)
    assert integral(image)[-1, -1].min() < 0
    assert_pyramid_agrees(image, 700)
    sums = integral(image)
    region = np.array([[2000, 2500, 2999, 3001]], np.int32)
    expected = area_averaged(image[2500:3001, 2000:2999], 48, 48)
    assert np.abs(area_crops(sums, region, 48)[0] - expected).max() < 2e-5


def test_levels_lie_apart_on_the_even_grid_of_the_pooling() -> None:
    canvas = plan_canvas(481, 643, 20)
    assert canvas is not None
    taken = np.zeros(canvas.weight.shape[:2], int)
    for band, (rows, columns) in canvas.bands:
        h, w = int(481 * band.scale + 1), int(643 * band.scale + 1)
        taken[2 * rows.start :, 2 * columns.start :][:h, :w] += 1
        assert rows.stop - rows.start == -(-(h - 2) // 2) - 4
        assert columns.stop - columns.start == -(-(w - 2) // 2) - 4
    assert taken.max() == 1
    assert np.array_equal(taken > 0, canvas.weight[..., 0] > 0)


def test_no_canvas_where_no_face_fits() -> None:
    assert plan_canvas(19, 640, 20) is None
    smallest = plan_canvas(20, 640, 20)
    assert smallest is not None
    assert [band.scale for band, _ in smallest.bands] == [PNET_SIDE / 20]


@pytest.mark.parametrize(("height", "width"), [(480, 640), (97, 131), (721, 1283)])
@pytest.mark.parametrize("parts", [1, 2, 3, 7])
def test_parts_hold_every_cell_once(height: int, width: int, parts: int) -> None:
    whole = plan_canvas(height, width, 20)
    assert whole is not None
    held: Counter[tuple[float, int]] = Counter()
    for part in range(parts):
        canvas = plan_canvas(height, width, 20, part, parts)
        if canvas is None:
            continue
        for band, (rows, columns) in canvas.bands:
            assert rows.stop - rows.start == band.after - band.first
            assert columns.stop - columns.start == band.cell_columns
            held.update((band.scale, row) for row in range(band.first, band.after))
    expected = {(band.scale, row) for band, _ in whole.bands for row in range(band.after)}
    assert held == Counter(expected)


def test_each_part_is_drawn_as_the_area_average() -> None:
    image = random_picture(9, 241, 323)
    for part in range(3):
        assert_pyramid_agrees(image, 20, part, 3)


def test_larger_pictures_are_cut_into_more_parts() -> None:
    counts = [part_count(h, w, 20) for h, w in ((120, 160), (480, 640), (720, 1280))]
    assert counts == sorted(counts)
    assert counts[0] == 1 < counts[-1]


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
