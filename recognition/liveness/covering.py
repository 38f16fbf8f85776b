"""Tells eyes that shut from eyes that something covers: a strip of paper, or a finger.

A picture whose eyes are covered for a moment seems to blink, since FaceMesh and the iris model draw
lids where there are none. A blink leaves the brows as they are, and of the eyes the lines of the
lids; what covers them takes away the contrast of one or the other, or adds an edge.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from models.landmarks.face_mesh import DenseLandmarks

_REGIONS = (
    (70, 63, 105, 66, 107),
    (336, 296, 334, 293, 300),
    (33, 133, 159, 145),
    (362, 263, 386, 374),
)
"""FaceMesh's points along the left and the right brow and around the eyes, as the viewer sees
them."""

_MARGIN = 0.06
"""What is around the points belongs to the region, in distances of the eyes' outer corners."""

BARE = (0.55, 1.14)
"""The contrast of each region, as a share of what it was with open eyes. In 11 views of shut eyes
in ../shared/video/webcam the shares are 0.63 to 1.11; of 27 views of pictures with a strip in the
skin's own colour over the eyes, which seemed to shut them, two are within."""

COVERED_S = 0.4
"""Eyes that something covered do not blink within so many seconds: it is still on its way."""

_NOTHING = 1.0
"""A region with less contrast, in levels, shows nothing that could be taken away."""


def contrasts(image: RgbImage, mesh: DenseLandmarks) -> NDArray[np.float64]:
    """Returns (4,): the standard deviation of the grey values of brows and eyes, in levels; 0 for a
    region outside the (H, W, 3) uint8 RGB picture."""
    points = mesh.points[:, :2]
    margin = _MARGIN * float(np.hypot(*(points[263] - points[33])))
    found = []
    for region in _REGIONS:
        left, top = np.maximum(points[list(region)].min(axis=0) - margin, 0).astype(int)
        right, bottom = (points[list(region)].max(axis=0) + margin).astype(int)
        patch = image[top:bottom, left:right]
        found.append(float(patch.mean(axis=2).std()) if patch.size else 0.0)
    return np.array(found)


def is_bare(seen: NDArray[np.float64], before: Sequence[NDArray[np.float64]]) -> bool:
    """Returns whether nothing covers brows and eyes. seen: contrasts() now. before: with open eyes,
    at least one."""
    usual = np.median(np.stack(before), axis=0)
    shares = np.where(usual >= _NOTHING, seen / np.maximum(usual, _NOTHING), 1.0)
    return bool((shares >= BARE[0]).all() and (shares <= BARE[1]).all())
