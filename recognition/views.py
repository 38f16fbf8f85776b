"""What a template keeps of its picture, so that another embedder can make its own of it."""

from __future__ import annotations

import cv2
import numpy as np

from common.picture import RgbImage
from gallery.identity import FaceView
from models.face import Face

ROOM = 0.4
"""So much of the box's longer side is kept around it, on each side: a five-point crop of a face
that is turned by 45 degrees, and a margin crop of half the box, still lie within."""

LONGEST_PX = 160
"""The longer side of the box; a larger face is scaled down to it."""


def face_view(image: RgbImage, face: Face) -> FaceView:
    """Return a face of an (H, W, 3) uint8 RGB picture with the room around it."""
    height, width = image.shape[:2]
    x1, y1, x2, y2 = (float(v) for v in face.box_xyxy)
    longest = max(x2 - x1, y2 - y1)
    left, top = (max(int(np.floor(v - ROOM * longest)), 0) for v in (x1, y1))
    right = min(int(np.ceil(x2 + ROOM * longest)), width)
    bottom = min(int(np.ceil(y2 + ROOM * longest)), height)
    if right <= left or bottom <= top:
        raise ValueError(f"the face {face.box_xyxy} is outside a picture of {width}x{height}")
    picture = image[top:bottom, left:right]
    scale = min(LONGEST_PX / longest, 1.0)
    if scale < 1:
        size = (max(round((right - left) * scale), 1), max(round((bottom - top) * scale), 1))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    corner = np.array([left, top], np.float32)
    factor = np.array(picture.shape[1::-1], np.float32) / (right - left, bottom - top)
    box = (face.box_xyxy.reshape(2, 2) - corner) * factor
    landmarks = (face.landmarks - corner) * factor
    return FaceView(
        np.ascontiguousarray(picture), box.ravel().astype(np.float32), landmarks.astype(np.float32)
    )


def face_of(view: FaceView) -> Face:
    """Return where the face is in the view's picture."""
    return Face(view.box, 1.0, view.landmarks)
