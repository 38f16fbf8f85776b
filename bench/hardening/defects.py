"""Degrades pictures of faces, as bad cameras, bad light, haste and clothes do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from common.sentence import Sentence
from models.crop import alignment
from models.face import Face

SEED = 12
"""Of the noise: the same picture is always degraded in the same way."""

VERSION = 1
"""Raised whenever a defect changes: embeddings that were kept of the copies are another's then."""

SUNGLASSES_RGB = (14, 14, 18)
MASK_RGB = (150, 190, 215)

AS_THEY_ARE = Sentence("as they are")

Defect = Callable[[RgbImage, Face], RgbImage]
"""Degrades an (H, W, 3) uint8 RGB picture in which a face was found, whose height is that of an
aligned crop (112 pixels) or less."""


def _blurred(sigma: float) -> Defect:
    def degrade(image: RgbImage, face: Face) -> RgbImage:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)

    return degrade


def _moved(length: int, angle_deg: float = 0.0) -> Defect:
    """A camera or a head that moves evenly by so many pixels while the picture is exposed."""
    kernel = np.zeros((length, length), np.float32)
    reach = np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
    for t in np.linspace(-0.5, 0.5, 8 * length):
        x, y = np.round((length - 1) * (0.5 + t * reach)).astype(int)
        kernel[y, x] += 1
    kernel /= kernel.sum()

    def degrade(image: RgbImage, face: Face) -> RgbImage:
        return np.asarray(
            cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE), np.uint8
        )

    return degrade


def _noisy(sigma: float) -> Defect:
    def degrade(image: RgbImage, face: Face) -> RgbImage:
        noise = np.random.default_rng(SEED).normal(0, sigma, image.shape)
        return np.clip(np.round(image + noise), 0, 255).astype(np.uint8)

    return degrade


def _compressed(quality: int) -> Defect:
    def degrade(image: RgbImage, face: Face) -> RgbImage:
        file = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)[..., ::-1].copy()

    return degrade


def _dark(share: float) -> Defect:
    """So little of the light is left, and the sensor's noise is as it was."""

    def degrade(image: RgbImage, face: Face) -> RgbImage:
        noise = np.random.default_rng(SEED).normal(0, 2.0, image.shape)
        return np.clip(np.round(image * share + noise), 0, 255).astype(np.uint8)

    return degrade


def _small(face_px: int) -> Defect:
    def degrade(image: RgbImage, face: Face) -> RgbImage:
        scale = face_px / max(face.height, 1.0)
        height, width = image.shape[:2]
        size = max(1, round(width * scale)), max(1, round(height * scale))
        return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)

    return degrade


def _sunglasses(image: RgbImage, face: Face) -> RgbImage:
    """Two dark lenses, a bridge and temples, as a pair of frames of one size for all sits."""
    painted = image.copy()
    left, right = face.landmarks[:2].astype(np.float64)
    across = float(np.hypot(*(right - left)))
    angle = float(np.degrees(np.arctan2(*(right - left)[::-1])))
    for eye in (left, right):
        cv2.ellipse(
            painted,
            _point(eye + np.array([0, 0.05 * across])),
            (max(1, round(0.40 * across)), max(1, round(0.30 * across))),
            angle,
            0,
            360,
            SUNGLASSES_RGB,
            -1,
            cv2.LINE_AA,
        )
    outwards = (right - left) * 0.75
    thick = max(1, round(0.08 * across))
    cv2.line(
        painted,
        _point(left - outwards),
        _point(right + outwards),
        SUNGLASSES_RGB,
        thick,
        cv2.LINE_AA,
    )
    return painted


def _mask(image: RgbImage, face: Face) -> RgbImage:
    """A medical mask from the bridge of the nose to below the chin."""
    outline = np.array(
        [[12, 62], [56, 58], [100, 62], [98, 88], [84, 112], [56, 122], [28, 112], [14, 88]],
        np.float64,
    )
    to_crop = np.vstack([alignment(face.landmarks), [0, 0, 1]])
    back = np.linalg.inv(to_crop)[:2]
    points = outline @ back[:, :2].T + back[:, 2]
    painted = image.copy()
    cv2.fillPoly(painted, [np.round(points).astype(np.int32)], MASK_RGB, cv2.LINE_AA)
    return painted


def _point(xy: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(xy[0])), round(float(xy[1]))


DEFECTS: Mapping[str, Defect] = MappingProxyType(
    {
        AS_THEY_ARE: lambda image, face: image,
        Sentence("blurred, sigma {} px", 2): _blurred(2),
        Sentence("blurred, sigma {} px", 3): _blurred(3),
        Sentence("blurred, sigma {} px", 4): _blurred(4),
        Sentence("motion blur, {} px", 9): _moved(9),
        Sentence("motion blur, {} px", 15): _moved(15),
        Sentence("motion blur, {} px", 25): _moved(25),
        Sentence("sunglasses"): _sunglasses,
        Sentence("mask"): _mask,
        Sentence("noise, sigma {}", 25): _noisy(25),
        Sentence("noise, sigma {}", 50): _noisy(50),
        Sentence("JPEG quality {}", 5): _compressed(5),
        Sentence("dark, {} % of the light", 10): _dark(0.1),
        Sentence("small, {} px", 24): _small(24),
    }
)
