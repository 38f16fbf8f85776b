"""Cuts the crop that an embedder reads out of a picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from models.face import Face

ALIGNED_SIDE = 112

ALIGNED_LANDMARKS = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ],
    dtype=np.float32,
)
"""Where the five landmarks lie on an aligned crop: (5, 2) pixels of 112x112, the template of
ArcFace (Deng et al. 2019), which SFace was trained with."""


def alignment(
    landmarks: NDArray[np.float32], template: NDArray[np.float32] = ALIGNED_LANDMARKS
) -> NDArray[np.float64]:
    """Return the (2, 3) similarity transform that brings landmarks to a template, (5, 2) each.

    Least squares over scale, rotation and shift, without reflection (Umeyama 1991; in two
    dimensions it has the closed form used here). Raises ValueError where all landmarks
    coincide.
    """
    source = landmarks.astype(np.float64)
    target = template.astype(np.float64)
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    x, y = (source - source_mean).T
    u, v = (target - target_mean).T
    spread = (x * x + y * y).sum()
    if not spread > 0:
        raise ValueError(f"landmarks coincide: {landmarks}")
    a, b = (x * u + y * v).sum() / spread, (x * v - y * u).sum() / spread
    rotation = np.array([[a, -b], [b, a]])
    shift = target_mean - rotation @ source_mean
    return np.hstack([rotation, shift[:, np.newaxis]])


def aligned_crop(image: RgbImage, face: Face) -> RgbImage:
    """Return the face as (112, 112, 3) uint8 RGB, with eyes, nose and mouth at fixed places.

    It is black past the picture's border.
    """
    matrix = alignment(face.landmarks)
    return np.asarray(
        cv2.warpAffine(image, matrix, (ALIGNED_SIDE, ALIGNED_SIDE), flags=cv2.INTER_LINEAR),
        dtype=np.uint8,
    )


def margin_crop(image: RgbImage, face: Face, side: int = 160, margin: int = 20) -> RgbImage:
    """Return the box and a margin around it, clipped at the picture: (side, side, 3) uint8 RGB.

    The margin is counted in pixels of the crop, as facenet-pytorch's `extract_face` does;
    like it, a box that is not square is stretched to one. Raises ValueError for a face
    that lies wholly outside the picture.
    """
    height, width = image.shape[:2]
    x1, y1, x2, y2 = (float(v) for v in face.box_xyxy)
    extra_x = margin * (x2 - x1) / (side - margin) / 2
    extra_y = margin * (y2 - y1) / (side - margin) / 2
    left, top = int(max(x1 - extra_x, 0)), int(max(y1 - extra_y, 0))
    right, bottom = int(min(x2 + extra_x, width)), int(min(y2 + extra_y, height))
    if right <= left or bottom <= top:
        raise ValueError(f"the face {face.box_xyxy} is outside a picture of {width}x{height}")
    region = image[top:bottom, left:right]
    return np.asarray(cv2.resize(region, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
