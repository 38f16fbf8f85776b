"""A second alignment of a face: by FaceMesh's points instead of the detector's."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from models.crop import ALIGNED_LANDMARKS, ALIGNED_SIDE, alignment
from models.face import Face
from models.landmarks.face_mesh import DenseLandmarks, FaceMesh

PRESENCE = 0.9
"""From this presence on FaceMesh's points are believed: 98 in 100 crops of faces have it."""

ALIGNED_FACE = Face(np.array([16, 10, 94, 114], np.float32), 1.0, ALIGNED_LANDMARKS)
"""The face on an aligned crop. The box is the median of MTCNN's on 144 crops of 6 people."""

_OFFSETS = np.array(
    [[-0.71, 0.58], [-1.07, 0.61], [-0.56, 7.25], [-1.42, -2.58], [-0.35, -2.71]], np.float32
)
"""How far FaceMesh's five points lie from ALIGNED_LANDMARKS on the same crops in the mean: (5, 2)
pixels. Its third point is the base of the nose, where it agrees best with MTCNN's tip: to 3.5
pixels across, the tip itself to 6.1."""


class Realigner:
    """Aligns aligned crops again. One thread at a time may call it.

    MTCNN and FaceMesh err in different ways, so that the mean of the embeddings of both alignments
    is nearer to a person's other pictures than either. FaceMesh's documentation does not mean it
    for identification; it only places the crop here.
    """

    def __init__(self, mesh: FaceMesh) -> None:
        self._mesh = mesh

    def realigned(self, crop: RgbImage) -> RgbImage:
        """Return an aligned crop, (112, 112, 3) uint8 RGB, as FaceMesh aligns it.

        Where FaceMesh sees no face in it, it is returned as it is. The result depends on the crop
        alone, so that a gallery can be embedded again from its crops.
        """
        landmarks = self._mesh.locate(crop, ALIGNED_FACE)
        if landmarks.presence < PRESENCE:
            return crop
        matrix = alignment(_five_points(landmarks), ALIGNED_LANDMARKS + _OFFSETS)
        size = (ALIGNED_SIDE, ALIGNED_SIDE)
        return np.asarray(cv2.warpAffine(crop, matrix, size, flags=cv2.INTER_LINEAR), np.uint8)


def _five_points(landmarks: DenseLandmarks) -> NDArray[np.float32]:
    """Return eyes, base of the nose and corners of the mouth, (5, 2), in the order of Face."""
    across = landmarks.points[:, :2]
    eyes = [across[[33, 133]].mean(axis=0), across[[362, 263]].mean(axis=0)]
    return np.stack([*eyes, across[2], across[61], across[291]])
