from __future__ import annotations

import cv2
import numpy as np
import pytest

from bench.liveness.heads import bent
from recognition.liveness.parallax import Parallax, ParallaxVerdict, Reference

from .conftest import seen


def test_a_flat_picture_keeps_to_one_homography(flat_head) -> None:
    reference = Reference(seen(flat_head))
    random = np.random.default_rng(0)
    for _ in range(200):
        homography = np.eye(3) + random.normal(0, (0.2, 0.2, 20), (3, 3)) * [[1], [1], [0]]
        homography[2] = *random.normal(0, 3e-4, 2), 1
        warped = cv2.perspectiveTransform(seen(flat_head)[np.newaxis], homography)[0]
        movement = reference.movement(warped.tolist())
        if movement is not None:
            assert np.hypot(movement.turn, movement.nod) < 1e-6


def test_a_bent_print_stays_below_the_derived_bound(flat_head) -> None:
    """A print as wide as the face, bent across to a tenth of its width: 0.045 eye distances."""
    solid = bent(flat_head[:, :2], np.array([0.1]), 2.2, 0.0)[0]
    # What the nose stands out by is measured from the line between the eyes.
    assert solid[2, 2] - solid[:2, 2].mean() == pytest.approx(-0.045, abs=0.005)
    movement = Reference(seen(solid)).movement(seen(solid, yaw=40).tolist())
    assert movement is not None
    assert abs(movement.turn) < 0.06


@pytest.mark.parametrize("angle", [-40, -25, 25, 40])
def test_the_nose_of_a_head_moves_with_the_turn(head, angle: float) -> None:
    movement = Reference(seen(head)).movement(seen(head, yaw=angle).tolist())
    assert movement is not None
    assert movement.turn == pytest.approx(0.43 * np.tan(np.radians(angle)), rel=0.15)
    assert abs(movement.nod) < 0.05
    assert movement.foreshortening == pytest.approx(np.cos(np.radians(angle)), abs=0.05)
    assert movement.depth == pytest.approx(0.43, rel=0.25)


def test_a_nod_and_coming_closer(head) -> None:
    reference = Reference(seen(head))
    nod, closer = (
        reference.movement(points.tolist()) for points in (seen(head, pitch=25), seen(head, z=8))
    )
    assert nod is not None
    assert nod.nod > 0.15
    assert abs(nod.turn) < 0.02
    assert closer is not None
    assert closer.closer == pytest.approx(1.5, rel=0.01)
    assert abs(closer.turn) + abs(closer.nod) < 0.05


def test_points_that_form_no_quadrangle(head) -> None:
    reference = Reference(seen(head))
    assert reference.movement([[0, 0]] * 5) is None
    assert reference.movement([[0, 0], [1, 1], [2, 2], [3, 3], [4, 4]]) is None


@pytest.mark.parametrize(
    ("angle", "flat", "verdict"),
    [
        (0, False, ParallaxVerdict.NOT_ENOUGH_MOVEMENT),
        (15, False, ParallaxVerdict.NOT_ENOUGH_MOVEMENT),
        (15, True, ParallaxVerdict.NOT_ENOUGH_MOVEMENT),
        (45, False, ParallaxVerdict.LIVE),
        (45, True, ParallaxVerdict.FLAT),
    ],
)
def test_verdicts(head, flat_head, angle: float, flat: bool, verdict: ParallaxVerdict) -> None:
    points = flat_head if flat else head
    parallax = Parallax(Reference(seen(points)))
    for frame in range(20):
        parallax.see(frame / 20, seen(points, yaw=angle * min(frame / 10, 1)))
    assert parallax.verdict is verdict


def test_once_flat_always_flat(head, flat_head) -> None:
    parallax = Parallax(Reference(seen(flat_head)))
    for frame in range(60):
        parallax.see(frame / 20, seen(flat_head if frame < 20 else head, yaw=45))
    assert parallax.verdict is ParallaxVerdict.FLAT


def test_a_smile_and_an_open_mouth_are_not_flat(head) -> None:
    parallax = Parallax(Reference(seen(head)))
    smiling, open_mouth = head.copy(), head.copy()
    smiling[3:, 0] *= 1.25
    open_mouth[3:, 1] += 0.13
    for frame in range(40):
        parallax.see(frame / 20, seen(smiling if frame < 20 else open_mouth))
    assert parallax.verdict is ParallaxVerdict.NOT_ENOUGH_MOVEMENT
