"""Draws a picture onto the canvas that a network reads, and leads back from there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from common.picture import RgbImage
from models.engines.engine import Array, FloatArray

Size = tuple[int, int]
"""Width and height in pixels."""

AUTHORS_SIDE = 640
"""The canvas's longer side at which these networks are measured by their authors, in pixels."""

LONGEST_SIDE = 1600
"""The longest side of a canvas, in pixels: CenterFace then takes 570 MB of memory, about what MTCNN
takes for the largest pictures."""

LEAST_FACE = 20.0
"""Pixels of the canvas that the smallest face that is looked for has there, where it is not too
large for that. The networks find smaller ones, and place their landmarks badly."""


@dataclass(frozen=True)
class InputForm:
    """What a network reads.

    size: of its canvas; None where it takes any whose sides are multiples of `stride`.
    mean, scale: (pixel - mean) / scale is what it reads; mean is one for each channel, in the
        order of `colour`: "RGB" or "BGR". layout: "NCHW" or "NHWC". numbers: their type, in numpy's
        words.
    border: the gray of what is past the picture. centred: whether the picture lies in the middle
        of the canvas, or else in its upper left corner.
    """

    size: Size | None
    stride: int = 32
    colour: str = "RGB"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    layout: str = "NCHW"
    numbers: str = "float32"
    border: int = 0
    centred: bool = False

    def canvas_size(self, width: int, height: int, min_face_px: float) -> Size:
        """Return the size of the canvas for a picture in which such faces are to be found."""
        if self.size is not None:
            return self.size
        longer = max(width, height)
        wanted = max(AUTHORS_SIDE / longer, LEAST_FACE / min_face_px)
        scale = min(1.0, wanted, LONGEST_SIDE / longer)
        return self._whole(width * scale), self._whole(height * scale)

    def _whole(self, side: float) -> int:
        return max(-(-round(side) // self.stride), 1) * self.stride


@dataclass(frozen=True, eq=False)
class Letterbox:
    """A picture on a canvas of that size.

    scale: the size of a picture's pixel on the canvas, (x, y). corner: where the picture's upper
    left corner lies there, in pixels.
    """

    picture: RgbImage
    size: Size
    scale: FloatArray
    corner: FloatArray
    form: InputForm

    @classmethod
    def of(cls, image: RgbImage, size: Size, form: InputForm) -> Letterbox:
        """Fit an (H, W, 3) uint8 RGB picture into the canvas, its proportions kept."""
        height, width = image.shape[:2]
        scale = min(size[0] / width, size[1] / height)
        if form.size is None:
            scale = min(scale, 1.0)
        fitted = max(1, round(width * scale)), max(1, round(height * scale))
        small = image
        if fitted != (width, height):
            small = np.asarray(
                cv2.resize(
                    image,
                    fitted,
                    interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR,
                ),
                np.uint8,
            )
        room = np.subtract(size, fitted)
        corner = room // 2 if form.centred else np.zeros(2, int)
        return cls(
            small,
            size,
            np.asarray(np.divide(fitted, (width, height)), np.float32),
            np.asarray(corner, np.float32),
            form,
        )

    @cached_property
    def blob(self) -> Array:
        """The network's input: (1, 3, h, w) of the form's numbers, or (1, h, w, 3)."""
        form = self.form
        width, height = self.size
        left, top = (int(v) for v in self.corner)
        rows = slice(top, top + self.picture.shape[0])
        columns = slice(left, left + self.picture.shape[1])
        channels = (0, 1, 2) if form.colour == "RGB" else (2, 1, 0)
        planes = np.empty((1, 3, height, width), np.float32)
        for place, channel in enumerate(channels):
            mean, scale = form.mean[place], form.scale[place]
            plane = planes[0, place]
            plane.fill((form.border - mean) / scale)
            np.multiply(self.picture[..., channel], np.float32(1 / scale), out=plane[rows, columns])
            plane[rows, columns] -= np.float32(mean / scale)
        if form.layout == "NHWC":
            planes = planes.transpose(0, 2, 3, 1)
        return np.ascontiguousarray(planes, form.numbers)

    def in_picture(self, points: FloatArray) -> FloatArray:
        """Return points of the canvas, (..., 2), as points of the picture."""
        return np.asarray((points - self.corner) / self.scale, np.float32)
