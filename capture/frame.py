"""One picture from a source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from common.picture import RgbImage


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture and the time when it was taken. It crosses threads and is never written to.

    image: (H, W, 3) uint8 RGB, read-only.
    index: counts the source's frames from 0, the dropped ones included.
    captured_at: seconds on the monotonic clock; for a file read as fast as it can be,
        its place in the file (seconds from the start).
    still: a picture that stands for itself: it does not follow the one before, as a film's do.
    """

    image: RgbImage
    index: int
    captured_at: float
    still: bool = False

    def __post_init__(self) -> None:
        if self.image.ndim != 3 or self.image.shape[2] != 3 or self.image.dtype != np.uint8:
            raise ValueError(f"not an (H, W, 3) uint8 image: {self.image.shape} {self.image.dtype}")
        self.image.setflags(write=False)
