"""The interface of a face detector."""

from __future__ import annotations

from typing import Protocol

from common.picture import RgbImage
from models.engines.engine import FloatArray
from models.face import Face


class Detector(Protocol):
    """Finds faces. One thread at a time may call it."""

    name: str

    def detect(self, image: RgbImage) -> list[Face]:
        """Return all faces of an (H, W, 3) uint8 RGB picture, best first."""

    def parts(self, image: RgbImage) -> int:
        """Return into how many parts detect_part() cuts the work on pictures of this size."""

    def detect_part(self, image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        """Return the faces of part `part` of a detection, and those near the given (n, 4) boxes.

        All parts in turn, on the same picture, find about what detect() finds. So in live video no
        single frame has to wait for the whole detection.
        """

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        """Return the faces near the given (n, 4) boxes, in much less time than detect()."""
