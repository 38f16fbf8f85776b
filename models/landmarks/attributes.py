"""What can be told of a face beside whose it is: how the head is held, whether eyes are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from common.picture import RgbImage
from models.face import Face
from models.landmarks.face_mesh import DenseLandmarks, FaceMesh
from models.landmarks.head_pose import HeadAngles, head_angles
from models.landmarks.iris import IrisLandmarks
from models.landmarks.openness import eye_openings, mouth_opening


@dataclass(frozen=True)
class FaceAttributes:
    """What was told of one face in one picture.

    eye_opening: mean of both eyes, in eye widths. It compares pictures that were told with the same
        networks: without the iris model it has another scale. mouth_opening: see mouth_opening().
    presence: 0..1, see DenseLandmarks. A hand or a mask before the mouth lowers it below
        UNHIDDEN in half of the pictures only, so that it may rank pictures, but refuse none.
    """

    angles: HeadAngles
    eye_opening: float
    mouth_opening: float
    presence: float


UNHIDDEN = 0.996
"""98 in 100 pictures have a presence above it; with a mask or a hand painted over the mouth 59 and
46 in 100 do, of 144 pictures that were not used to choose it."""


SEEN = 0.5
"""From this presence on the network has seen a face. Of 288 pictures of faces all but two have 0.97
and more; a skull on a sweatshirt that MTCNN takes for a face in a film has at most 0.4 in 21 of 23
frames."""


@dataclass(frozen=True, eq=False)
class MeshedFace:
    """Where the points of a face are. eyes: how far the left and the right eye are open, as the
    viewer sees them, in eye widths; see FaceAttributes.eye_opening."""

    mesh: DenseLandmarks
    eyes: tuple[float, float]


class AttributeSource(Protocol):
    """Tells the attributes of faces. One thread at a time may call it."""

    def place(self, image: RgbImage, face: Face) -> MeshedFace | None:
        """Return the points of a detected face in an (H, W, 3) uint8 RGB picture.

        None where no face is seen there.
        """

    def analyze(self, image: RgbImage, face: Face) -> FaceAttributes | None:
        """Return the attributes of a detected face in an (H, W, 3) uint8 RGB picture.

        None where no face is seen there.
        """


class FaceAnalyzer:
    """Tells the attributes by FaceMesh and the iris model.

    iris: looks at the eyes where it is given; FaceMesh alone takes closed eyes for open ones.
    """

    def __init__(self, mesh: FaceMesh, iris: IrisLandmarks | None) -> None:
        self._mesh = mesh
        self._iris = iris

    def place(self, image: RgbImage, face: Face) -> MeshedFace | None:
        landmarks = self._mesh.locate(image, face)
        if landmarks.presence < SEEN:
            return None
        if self._iris is None:
            return MeshedFace(landmarks, eye_openings(landmarks))
        return MeshedFace(landmarks, self._iris.eye_openings(image, landmarks))

    def analyze(self, image: RgbImage, face: Face) -> FaceAttributes | None:
        placed = self.place(image, face)
        if placed is None:
            return None
        mesh = placed.mesh
        return FaceAttributes(
            head_angles(mesh), sum(placed.eyes) / 2, mouth_opening(mesh), mesh.presence
        )
