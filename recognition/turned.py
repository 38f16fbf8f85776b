"""Looks for faces in a picture that lies on its side or stands on its head, and does not say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from common.picture import RgbImage
from models.detectors.protocol import Detector
from models.face import Face

SURE: Mapping[str, float] = MappingProxyType({"mtcnn": 0.995})
"""The score from which a detector's face is upright for sure, by the detector's name.

MTCNN finds something in a third of the pictures that are turned, often not where the face is. On 60
and 108 pictures of 12 people of Glint360K the upright face had the highest score of all four turns
but once; 7 % of the upright ones had less than this, and 1.5 % of the turned ones more. Another
detector's faces are taken to be upright: what its scores mean was not measured."""

TURN_PIXELS = 1_000_000
"""Faces of 20 pixels in a copy of this size are large enough to be enrolled in a picture of 12.5
megapixels. For larger copies a network of each shape would take a hundred megabytes."""


@dataclass(frozen=True, eq=False)
class Upright:
    """A picture turned so that its faces are upright.

    image: (H, W, 3) uint8 RGB. faces: best first, in its pixels. quarters: by how many quarters of
    a circle it was turned, against the clock.
    """

    image: RgbImage
    faces: Sequence[Face]
    quarters: int

    def turned_back(self, face: Face) -> Face:
        """Return one of the faces in the pixels of the picture as it was given."""
        if not self.quarters:
            return face
        height, width = self.image.shape[:2]
        corners = face.box_xyxy.reshape(2, 2)
        points = np.concatenate([corners, face.landmarks])
        for _ in range(self.quarters):  # with the clock
            points = np.stack([height - points[:, 1], points[:, 0]], axis=1)
            height, width = width, height
        box = np.concatenate([points[:2].min(axis=0), points[:2].max(axis=0)])
        return replace(
            face,
            box_xyxy=np.asarray(box, np.float32),
            landmarks=np.asarray(points[2:], np.float32),
        )


def detect_upright(detector: Detector, image: RgbImage) -> Upright:
    """Find the faces of a still picture, (H, W, 3) uint8 RGB, also where it is turned by a quarter
    or a half.

    It is looked at again, turned, where no face is found that is upright for sure; the turn with
    the best face counts. So an upright picture is looked at once. Which turn a large picture needs
    is found out in a small copy of it.
    """
    found = Upright(image, detector.detect(image), 0)
    if _best(found.faces) >= SURE.get(detector.name, 0.0) and found.faces:
        return found
    small = _small(image)
    best, score = 0, _best(found.faces)
    for quarters in (1, 3, 2):
        turned = _turned(small, quarters)
        faces = detector.detect(turned)
        if _best(faces) > score:
            best, score = quarters, _best(faces)
            if small is image:
                found = Upright(turned, faces, quarters)
    if best and small is not image:
        turned = _turned(image, best)
        found = Upright(turned, detector.detect(turned), best)
    return found


def _turned(image: RgbImage, quarters: int) -> RgbImage:
    return np.ascontiguousarray(np.rot90(image, quarters))


def _small(image: RgbImage) -> RgbImage:
    """Return a copy in which the turn is looked for, or the image itself where it is small."""
    import cv2

    height, width = image.shape[:2]
    scale = min((TURN_PIXELS / (height * width)) ** 0.5, 1.0)
    if scale == 1.0:
        return image
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _best(faces: Sequence[Face]) -> float:
    return max((face.score for face in faces), default=0.0)
