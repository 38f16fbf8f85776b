"""The facts of each frame that liveness is told."""

from __future__ import annotations

from dataclasses import dataclass

from common.picture import RgbImage
from models.face import Face


@dataclass(frozen=True, eq=False)
class Observation:
    """One face in one frame.

    at: monotonic seconds. image: (H, W, 3) uint8 RGB, the whole frame. similarity: the cosine to
    the templates of the named identity; None where it was not measured in this frame.
    """

    at: float
    track_id: int
    face: Face
    image: RgbImage
    similarity: float | None = None
