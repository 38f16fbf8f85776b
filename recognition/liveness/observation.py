"""The facts of each frame that liveness is told."""

from __future__ import annotations

from dataclasses import dataclass

from common.picture import RgbImage
from models.face import Face
from models.landmarks.face_mesh import DenseLandmarks


@dataclass(frozen=True, eq=False)
class Observation:
    """One face in one frame.

    at: monotonic seconds. image: (H, W, 3) uint8 RGB, the whole frame. similarity: the cosine to
    the templates of the named identity; None where it was not measured in this frame.
    mesh: FaceMesh's points; None where they were not placed in this frame, to save time, or cannot
    be. eyes: how far the left and the right eye are open, as the viewer sees them, in eye widths,
    by the iris model, or by the mesh without one; None where the mesh is.
    """

    at: float
    track_id: int
    face: Face
    image: RgbImage
    similarity: float | None = None
    mesh: DenseLandmarks | None = None
    eyes: tuple[float, float] | None = None
