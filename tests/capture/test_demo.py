from __future__ import annotations

from itertools import pairwise

import numpy as np

from capture.demo import DemoSource
from capture.portrait import PORTRAIT
from capture.stills import read_picture
from common.picture import RgbImage


def frames_of(source: DemoSource) -> list[RgbImage]:
    images = []
    while (frame := source.read()) is not None:
        images.append(frame.image)
    return images


def test_it_is_the_same_at_every_run() -> None:
    first, second = frames_of(DemoSource(frames=3)), frames_of(DemoSource(frames=3))
    assert len(first) == 3
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_its_portrait_is_the_one_that_scikit_image_carries() -> None:
    from skimage import data

    assert np.array_equal(read_picture(PORTRAIT), data.astronaut())


def test_it_moves_and_has_a_webcams_shape() -> None:
    images = frames_of(DemoSource(frames=40))
    assert {image.shape for image in images} == {(480, 640, 3)}
    steps = [np.abs(a.astype(int) - b).mean() for a, b in pairwise(images)]
    assert min(steps) > 1.0  # sensor noise alone
    assert np.abs(images[0].astype(int) - images[-1]).mean() > 10


def test_no_black_border_shows() -> None:
    white = np.full((300, 200, 3), 200, np.uint8)
    for image in frames_of(DemoSource(white, frames=200))[::10]:
        assert image.min() > 140


def test_the_face_stays_in_view() -> None:
    picture = np.zeros((500, 1000, 3), np.uint8)
    picture[110:310, 440:560] = (0, 255, 0)  # where a portrait's face is expected
    for image in frames_of(DemoSource(picture, frames=360))[::15]:
        rows, columns = np.nonzero(image[:, :, 1] > 128)
        assert 100 <= rows.max() - rows.min() <= 260
        assert rows.min() > 0
        assert rows.max() < 479
        assert columns.min() > 0
        assert columns.max() < 639


def test_close_ends_it() -> None:
    source = DemoSource()
    assert source.read() is not None
    source.close()
    assert source.read() is None
