"""Looks a second time at faces that fill the picture or reach its border.

MTCNN's crops are clipped at the picture's border, which squeezes a face that fills it and
misplaces its landmarks. With room around the face the landmarks are right again: on
112x112 pictures filled by a face, rank-1 rose from 223 to 228 of 228.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from common.picture import RgbImage
from models.detectors.boxes import SAME_FACE_IOU, iou
from models.detectors.protocol import Detector
from models.engines.engine import FloatArray
from models.face import Face

ROOM = 0.5
"""Border around a face, in shares of its longer side, on each of the four sides."""

FACE_SIDE = 96
"""Pixels to which a larger face is scaled before the second look: quick, and enough for
landmarks to a hundredth of the face."""

COARSE_SIDE = 16 * FACE_SIDE
"""Pixels. A larger face is looked at on a smaller copy of the picture; otherwise the room around it
would take more memory than the picture. No webcam's face is so large."""

FILLS = 0.6
"""A face whose longer side is at least this share of the picture's shorter one fills it."""


class CloseUpDetector:
    """A detector that looks twice where the first look is known to be bad."""

    def __init__(self, first: Detector, near: Detector, *, live: bool = True) -> None:
        """first: finds all faces. near: a detector of the same kind that looks a second time.

        near finds faces of FACE_SIDE / 2 pixels and more. live: whether detect_part() looks twice,
        too; what comes from a follower that sees past the border needs no second look.
        """
        self.name = first.name
        self._first, self._near, self._is_live = first, near, live
        self.parts = first.parts
        self.follow = first.follow

    def detect(self, image: RgbImage) -> list[Face]:
        """Return all faces of an (H, W, 3) uint8 RGB picture, best first."""
        faces = self._first.detect(image)
        return self._looked_twice(image, faces) if faces else self._look(image, _whole(image))

    def detect_part(self, image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        """Do what Detector says. A face that fills the picture is found with the first part."""
        faces = self._first.detect_part(image, part, boxes)
        if faces or len(boxes) or part:
            return self._looked_twice(image, faces) if self._is_live else faces
        return self._look(image, _whole(image))

    def _looked_twice(self, image: RgbImage, faces: list[Face]) -> list[Face]:
        faces = [self._corrected(image, face) if _is_near(image, face) else face for face in faces]
        return sorted(faces, key=lambda face: face.score, reverse=True)

    def _corrected(self, image: RgbImage, face: Face) -> Face:
        """Return the face as seen with room around it, or unchanged if it is not seen there."""
        again = self._look(image, face.box_xyxy)
        if not again:
            return face
        overlaps = iou(face.box_xyxy[np.newaxis], np.stack([found.box_xyxy for found in again]))[0]
        best = int(overlaps.argmax())
        return again[best] if overlaps[best] >= SAME_FACE_IOU else face

    def _look(self, image: RgbImage, box: FloatArray) -> list[Face]:
        """Detect in the box and the room around it, black past the picture."""
        side = _side(box)
        if side <= COARSE_SIDE:
            return self._look_around(image, box)
        copy, factor = _scaled(image, COARSE_SIDE / side)
        near = np.asarray(box / np.tile(factor, 2), np.float32)
        return [face.scaled(*factor) for face in self._look_around(copy, near)]

    def _look_around(self, image: RgbImage, box: FloatArray) -> list[Face]:
        side = _side(box)
        left, top = (int(v) for v in np.floor(box[:2] - ROOM * side))
        right, bottom = (int(v) for v in np.ceil(box[2:] + ROOM * side))
        region = _region(image, left, top, right, bottom)
        small, factor = _scaled(region, min(1.0, FACE_SIDE / side))
        shift = np.array([left, top], np.float32)
        found = [face.scaled(*factor) for face in self._near.detect(small)]
        return [
            replace(
                face,
                box_xyxy=face.box_xyxy + np.tile(shift, 2),
                landmarks=face.landmarks + shift,
            )
            for face in found
        ]


def _side(box: FloatArray) -> float:
    """Return the box's longer side in pixels."""
    return float(max(box[2] - box[0], box[3] - box[1]))


def _scaled(image: RgbImage, scale: float) -> tuple[RgbImage, FloatArray]:
    """Return a copy at about that scale, and the (x, y) size of its pixels in the original."""
    height, width = image.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    copy = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    factor = np.array([width, height], np.float32) / np.array(size, np.float32)
    return copy, np.asarray(factor, np.float32)


def _whole(image: RgbImage) -> FloatArray:
    height, width = image.shape[:2]
    return np.array([0, 0, width, height], np.float32)


def _is_near(image: RgbImage, face: Face) -> bool:
    height, width = image.shape[:2]
    x1, y1, x2, y2 = face.box_xyxy
    reaches = x1 <= 0 or y1 <= 0 or x2 >= width or y2 >= height
    return bool(reaches) or max(face.width, face.height) >= FILLS * min(height, width)


def _region(image: RgbImage, left: int, top: int, right: int, bottom: int) -> RgbImage:
    """Return image[top:bottom, left:right], black where that reaches past the picture."""
    height, width = image.shape[:2]
    inside = image[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    return np.asarray(
        cv2.copyMakeBorder(
            inside,
            max(-top, 0),
            max(bottom - height, 0),
            max(-left, 0),
            max(right - width, 0),
            cv2.BORDER_CONSTANT,
        ),
        np.uint8,
    )
