"""Prepares a frame for the screen: converted once, scaled once, into memory that is reused."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PyQt5.QtGui import QImage

from common.picture import RgbImage
from desktop.shared.pictures import qimage_of


class ScreenPicture:
    """Holds one frame as the screen needs it. While sizes stay, cv2 writes into the same memory."""

    def __init__(self) -> None:
        self._bgra: NDArray[np.uint8] | None = None
        self._flipped: NDArray[np.uint8] | None = None
        self._scaled: NDArray[np.uint8] | None = None

    @property
    def image(self) -> QImage | None:
        """A view of what was rendered last, valid until the next rendering; None before."""
        return None if self._scaled is None else qimage_of(self._scaled)

    def load(self, image: RgbImage) -> None:
        """Take the frame to be rendered: (H, W, 3) uint8 RGB."""
        self._bgra = _as_bytes(cv2.cvtColor(image, cv2.COLOR_RGB2BGRA, self._bgra))

    def render(
        self, size: tuple[int, int], mirrored: bool, part: tuple[slice, slice] | None = None
    ) -> None:
        """Scale the loaded frame.

        size: width and height, in the screen's own pixels. mirrored: left and right change
        places. part: rows and columns of the frame, before it is mirrored; None for all.
        """
        if self._bgra is None:
            return
        picture = self._bgra if part is None else self._bgra[part]
        method = cv2.INTER_AREA if size[1] < picture.shape[0] else cv2.INTER_LINEAR
        if mirrored:
            picture = self._flipped = _as_bytes(cv2.flip(picture, 1, self._flipped))
        self._scaled = _as_bytes(cv2.resize(picture, size, self._scaled, interpolation=method))

    def clear(self) -> None:
        """Show nothing from now on, since another source follows."""
        self._scaled = None


def _as_bytes(image: cv2.typing.MatLike) -> NDArray[np.uint8]:
    return np.asarray(image, np.uint8)
