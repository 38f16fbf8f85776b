"""How far eyes and mouth are open, from the points of FaceMesh alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.landmarks.face_mesh import DenseLandmarks

_LEFT_LIDS, _LEFT_CORNERS = ((160, 144), (159, 145), (158, 153)), (33, 133)
_RIGHT_LIDS, _RIGHT_CORNERS = ((385, 380), (386, 374), (387, 373)), (362, 263)
_LIPS, _MOUTH_CORNERS = ((82, 87), (13, 14), (312, 317)), (78, 308)
"""Pairs of points above and below an opening, and the two at its corners."""


def eye_openings(landmarks: DenseLandmarks) -> tuple[float, float]:
    """Return how far the left and the right eye are open, as the viewer sees them.

    It is the mean gap between the lids in eye widths (the eye aspect ratio of Soukupová and Čech
    2016): about 0.30 for an open eye, 0.18 in a blink. Lids that stay closed in a picture may be
    taken for open ones; IrisLandmarks sees them.
    """
    return (
        aspect(landmarks.points, _LEFT_LIDS, _LEFT_CORNERS),
        aspect(landmarks.points, _RIGHT_LIDS, _RIGHT_CORNERS),
    )


def mouth_opening(landmarks: DenseLandmarks) -> float:
    """Return the mean gap between the lips in widths of the mouth's opening; 0 is closed."""
    return aspect(landmarks.points, _LIPS, _MOUTH_CORNERS)


def aspect(
    points: NDArray[np.float32], gaps: Sequence[tuple[int, int]], corners: tuple[int, int]
) -> float:
    """Return the mean length of gaps in distances of the corners.

    points: (n, 2) or (n, 3). gaps: indices of the two ends of each.
    """
    above, below = np.array(gaps).T
    width = float(np.linalg.norm(points[corners[0]] - points[corners[1]]))
    gap = float(np.linalg.norm(points[above] - points[below], axis=1).mean())
    return gap / max(width, 1e-6)
