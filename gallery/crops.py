"""Turns pictures to files as the store keeps them, and back, so that embeddings can be remade."""

from __future__ import annotations

import cv2
import numpy as np

from common.picture import RgbImage

JPEG_QUALITY = 92

NO_CROP: RgbImage = np.zeros((0, 0, 3), np.uint8)
"""The crop of a template that came without one: an embedding that another program has made."""

_SIDE = 112


def no_portrait() -> RgbImage:
    """Return what stands for the portrait of a person without crops, (112, 112, 3) uint8 RGB: the
    outline of head and shoulders."""
    picture = np.full((_SIDE, _SIDE, 3), 205, np.uint8)
    cv2.ellipse(picture, (56, 118), (42, 44), 0, 0, 360, (150, 150, 150), cv2.FILLED, cv2.LINE_AA)
    cv2.circle(picture, (56, 46), 23, (150, 150, 150), cv2.FILLED, cv2.LINE_AA)
    return picture


def to_png(crop: RgbImage) -> bytes:
    """Encode an RGB crop as PNG; NO_CROP gives no bytes.

    Raises ValueError unless it is an (h, w, 3) uint8 array.
    """
    if crop.shape == NO_CROP.shape and crop.dtype == np.uint8:
        return b""
    if crop.ndim != 3 or crop.shape[2] != 3 or crop.dtype != np.uint8:
        raise ValueError(f"not an (h, w, 3) uint8 crop: {crop.shape} {crop.dtype}")
    _, png = cv2.imencode(".png", cv2.cvtColor(crop, cv2.COLOR_RGB2BGR))
    return png.tobytes()


def from_png(png: bytes) -> RgbImage:
    """Decode a PNG to an (h, w, 3) uint8 RGB crop. Raises ValueError where it is no picture."""
    return _decoded(png)


def to_jpeg(view: RgbImage) -> bytes:
    """Encode an (h, w, 3) uint8 RGB picture as JPEG of the quality JPEG_QUALITY."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(view, cv2.COLOR_RGB2BGR), quality)
    return jpeg.tobytes()


def from_jpeg(jpeg: bytes) -> RgbImage:
    """Decode a JPEG to an (h, w, 3) uint8 RGB picture. Raises ValueError where it is none."""
    return _decoded(jpeg)


def _decoded(content: bytes) -> RgbImage:
    if not content:
        raise ValueError("nothing where a picture was expected")
    bgr = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError("not a picture")
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
