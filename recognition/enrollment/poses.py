"""The directions from which a face is enrolled, and how a face is told to be seen from one."""

from __future__ import annotations

from enum import Enum
from statistics import median

from models.landmarks.head_pose import HeadAngles
from models.quality import Quality


class Pose(Enum):
    """Where the person looks: left and right are the person's own."""

    FRONTAL = "frontal"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


TURNED_YAW = 0.12
"""From this Quality.yaw on a face counts as turned to a side: 13°. It is asked where no angle is
known."""

TURNED_DEG = 13.0
"""The same as an angle."""

NODDED_DEG = 10.0
"""From this pitch on a face looks up or down. Noise does not reach it: in films of two people at a
webcam, pitches of neighbouring frames differ by 0.7° in the median."""

SETTLING = 15
"""So many frontal faces tell how a person's head is held when it looks at the camera: a second at
30 frames a second, of which a glance at the keyboard is less than half. Pitch counts from there,
since a camera stands above or below the eyes, and foreheads slope."""


class PoseSorter:
    """Tells the poses of one person's faces in the order in which they come."""

    def __init__(self) -> None:
        self._level: list[float] = []

    def pose(self, quality: Quality, angles: HeadAngles | None) -> Pose:
        """Return the pose of a face. angles: None where FaceMesh did not see it."""
        turned = quality.yaw / TURNED_YAW if angles is None else angles.yaw_deg / TURNED_DEG
        if abs(turned) >= 1:
            return Pose.LEFT if turned > 0 else Pose.RIGHT
        if angles is None or len(self._level) < SETTLING:
            return Pose.FRONTAL
        nodded = (angles.pitch_deg - median(self._level)) / NODDED_DEG
        if abs(nodded) >= 1:
            return Pose.DOWN if nodded > 0 else Pose.UP
        return Pose.FRONTAL

    def take(self, pose: Pose, angles: HeadAngles | None) -> None:
        """Learn from an accepted face how the person's head is held."""
        if pose is Pose.FRONTAL and angles is not None:
            self._level.append(angles.pitch_deg)
