from __future__ import annotations

import cv2
import numpy as np
import pytest

from common.picture import RgbImage
from models.face import Face
from recognition.appearance import Appearance, appearance


def face(x: float = 300, y: float = 200, side: float = 80) -> Face:
    box = np.array([x, y, x + side, y + side], np.float32)
    return Face(box, 0.99, np.zeros((5, 2), np.float32))


def scene(seed: int = 0, noise: float = 0.0) -> RgbImage:
    """(480, 640, 3) uint8 RGB of soft shapes, as faces and clothes are."""
    rng = np.random.default_rng(seed)
    shapes = cv2.resize(rng.uniform(0, 255, (24, 32, 3)), (640, 480), interpolation=cv2.INTER_CUBIC)
    return np.clip(shapes + np.random.default_rng().normal(0, noise, shapes.shape), 0, 255).astype(
        np.uint8
    )


def seen(image: RgbImage, at: Face) -> Appearance:
    found = appearance(image, at)
    assert found is not None
    return found


def test_the_same_face_resembles_itself_in_noise_and_a_pixel_further() -> None:
    before = seen(scene(noise=4), face())
    after = seen(scene(noise=4), face(x=301))
    assert after.resembles(before)
    assert after.is_alike(before)


def test_another_face_in_the_same_place_does_not() -> None:
    before = seen(scene(0), face())
    for seed in range(1, 20):
        assert not seen(scene(seed), face()).resembles(before)


def test_the_surroundings_count_as_well() -> None:
    """Two people of like faces in other clothes."""
    other = scene(1)
    other[200:280, 300:380] = scene(0)[200:280, 300:380]
    assert not seen(other, face()).resembles(seen(scene(0), face()))


def test_light_that_changes_at_once_is_a_reason_to_look() -> None:
    brighter = np.clip(scene().astype(np.int16) + 20, 0, 255).astype(np.uint8)
    assert not seen(brighter, face()).resembles(seen(scene(), face()))


def test_a_part_that_is_hidden_is_no_other_person_but_worth_a_look() -> None:
    hand = scene()
    hand[250:280, 300:340] = (200, 150, 120)
    before, after = seen(scene(), face()), seen(hand, face())
    assert after.resembles(before)
    assert not after.is_alike(before)


def test_even_surfaces_are_alike() -> None:
    dark = np.full((480, 640, 3), 9, np.uint8)
    dim = dark + np.random.default_rng(0).integers(0, 6, dark.shape, np.uint8)
    assert seen(dim, face()).is_alike(seen(dark, face()))


@pytest.mark.parametrize(("x", "y"), [(-40, -40), (600, 440)])
def test_a_face_at_the_border_is_seen_as_far_as_it_is_there(x: float, y: float) -> None:
    assert seen(scene(), face(x, y)).resembles(seen(scene(), face(x, y)))


def test_a_face_outside_has_no_appearance() -> None:
    assert appearance(scene(), face(700)) is None
