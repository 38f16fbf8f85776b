"""Renders what FaceMesh and the iris model see of heads and pictures: points, and open or closed
eyes.

Lengths are in distances between a head's eyes, as in bench/liveness/heads.py. FaceMesh's noise was
measured on ../shared/video/webcam as MTCNN's was: each of the points that keep their places has
0.0043 of the distance of the eyes' outer corners by itself, all have 0.0053 in common; the
opening of an eye has 0.008.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.liveness.heads import HEAD, NECK, Camera, Points, bent, detected, trembled, turns
from models.face import Face
from models.landmarks.face_mesh import POINTS, DenseLandmarks
from models.landmarks.head_pose import MEAN_FACE, RIGID_POINTS
from recognition.liveness.small_movements import LIDS

NOISE, COMMON_NOISE, EYE_NOISE = 0.0043, 0.0053, 0.008

OPEN, CLOSED = 0.25, 0.13
"""The opening of an open and of a closed eye, as the iris model sees it on these films."""

VIEW_BIAS = 0.03
"""The standard deviation of the turn that FaceMesh sees on a flat picture, divided by the sine of
its tilt; 0.02 at 40 degrees was measured (recognition/liveness/relief.py)."""

_CORNERS_OF_EYES = ((33, 133), (362, 263))
_IN_EYES = 1 / 0.692
"""The distance of the outer corners, of which the mean face's numbers are, in eye distances."""


def _rigid() -> Points:
    """Return the mean face's points, (n, 3), where those of HEAD are."""
    corners = MEAN_FACE[np.isin(RIGID_POINTS, _CORNERS_OF_EYES)].mean(axis=0)
    return np.asarray((MEAN_FACE - corners) * _IN_EYES + HEAD[:2].mean(axis=0))


RIGID = _rigid()

_PLACED = np.concatenate([RIGID_POINTS, LIDS])
"""The points that are rendered; FaceMesh's others are left at the corner of the picture."""


def _placed() -> Points:
    """Return where the points of _PLACED are, (n, 3): lids are in the middle of their eyes."""
    eyes = [RIGID[np.isin(RIGID_POINTS, corners)].mean(axis=0) for corners in _CORNERS_OF_EYES]
    return np.concatenate([RIGID, np.repeat(eyes, len(LIDS) // 2, axis=0)])


PLACED = _placed()


@dataclass(frozen=True)
class RenderedView:
    """What detector, FaceMesh and iris model say of one frame."""

    face: Face
    mesh: DenseLandmarks
    eyes: tuple[float, float]


class RenderedFace:
    """A head, or a picture of one, before a camera.

    is_flat: whether it is a picture. width: of the picture, in eye distances.
    """

    def __init__(
        self, random: np.random.Generator, *, is_flat: bool = False, width: float = 4.0
    ) -> None:
        self.random = random
        self.camera = Camera()
        self._is_flat = is_flat
        self._width = width
        self._scale = random.normal(1, 0.05, 3)
        self._bias = random.normal(0, VIEW_BIAS, 2) if is_flat else np.zeros(2)

    def view(
        self,
        *,
        yaw: float = 0.0,
        pitch: float = 0.0,
        roll: float = 0.0,
        x: float = 0.0,
        y: float = 0.0,
        z: float = 8.0,
        eyes: float = OPEN,
        sagitta: float = 0.0,
    ) -> RenderedView:
        """Return what is seen. Angles in degrees, place in eye distances, sagitta of a bent picture
        in its widths."""
        angles = np.radians([yaw, pitch, roll])
        five, placed = (points * self._scale for points in (HEAD, PLACED))
        depth = placed[:, 2]
        if self._is_flat:
            five, placed = (
                bent(points[:, :2], np.array([sagitta]), self._width, 0.0)[0]
                for points in (five, placed)
            )
        neck = np.zeros(3) if self._is_flat else NECK
        turned = turns(*angles[:, np.newaxis])[0].T
        place = np.array([x, y, z])
        pixels, points = (
            self.camera.see((each - neck) @ turned + neck + place) for each in (five, placed)
        )
        eye_px = np.array([self.camera.focal_px / z])
        points -= depth[:, np.newaxis] * np.sin(angles[:2]) * self._bias * eye_px
        corner_px = float(eye_px[0]) * _IN_EYES
        points += self.random.normal(0, NOISE, points.shape) * corner_px
        points += self.random.normal(0, COMMON_NOISE, 2) * corner_px
        (face,) = detected(trembled(pixels[np.newaxis], eye_px, self.random), eye_px)
        mesh = np.zeros((POINTS, 3), np.float32)
        mesh[_PLACED, :2], mesh[_PLACED, 2] = points, depth * eye_px[0]
        left, right = eyes + self.random.normal(0, EYE_NOISE, 2)
        return RenderedView(face, DenseLandmarks(mesh, 0.99), (float(left), float(right)))
