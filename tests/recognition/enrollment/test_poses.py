from __future__ import annotations

import pytest

from models.landmarks.head_pose import HeadAngles
from models.quality import Quality
from recognition.enrollment.poses import SETTLING, Pose, PoseSorter

STRAIGHT = Quality(150, 100, 120, 45, yaw=0, roll_deg=0, cut_off=False)
TO_THE_LEFT = Quality(150, 100, 120, 45, yaw=0.2, roll_deg=0, cut_off=False)


def settled(pitch_deg: float) -> PoseSorter:
    """It has seen somebody whose head is held like this."""
    sorter = PoseSorter()
    for _ in range(SETTLING):
        angles = HeadAngles(0, pitch_deg, 0)
        sorter.take(sorter.pose(STRAIGHT, angles), angles)
    return sorter


@pytest.mark.parametrize("level", [-20.0, 0.0, 12.0])
@pytest.mark.parametrize(
    ("yaw", "nod", "pose"),
    [
        (0, 0, Pose.FRONTAL),
        (9, 7, Pose.FRONTAL),
        (20, 0, Pose.LEFT),
        (-20, 15, Pose.RIGHT),
        (5, -12, Pose.UP),
        (-5, 12, Pose.DOWN),
    ],
)
def test_a_nod_counts_from_how_the_head_is_held(
    level: float, yaw: float, nod: float, pose: Pose
) -> None:
    assert settled(level).pose(STRAIGHT, HeadAngles(yaw, level + nod, 3)) is pose


def test_before_that_is_known_nothing_is_a_nod() -> None:
    sorter = PoseSorter()
    assert sorter.pose(STRAIGHT, HeadAngles(0, -30, 0)) is Pose.FRONTAL


def test_nodded_faces_do_not_move_the_level() -> None:
    sorter = settled(0)
    for _ in range(100):
        up = HeadAngles(0, -15, 0)
        pose = sorter.pose(STRAIGHT, up)
        assert pose is Pose.UP
        sorter.take(pose, up)


def test_without_angles_the_nose_tells() -> None:
    assert settled(0).pose(TO_THE_LEFT, None) is Pose.LEFT
    assert settled(0).pose(STRAIGHT, None) is Pose.FRONTAL


def test_angles_are_believed_before_the_nose() -> None:
    assert settled(0).pose(TO_THE_LEFT, HeadAngles(2, 0, 0)) is Pose.FRONTAL
