"""468 points of a face's surface, with MediaPipe's FaceMesh (Kartynnik et al. 2019).

Its documentation does not mean it for identification, and no face is compared by these points here:
they tell how a head is held, and whether eyes and mouth are open.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from models.engines.engine import Network
from models.face import Face

INPUT_SIDE = 192
"""The side in pixels of the square that the network reads."""

POINTS = 468

ROOM = 1.3
"""The side of that square in longer sides of the detector's box. Of 1.2 to 1.6 it gave the most
equal angles for a picture and its mirror picture; from 1.5 on they differ by half as much again."""


@dataclass(frozen=True, eq=False)
class DenseLandmarks:
    """The points of one face.

    points: (468, 3) float32 in MediaPipe's order. x and y are pixels of the picture; z is in the
    same unit, and less towards the camera.
    presence: 0..1, how sure the network is that it saw a face.
    """

    points: NDArray[np.float32]
    presence: float


class FaceMesh:
    """Places the points. One thread at a time may call it."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def locate(self, image: RgbImage, face: Face) -> DenseLandmarks:
        """Return the points of a detected face in an (H, W, 3) uint8 RGB picture."""
        to_square = _upright_square(face)
        square = cv2.warpAffine(image, to_square, (INPUT_SIDE, INPUT_SIDE))
        planes = np.ascontiguousarray(square.transpose(2, 0, 1)[np.newaxis], np.float32) / 255
        found, presence = self._network(planes)
        in_square = found[0] * np.float32(INPUT_SIDE)
        back = cv2.invertAffineTransform(to_square)
        points = np.empty((POINTS, 3), np.float32)
        points[:, :2] = in_square[:, :2] @ back[:, :2].T + back[:, 2]
        points[:, 2] = in_square[:, 2] * np.hypot(*back[:, 0])
        return DenseLandmarks(points, float(presence[0]))


def _upright_square(face: Face) -> NDArray[np.float64]:
    """Return the (2, 3) transform into the square, in which the face's eyes are level."""
    middle = (face.box_xyxy[:2] + face.box_xyxy[2:]) / 2
    scale = INPUT_SIDE / (ROOM * max(face.width, face.height, 1.0))
    return square_around(middle, face.landmarks[1] - face.landmarks[0], scale, INPUT_SIDE)


def square_around(
    middle: NDArray[np.floating], level: NDArray[np.floating], scale: float, side: int
) -> NDArray[np.float64]:
    """Return the (2, 3) transform into a square of `side` pixels around a point of the picture.

    level: (2,) the direction that becomes horizontal. scale: pixels there for one of the picture.
    """
    roll = np.arctan2(level[1], level[0])
    cos, sin = scale * np.cos(roll), scale * np.sin(roll)
    turned = np.array([[cos, sin], [-sin, cos]], np.float64)
    return np.hstack([turned, (side / 2 - turned @ middle)[:, np.newaxis]])
