"""What facenet-pytorch makes of a picture, to compare with."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import interpolate

from common.picture import RgbImage
from models.engines.engine import FloatArray


def random_picture(seed: int, height: int, width: int, darkest: int = 0) -> RgbImage:
    return np.random.default_rng(seed).integers(darkest, 256, (height, width, 3), np.uint8)


def area_averaged(image: RgbImage, height: int, width: int) -> FloatArray:
    """What facenet-pytorch's imresample gives, normalized: (height, width, 3) float32."""
    planes = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None].float()
    resized = interpolate(planes, size=(height, width), mode="area")
    return np.asarray((resized[0].permute(1, 2, 0).numpy() - 127.5) * 0.0078125, np.float32)
