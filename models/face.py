"""The type of the faces that detectors find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

LANDMARK_NAMES = ("left eye", "right eye", "nose", "left mouth corner", "right mouth corner")
"""The order of `Face.landmarks`; left and right as the viewer sees them."""


@dataclass(frozen=True, eq=False)
class Face:
    """One detected face.

    box_xyxy: (4,) float32, pixels of the picture it was found in; may reach past its border.
    score: the detector's face probability, 0..1.
    landmarks: (5, 2) float32 pixels (x, y), in the order of LANDMARK_NAMES.
    """

    box_xyxy: NDArray[np.float32]
    score: float
    landmarks: NDArray[np.float32]

    @property
    def width(self) -> float:
        return float(self.box_xyxy[2] - self.box_xyxy[0])

    @property
    def height(self) -> float:
        return float(self.box_xyxy[3] - self.box_xyxy[1])

    def scaled(self, across: float, down: float) -> Face:
        """Return this face in a picture `across` times as wide and `down` times as high."""
        factor = np.array([across, down], np.float32)
        return replace(
            self,
            box_xyxy=self.box_xyxy * np.tile(factor, 2),
            landmarks=np.asarray(self.landmarks * factor, np.float32),
        )


def largest_face(faces: Sequence[Face]) -> Face | None:
    """Return the face whose box is the largest; None where there is none."""
    return max(faces, key=lambda face: face.width * face.height, default=None)
