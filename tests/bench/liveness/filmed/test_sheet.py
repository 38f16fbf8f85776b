from __future__ import annotations

import numpy as np
import pytest

from bench.liveness.filmed.sheet import SheetPose, framed, look_at
from bench.liveness.heads import Camera, bent, turns

CAMERA = Camera(640, 480, 600.0)
EXTENT = (-1.0, -1.0, 1.0, 1.0)


def place_seen(pose: SheetPose, at: np.ndarray) -> tuple[float, float]:
    """Return which place on the sheet the pixel shows at which a point of it is projected."""
    x, y = CAMERA.see(at)
    seen = look_at(CAMERA, pose, EXTENT)
    assert seen is not None
    row, column = round(y) - seen.rows.start, round(x) - seen.columns.start
    return float(seen.across[row, column]), float(seen.down[row, column])


@pytest.mark.parametrize(
    "pose",
    [
        SheetPose(),
        SheetPose(yaw=0.5, pitch=-0.3, roll=0.2, x=0.3, y=-0.2, z=5.0),
        SheetPose(pitch=0.6, bend=0.4),
        SheetPose(yaw=0.4, bend=-0.5),
        SheetPose(pitch=0.2, bend=0.5, upright=False),
    ],
)
def test_a_place_on_the_sheet_is_seen_where_it_is_projected(pose: SheetPose) -> None:
    for across, down in ((0.0, 0.0), (0.7, -0.5), (-0.6, 0.8)):
        width = 2.0
        # A circle's and a parabola's curvature agree in the middle.
        sagitta = np.array([pose.bend * width / 8])
        axis = 0.0 if pose.upright else np.pi / 2
        solid = bent(np.array([[across, down]]), sagitta, width, axis)[0, 0]
        rotation = turns(*(np.array([a]) for a in (pose.yaw, pose.pitch, pose.roll)))[0]
        at = rotation @ solid + [pose.x, pose.y, pose.z]
        tolerance = 0.015 if not pose.bend else 0.04
        assert place_seen(pose, at) == pytest.approx((across, down), abs=tolerance)


def test_what_is_outside_the_picture_is_not_seen() -> None:
    assert look_at(CAMERA, SheetPose(x=9.0), EXTENT) is None


def test_the_picture_is_seen_within_its_frame() -> None:
    image = np.full((60, 60, 3), 200, np.uint8)
    sheet = framed(image, (30.0, 30.0, 60.0), (6, 12), 20)
    assert sheet.extent == pytest.approx((-0.6, -0.7, 0.6, 0.7))
    seen = look_at(CAMERA, SheetPose(z=600 / 120), sheet.extent)
    assert seen is not None
    colours, inside = sheet.look(seen)
    at = (240 - seen.rows.start, 320 - seen.columns.start)
    assert colours[at].tolist() == [200, 200, 200]
    assert inside[at] == 1.0
    beside = (at[0], at[1] + 66)  # 0.55 face heights: on the frame
    assert colours[beside].tolist() == [20, 20, 20]
    assert inside[at[0], at[1] + 80 if at[1] + 80 < inside.shape[1] else -1] == 0.0
