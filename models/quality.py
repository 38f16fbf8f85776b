"""Measures how well a face is seen: enrollment asks for it, recognition trusts by it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from common.picture import RgbImage
from models.crop import aligned_crop
from models.face import Face
from models.flaws import Flaw, find_flaws

FULL_SIZE_PX = 112.0
"""A face of this height fills an aligned crop; a smaller one is blown up to it."""

SHARP = 280.0
"""The median sharpness of 288 real face crops; from here on more does not count."""

TURNED = 0.5
"""The yaw of a face that is halfway to a profile: nothing of its score is left."""


@dataclass(frozen=True)
class Quality:
    """The quality of one face in one picture.

    face_height_px: height of the box. sharpness: variance of the Laplacian of the aligned crop's
    grey values (Pech-Pacheco et al. 2000), 0 and up. brightness: mean grey value of the crop,
    0..255. contrast: its standard deviation. yaw: the nose's offset from the middle of the
    eyes, in eye distances, -1..1; 0 is frontal, positive is towards the picture's right.
    roll_deg: angle of the line through the eyes. cut_off: whether the box reaches the picture's
    border. flaws: what makes the face too bad to be sure of.
    """

    face_height_px: float
    sharpness: float
    brightness: float
    contrast: float
    yaw: float
    roll_deg: float
    cut_off: bool
    flaws: frozenset[Flaw] = frozenset()

    @property
    def score(self) -> float:
        """Return the product of size, sharpness, frontality and light, each and all 0..1."""
        size = min(self.face_height_px / FULL_SIZE_PX, 1.0)
        sharp = min(self.sharpness / SHARP, 1.0) ** 0.5
        frontal = _frontal(self.yaw)
        light = max(0.0, 1.0 - abs(self.brightness - 128.0) / 128.0) ** 0.5
        return float(size * sharp * frontal * light)


def measure(image: RgbImage, face: Face) -> Quality:
    """Measure the quality of a face in an (H, W, 3) uint8 RGB picture."""
    crop = aligned_crop(image, face)
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    inner = grey[16:-8, 16:-16]
    _, ((edges,),) = cv2.meanStdDev(cv2.Laplacian(inner, cv2.CV_32F))
    ((brightness,),), ((contrast,),) = cv2.meanStdDev(inner)
    height, width = image.shape[:2]
    x1, y1, x2, y2 = face.box_xyxy
    return Quality(
        face_height_px=face.height,
        sharpness=float(edges) ** 2,
        brightness=float(brightness),
        contrast=float(contrast),
        yaw=yaw(face),
        roll_deg=float(np.degrees(np.arctan2(*(face.landmarks[1] - face.landmarks[0])[::-1]))),
        cut_off=bool(x1 < 0 or y1 < 0 or x2 > width or y2 > height),
        flaws=find_flaws(image, face, crop),
    )


def yaw(face: Face) -> float:
    """Return the yaw as Quality.yaw defines it, from the landmarks alone."""
    # Plain numbers: it is asked for in every frame, and NumPy is slow with so few.
    (left_x, left_y), (right_x, right_y), (nose_x, nose_y) = face.landmarks[:3].tolist()
    across_x, across_y = right_x - left_x, right_y - left_y
    off_x, off_y = nose_x - (left_x + right_x) / 2, nose_y - (left_y + right_y) / 2
    square = across_x * across_x + across_y * across_y or 1.0
    return float(min(max((off_x * across_x + off_y * across_y) / square, -1.0), 1.0))


def view_px(face: Face) -> float:
    """Return how well a face is seen, from its box and landmarks alone, in almost no time.

    It is the face's height in pixels, reduced as the face turns away; 0 for a half profile.
    """
    return face.height * _frontal(yaw(face))


def _frontal(turned: float) -> float:
    """Return 1 for a frontal face, 0 for a half profile. turned: the face's yaw."""
    return max(0.0, 1.0 - abs(turned) / TURNED)
