from __future__ import annotations

import tracemalloc
from collections import Counter

import numpy as np
import pytest

from common.picture import RgbImage
from models.detectors.mtcnn.area import NORMAL_SCALE, NORMAL_SHIFT, integral
from models.detectors.mtcnn.pyramid import (
    PIECE_PIXELS,
    PNET_SIDE,
    part_count,
    plan_canvas,
    plan_pieces,
)
from tests.models.detectors.area_averages import area_averaged, random_picture


def assert_pyramid_agrees(
    image: RgbImage, min_face_px: float, part: int = 0, parts: int = 1
) -> None:
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
    assert integral(image).sums[-1, -1].min() < 0
    assert_pyramid_agrees(image, 700)


def test_levels_lie_apart_on_the_even_grid_of_the_pooling() -> None:
    canvas = plan_canvas(481, 643, 20)
    assert canvas is not None
    taken = np.zeros((canvas.rows, canvas.columns), int)
    for band, (rows, columns) in canvas.bands:
        h, w = int(481 * band.scale + 1), int(643 * band.scale + 1)
        taken[2 * rows.start :, 2 * columns.start :][:h, :w] += 1
        assert rows.stop - rows.start == -(-(h - 2) // 2) - 4
        assert columns.stop - columns.start == -(-(w - 2) // 2) - 4
    assert taken.max() == 1
    black = canvas.draw(integral(np.full((481, 643, 3), 255, np.uint8))) == np.float32(NORMAL_SHIFT)
    assert np.array_equal(taken > 0, ~black[0, ..., 0])


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


@pytest.mark.parametrize(("min_face_px", "parts"), [(20, 1), (20, 3), (45, 1)])
def test_a_sketch_is_about_what_is_drawn(
    astronaut: RgbImage, min_face_px: float, parts: int
) -> None:
    """In grey levels: a few, where nothing is sharp; black between the bands."""
    bright = np.maximum(astronaut, 9)
    for part in range(parts):
        canvas = plan_canvas(*astronaut.shape[:2], min_face_px, part, parts)
        assert canvas is not None
        sketch = canvas.sketch(bright)
        assert sketch.dtype == np.uint8
        drawn = (canvas.draw(integral(bright)) - NORMAL_SHIFT) / NORMAL_SCALE
        assert sketch.shape == drawn.shape
        apart = np.abs(sketch - drawn)
        assert np.median(apart) < 4
        assert apart.mean() < 8
        assert not sketch[drawn < 1].any()


@pytest.mark.parametrize(
    ("height", "width"), [(480, 640), (3000, 4000), (390, 31_999), (31_999, 390), (40, 31_999)]
)
def test_pieces_are_small_and_hold_every_cell_once(height: int, width: int) -> None:
    pieces = plan_pieces(height, width, 20)
    assert max(piece.rows * piece.columns for piece in pieces) < 2 * PIECE_PIXELS
    held = Counter(
        (band.scale, row)
        for piece in pieces
        for band, _ in piece.bands
        for row in range(band.first, band.after)
    )
    whole = plan_canvas(height, width, 20)
    assert whole is not None
    assert held == Counter((b.scale, row) for b, _ in whole.bands for row in range(b.after))


def test_a_webcam_s_picture_is_one_piece() -> None:
    assert plan_pieces(480, 640, 20) == (plan_canvas(480, 640, 20, 0, 1),)
    assert plan_pieces(1, 31_999, 20) == ()


def test_drawing_a_large_picture_takes_little_memory() -> None:
    """The plans that are kept, and what is used while a piece is drawn."""
    image = random_picture(3, 3000, 4000)
    sums = integral(image)
    plan_canvas.cache_clear()
    tracemalloc.start()
    try:
        for piece in plan_pieces(3000, 4000, 20):
            piece.draw(sums)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 40_000_000
    assert kept < 4_000_000


def test_the_parts_of_a_4k_frame_are_planned_once() -> None:
    parts = part_count(2160, 3840, 20)
    first = [plan_canvas(2160, 3840, 20, part, parts) for part in range(parts)]
    again = [plan_canvas(2160, 3840, 20, part, parts) for part in range(parts)]
    assert parts > 16
    assert all(a is b for a, b in zip(first, again, strict=True))
