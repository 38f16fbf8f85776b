"""How a head is held, in degrees, from the points of FaceMesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.landmarks.face_mesh import DenseLandmarks

_Points = NDArray[np.float64]


@dataclass(frozen=True)
class HeadAngles:
    """How a head is turned, in degrees; 0, 0, 0 looks straight at the camera.

    yaw_deg: positive where the face looks towards the picture's right, as Quality.yaw: people who
        turn to their left do, before a camera that does not mirror.
    pitch_deg: positive where it looks down.
    roll_deg: positive where the head leans clockwise as the viewer sees it, as Quality.roll_deg.

    On 141 pictures of 6 people of Glint360K, 112 pixels wide and not used for the mean face, a
    picture and its mirror picture give yaws that differ by 1.3° in the median and by at most 3.1°
    in nine of ten, pitches by 0.9° and 2.5°, rolls by 0.5° and 1.3°; beyond a yaw of 35° by 2.6°
    in the median and 8° at most. Half the tangent of the yaw is where MTCNN sees the nose.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


_MIDLINE = {
    10: (-0.564, -0.258),
    151: (-0.378, -0.281),
    9: (-0.183, -0.292),
    8: (-0.092, -0.267),
    168: (-0.016, -0.254),
    6: (0.073, -0.294),
    197: (0.156, -0.341),
    195: (0.233, -0.392),
    5: (0.314, -0.445),
    4: (0.410, -0.465),
    1: (0.478, -0.436),
    2: (0.535, -0.254),
}
_PAIRS = {
    (33, 263): (0.500, 0.000, 0.000),
    (133, 362): (0.192, 0.026, -0.062),
    (234, 454): (0.761, 0.150, 0.615),
    (127, 356): (0.771, -0.001, 0.547),
    (162, 389): (0.763, -0.158, 0.417),
    (21, 251): (0.728, -0.280, 0.263),
    (54, 284): (0.659, -0.392, 0.115),
    (103, 332): (0.550, -0.478, -0.034),
    (67, 297): (0.387, -0.534, -0.163),
    (109, 338): (0.209, -0.560, -0.237),
    (93, 323): (0.749, 0.308, 0.639),
    (98, 327): (0.189, 0.501, -0.166),
    (48, 278): (0.209, 0.437, -0.259),
}
"""The mean face that an observed one is compared with, in distances of the outer corners of the
eyes: points that neither mouth, lids nor jaw move. _MIDLINE: y and z; _PAIRS: x, y and z of the
right one as the viewer sees it. It is the generalized Procrustes mean (Gower 1975) of FaceMesh's
own points in 142 pictures of 6 people, made symmetric, with the median of their pitch as zero."""


def _mean_face() -> tuple[NDArray[np.intp], _Points]:
    indices = [*_MIDLINE]
    places = [(0.0, y, z) for y, z in _MIDLINE.values()]
    for (left, right), (x, y, z) in _PAIRS.items():
        indices += [left, right]
        places += [(-x, y, z), (x, y, z)]
    mean = np.array(places)
    return np.array(indices, np.intp), mean - mean.mean(axis=0)


RIGID_POINTS, MEAN_FACE = _mean_face()
"""The points that neither mouth, lids nor jaw move, as (n,) indices in FaceMesh's order, and where
the mean face has them: (n, 3), in distances of the outer corners of the eyes, from their middle."""


def head_angles(landmarks: DenseLandmarks) -> HeadAngles:
    """Return the pose of the head with these points.

    It is the rotation that brings the mean face nearest to them (Kabsch 1976), taken apart as a
    nod, then a turn, then a lean in the plane of the picture: a picture that is turned as a whole
    changes the roll alone.
    """
    seen = landmarks.points[RIGID_POINTS].astype(np.float64)
    u, _, vt = np.linalg.svd((seen - seen.mean(axis=0)).T @ MEAN_FACE)
    rotation = u @ np.diag([1.0, 1.0, np.linalg.det(u @ vt)]) @ vt
    yaw = np.arcsin(np.clip(rotation[2, 0], -1.0, 1.0))
    pitch = np.arctan2(rotation[2, 1], rotation[2, 2])
    roll = np.arctan2(rotation[1, 0], rotation[0, 0])
    return HeadAngles(*(float(np.degrees(angle)) for angle in (yaw, pitch, roll)))
