"""Computes landmarks of heads and pictures before a camera, with the noise that MTCNN has.

Lengths are in distances between a head's eyes (63 mm); the camera looks along +z, y is down.

How MTCNN places landmarks was measured on ../shared/video (105 frames at 1920x1080): what remains
of the landmarks of detected faces after a quadratic is fitted to the nine frames around each. Its
standard deviation, in eye distances: 0.042 for faces below 50 pixels, 0.029 from 50 to 75, 0.037
from 75 to 100, and 0.048 above for faces turned by less than 0.3 (Quality.yaw). Most of it is
common to all five; each by itself has 0.019 from 50 pixels on, 0.023 from 75, 0.025 from 100. It
is white (a frame and the next: -0.08 to 0.14); its kurtosis is 3 to 6. Followed faces have less.

On flat pictures MTCNN sees a part of the parallax that a head would have: see VIEW_BIAS.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.face import Face

Points = NDArray[np.float64]

NOISE = 0.025
"""Standard deviation of each landmark by itself, on both axes, in frontal eye distances."""

COMMON_NOISE = 0.03
"""Standard deviation of what all five landmarks have in common, in the same unit."""

FREEDOM = 7
"""Degrees of freedom of the noise's Student's t distribution, whose kurtosis is then 5."""

VIEW_BIAS = (0.07, 0.045)
"""Mean and standard deviation among pictures of the parallax that MTCNN sees on a flat picture,
divided by the sine of its tilt. This is the parallax across, of a picture that is turned; where it
is nodded the mean is 0.02. Measured on 47 real pictures tilted by 15, 25, 35 and 45 degrees."""

VIEW_BIAS_NOD = 0.02

HEAD: Points = (
    np.array(
        [
            [-3.15, -2.62, 0.0],
            [3.15, -2.62, 0.0],
            [0.0, 1.13, -3.57],
            [-2.46, 4.34, 0.0],
            [2.46, 4.34, 0.0],
        ]
    )
    / 6.3
)
"""(5, 3): MediaPipe's canonical face model (google/mediapipe, face_geometry, Apache-2.0; cm):
the means of the eyes' corners, the tip of the nose, the corners of the mouth, whose z is measured
from the plane of the other four. Its nose stands out by 0.57."""

NOSE_DEPTH = (0.43, 0.06, 0.3, 0.57)
"""A nose's depth in eye distances: mean, standard deviation, least and most. What MTCNN sees of
real noses is less than the model's: 0.33 to 0.55 on ../shared/video."""

FACE_EYES = (2.2, 2.8)
"""Width and height of MTCNN's box in frontal eye distances: the medians of 385 on the video."""

NECK = np.array([0.0, 0.8, 1.5])
"""The point about which a head turns: behind the mouth, 95 mm behind the plane of the face."""


@dataclass(frozen=True, eq=False)
class Camera:
    """A camera.

    focal_px: half the width divided by the tangent of half the horizontal field of view.
    """

    width: int = 640
    height: int = 480
    focal_px: float = 600.0

    def see(self, points: Points) -> Points:
        """Project points, (..., 3) in eye distances, to the picture: (..., 2) pixels."""
        middle = np.array([self.width / 2, self.height / 2])
        return np.asarray(points[..., :2] / points[..., 2:] * self.focal_px + middle)


def turns(yaw: Points, pitch: Points, roll: Points) -> Points:
    """Return the (n, 3, 3) rotations by angles in radians, (n,) each.

    Positive yaw turns to the person's left (the picture's right), positive pitch down, and
    positive roll clockwise in the picture.
    """
    zero, one = np.zeros_like(yaw), np.ones_like(yaw)
    cos, sin = np.cos(yaw), np.sin(yaw)
    about_y = _matrix([cos, zero, -sin, zero, one, zero, sin, zero, cos])
    cos, sin = np.cos(pitch), np.sin(pitch)
    about_x = _matrix([one, zero, zero, zero, cos, -sin, zero, sin, cos])
    cos, sin = np.cos(roll), np.sin(roll)
    about_z = _matrix([cos, -sin, zero, sin, cos, zero, zero, zero, one])
    return np.asarray(about_z @ about_y @ about_x)


def _matrix(columns: list[Points]) -> Points:
    return np.stack(columns, axis=-1).reshape(-1, 3, 3)


def bent(points: Points, sagitta: Points, width: float, axis: float) -> Points:
    """Bend a sheet to a part of a cylinder, once for each of n sagittas: (n, m, 3).

    points: (m, 2) on the sheet. width: the sheet's. sagitta: (n,) shares of the width; positive
    ones bulge towards the camera. axis: direction on the sheet that is bent, in radians.
    """
    along = np.array([np.cos(axis), np.sin(axis)])
    t = points @ along
    height = np.maximum(np.abs(sagitta), 1e-6) * width
    radius = (width**2 / 4 + height**2) / (2 * height)
    angle = t / radius[:, np.newaxis]
    shorter = radius[:, np.newaxis] * np.sin(angle) - t
    depth = -np.sign(sagitta)[:, np.newaxis] * radius[:, np.newaxis] * (1 - np.cos(angle))
    flat = points + shorter[..., np.newaxis] * along
    return np.concatenate([flat, -depth[..., np.newaxis]], axis=-1)


def trembled(pixels: Points, eye_px: Points, random: np.random.Generator) -> Points:
    """Return (n, 5, 2) pixels with MTCNN's noise. eye_px: (n,), frontal distance of the eyes."""
    by_itself = random.standard_t(FREEDOM, pixels.shape) * NOISE / np.sqrt(FREEDOM / (FREEDOM - 2))
    together = random.normal(0, COMMON_NOISE, (len(pixels), 1, 2))
    return np.asarray(pixels + (by_itself + together) * eye_px[:, np.newaxis, np.newaxis])


def detected(pixels: Points, eye_px: Points) -> list[Face]:
    """Return faces with these landmarks, (n, 5, 2), and boxes as large as MTCNN's."""
    middle = pixels[:, [0, 1, 3, 4]].mean(axis=1)
    half = eye_px[:, np.newaxis] * np.array(FACE_EYES) / 2
    boxes = np.hstack([middle - half, middle + half]).astype(np.float32)
    landmarks = pixels.astype(np.float32)
    return [Face(box, 0.99, points) for box, points in zip(boxes, landmarks, strict=True)]
