from __future__ import annotations

import numpy as np

from bench.liveness.filmed.optics import PhoneScreen, PrintedPaper, Sensor
from bench.liveness.filmed.sheet import SheetPose, look_at
from bench.liveness.heads import Camera

CAMERA = Camera(640, 480, 600.0)
PLAIN = np.full((480, 640, 3), 120, np.uint8)


def shone(surface: PhoneScreen | PrintedPaper, pose: SheetPose, pixel: float) -> np.ndarray:
    seen = look_at(CAMERA, pose, (-9.0, -9.0, 9.0, 9.0))
    assert seen is not None
    return surface.shine(np.full((*seen.across.shape, 3), 120, np.uint8), seen, pixel)


def test_pixels_of_a_screen_leave_a_lattice_that_finer_ones_do_not() -> None:
    pose = SheetPose(z=5.0)
    pixel = pose.z / CAMERA.focal_px
    coarse, fine = (
        shone(PhoneScreen(pitch=pitch * pixel, lattice=0.8), pose, pixel) for pitch in (1.6, 0.3)
    )
    assert coarse.std() > 5
    assert fine.std() < 1
    assert shone(PhoneScreen(), pose, pixel).std() < 20


def test_a_lamp_in_the_screen_moves_as_it_is_turned() -> None:
    screen = PhoneScreen(glare=0.8, glare_at=(0.0, 0.0))
    brightest = [
        np.unravel_index(shone(screen, SheetPose(yaw=yaw), 0.01)[..., 0].argmax(), (480, 640))[1]
        for yaw in (-0.1, 0.1)
    ]
    assert abs(int(brightest[0]) - int(brightest[1])) > 30


def test_paper_darkens_on_the_side_that_turns_away() -> None:
    light = shone(PrintedPaper(light=0.5), SheetPose(bend=0.5), 0.01)[..., 0]
    rows, columns = light.shape
    assert light[rows // 2, columns // 3] > light[rows // 2, 2 * columns // 3] + 10


def test_a_sensor_has_noise_and_the_same_draw_gives_the_same_picture() -> None:
    sensor = Sensor(noise=2.0, brightness=0.5)
    one, again = (sensor.take(PLAIN, np.random.default_rng(3)) for _ in range(2))
    assert (one == again).all()
    assert abs(one.mean() - 60) < 2
    assert 1.5 < one.std() < 2.5
    assert (sensor.take(PLAIN, np.random.default_rng(4)) != one).any()
