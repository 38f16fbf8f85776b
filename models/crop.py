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


def aligned_crop(
    image: RgbImage, face: Face, size: tuple[int, int] = (ALIGNED_SIDE, ALIGNED_SIDE)
) -> RgbImage:
    """Return the face as (h, w, 3) uint8 RGB, with eyes, nose and mouth at fixed places.

    It is black past the picture's border.

    size: (w, h), pixels. The five points fill as much of the height as they do on a crop of 112
    pixels, and are in the middle across: at 96x112 they are where SphereFace (Liu et al. 2017) has
    them.
    """
    width, height = size
    template = ALIGNED_LANDMARKS
    if size != (ALIGNED_SIDE, ALIGNED_SIDE):
        scale = height / ALIGNED_SIDE
        left = (width - scale * ALIGNED_SIDE) / 2
        template = np.asarray(template * scale + np.array([left, 0]), np.float32)
    matrix = alignment(face.landmarks, template)
    return np.asarray(
        cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR), dtype=np.uint8
    )


def margin_crop(
    image: RgbImage, face: Face, size: tuple[int, int] = (160, 160), margin: float = 0.125
) -> RgbImage:
    """Return the box and a margin around it, clipped at the picture: (h, w, 3) uint8 RGB.

    Like facenet-pytorch's `extract_face`, which counts the margin in pixels of the crop, 20 of 160
    by default, it stretches a box that is of another shape. Raises ValueError for a face that lies
    wholly outside the picture.

    size: (w, h), pixels. margin: the share of the crop's sides that lies outside the box.
    """
    height, width = image.shape[:2]
    x1, y1, x2, y2 = (float(v) for v in face.box_xyxy)
    extra_x, extra_y = (
        margin * side * (end - start) / (side - margin * side) / 2
        for side, start, end in zip(size, (x1, y1), (x2, y2), strict=True)
    )
    left, top = int(max(x1 - extra_x, 0)), int(max(y1 - extra_y, 0))
    right, bottom = int(min(x2 + extra_x, width)), int(min(y2 + extra_y, height))
    if right <= left or bottom <= top:
        raise ValueError(f"the face {face.box_xyxy} is outside a picture of {width}x{height}")
    region = image[top:bottom, left:right]
    return np.asarray(cv2.resize(region, size, interpolation=cv2.INTER_AREA), np.uint8)
