"""Measures how a face stands out from a plane, over the points of FaceMesh that keep their places.

From one view to another a flat picture changes by a homography. Near the reference that is an
affine map and terms of second order, which take in a sheet that is bent, too. Whatever goes with
the depth of each point beside them is the relief of a real head: where it turns, its nearer points
shift against the farther ones by the sine of the angle.

FaceMesh has never seen the depth, but gives each point the one that faces have there; that is
what the shifts are compared with. Measured on frames of ../shared/video/webcam, and on the same
frames as flat pictures: tilted by 10 to 40 degrees they seem to turn or nod by a sine of 0.06 at
most, with a standard deviation of 0.02; a head in the film with turning heads, turned by 11
degrees, has 0.14 and 0.01.

That the nearer points of a head grow more as it comes closer cannot be measured so: of faces in
ten of these frames, warped as a camera that comes closer sees them, FaceMesh shows between a
quarter and a third of it, less than what it shows of some flat pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.landmarks.face_mesh import DenseLandmarks
from models.landmarks.head_pose import RIGID_POINTS

SEEN_IN_TILT, CLEARLY_TILTED = 0.3, 0.2
"""The turn or nod that FaceMesh may see in a flat picture, as a share of its strongest tilt so far;
what is beyond CLEARLY_TILTED, a sine, counts twice. It is the strongest one, since a picture that
is tilted from one side to the other looks as it did. Of 109 rendered prints and screens, tilted by
up to 45 degrees, none shows more than 0.02 beyond that."""

_EYE_CORNERS = (33, 263)
"""FaceMesh's points at the outer corners of the eyes."""

_Points = NDArray[np.float64]


@dataclass(frozen=True)
class ReliefMovement:
    """How a head stands against its reference view, as its relief shows it; a flat picture has 0
    in the first two, whatever is done to it.

    turn, nod: about the sine of the angle, positive to the picture's right (the person's left) and
    down. closer: how many times larger the face is. tilt: about the sine of the angle by which the
    plane of the face is tilted, as the foreshortening of its points shows it; that of a flat
    picture has no turn or nod beside it.
    """

    turn: float
    nod: float
    closer: float
    tilt: float


def seen_in_tilt(strongest: float) -> float:
    """Returns the turn or nod that a flat picture may seem to make. strongest: the strongest tilt
    since the reference view, see ReliefMovement."""
    return SEEN_IN_TILT * (strongest + max(strongest - CLEARLY_TILTED, 0.0))


class Relief:
    """The reference view that movements are measured from."""

    def __init__(self, meshes: Sequence[DenseLandmarks], others: Sequence[int] = ()) -> None:
        """Takes the mean of some views of a face that holds still. Raises ValueError without
        any, or where the face is a point.

        others: FaceMesh's points that move by themselves; see own_movement().
        """
        if not meshes:
            raise ValueError("no view to measure from")
        mean = np.stack([mesh.points for mesh in meshes]).mean(axis=0, dtype=np.float64)
        level = mean[_EYE_CORNERS[1], :2] - mean[_EYE_CORNERS[0], :2]
        self._unit = float(np.hypot(*level))
        if not self._unit > 0:
            raise ValueError("a face without a width")
        rigid = mean[RIGID_POINTS]
        self._middle = rigid[:, :2].mean(axis=0)
        cos, sin = level / self._unit
        upright = np.array([[cos, -sin], [sin, cos]])
        mean[:, :2] = (mean[:, :2] - self._middle) @ upright / self._unit
        mean[:, 2] = (mean[:, 2] - rigid[:, 2].mean()) / self._unit
        self._fit = np.linalg.pinv(_design(mean[RIGID_POINTS]))
        self._others = list(others)
        self._design_of_others = _design(mean[self._others])

    def movement(self, mesh: DenseLandmarks) -> ReliefMovement:
        """Returns the movement from the reference view."""
        seen = (mesh.points[RIGID_POINTS, :2].astype(np.float64) - self._middle) / self._unit
        terms = np.asarray(self._fit @ seen)
        affine = terms[1:3].T
        left, stretch, right = np.linalg.svd(affine)
        longest = max(float(stretch[0]), 1e-6)
        # Back by the head's lean, so that across stays across.
        across, down = (left @ right).T @ terms[0] / longest
        closer = float(np.sqrt(stretch[0] * stretch[1]))
        foreshortening = min(float(stretch[1]) / longest, 1.0)
        tilt = float(np.sqrt(1 - foreshortening**2))
        return ReliefMovement(-float(across), -float(down), closer, tilt)

    def own_movement(self, mesh: DenseLandmarks) -> _Points:
        """Returns the (n, 2) shifts of the other points beside what the whole face has moved, in
        distances of the eyes' outer corners; a picture's have none."""
        points = mesh.points[:, :2].astype(np.float64)
        terms = self._fit @ ((points[RIGID_POINTS] - self._middle) / self._unit)
        seen = (points[self._others] - self._middle) / self._unit
        shifts = np.asarray(seen - self._design_of_others @ terms)
        return np.asarray(shifts @ np.linalg.pinv(terms[1:3]))


def _design(points: _Points) -> _Points:
    """Return the terms by which points, (n, 3), may move: depth, place, and their squares."""
    x, y, depth = points.T
    return np.column_stack([depth, x, y, np.ones_like(x), x * x, x * y, y * y])
