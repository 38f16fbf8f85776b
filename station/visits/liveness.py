"""Runs recognition's liveness check on one face, and tells it whose face it is taken for."""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import NDArray

from capture.frame import Frame
from common.errors import UnknownIdentityError
from common.sentence import Sentence
from models.conversion import weights
from models.embedders.embedder import embed_face
from models.landmarks.attributes import MeshedFace
from models.liveness_network import LivenessNetwork
from recognition.liveness.check import LivenessCheck, Mode
from recognition.liveness.continuity import is_frontal
from recognition.liveness.cues import cues_of_a_camera
from recognition.liveness.frozen import FrozenCamera
from recognition.liveness.observation import Observation
from recognition.liveness.progress import Pending, Progress
from recognition.recognizer import RecognizedFace, Recognizer
from station.liveness_modes import LIVENESS_SAYS, LivenessMode

MESH_EVERY_S, ASKED_MESH_EVERY_S = 0.09, 0.045
"""FaceMesh looks once in so many seconds, in every third frame of 30 a second, and in every second
one while something is asked for: with the iris model it takes 5 ms. A blink shuts the eyes for 0.07
to 0.15 s."""

LIKENESS_EVERY_S = 0.3
"""In the mode "when unsure" the face is compared with the named person's whenever the recognizer
looks at it, and once in so many seconds in any case; in between the tracker and the continuity of
box and size hold on to it."""

NO_MESH = Sentence(
    "FaceMesh is missing or damaged: blinks and small movements cannot be seen, and whoever is "
    "asked for something has to turn the head clearly"
)


def liveness_told(mode: LivenessMode) -> Sentence:
    """Returns what a mode does here, in a sentence, and what it has to do without."""
    does = LIVENESS_SAYS[mode]
    if mode == "off" or weights.is_here(weights.FACE_MESH):
        return does
    return Sentence("{}; {}", does, NO_MESH)


class FaceLiveness:
    """Presentation-attack detection for one face, one name and one track.

    camera: remembers what the camera showed over all attempts. network: may veto; None for none.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        mode: Mode,
        random: np.random.Generator,
        camera: FrozenCamera,
        network: LivenessNetwork | None = None,
    ) -> None:
        self._recognizer = recognizer
        self._camera = camera
        self._check = LivenessCheck(
            mode, random, recognizer.embedder.figures, cues_of_a_camera(camera, network)
        )
        self._of_whom: tuple[int, str | None] | None = None
        self._likeness_every_s = LIKENESS_EVERY_S if mode == "when unsure" else 0.0
        self._meshed_at = self._compared_at = -inf
        self._look: NDArray[np.float32] | None = None
        self._is_asked = False

    def see(
        self, frame: Frame, face: RecognizedFace, named: str | None, *, may_ask: bool = True
    ) -> Progress:
        """Takes in a frame and returns the verdict so far; called in each frame until the check-in
        is written.

        named: the id of the person for whom the face is taken, the same in each call: another name
        needs another check. With None the face is only watched, and never passes. A failure is
        final. may_ask: whether the person would see it if something were asked for now. Raises
        ValueError for another face or another name.
        """
        if face.track_id is None:
            raise ValueError("a face of a still picture has no track")
        of_whom = face.track_id, named
        if of_whom != (self._of_whom or of_whom):
            raise ValueError(f"an attempt of {self._of_whom} was shown {of_whom}")
        self._of_whom = of_whom
        if named is None:
            # For those who are named afterwards.
            self._camera.see(Observation(frame.captured_at, face.track_id, face.face, frame.image))
            return Pending()
        placed = self._placed(frame, face)
        observation = Observation(
            frame.captured_at,
            face.track_id,
            face.face,
            frame.image,
            self._similarity(frame, face, named),
            placed.mesh if placed is not None else None,
            placed.eyes if placed is not None else None,
        )
        progress = self._check.see(observation, may_ask=may_ask)
        self._is_asked = isinstance(progress, Pending) and progress.steps > 0
        return progress

    def decline(self) -> None:
        """Notes that the person says they cannot do what is asked."""
        self._check.decline()

    def _placed(self, frame: Frame, face: RecognizedFace) -> MeshedFace | None:
        analyzer = self._recognizer.analyzer
        every_s = ASKED_MESH_EVERY_S if self._is_asked else MESH_EVERY_S
        if analyzer is None or frame.captured_at - self._meshed_at < every_s:
            return None
        self._meshed_at = frame.captured_at
        return analyzer.place(frame.image, face.face)

    def _similarity(self, frame: Frame, face: RecognizedFace, named: str) -> float | None:
        """Returns the similarity of this frame's face to the person; None where the face turns
        away, or was compared a moment ago."""
        at = frame.captured_at
        look, self._look = self._look, face.embedding
        is_new = look is not None and face.embedding is not look  # of this frame, then
        due = at - self._compared_at >= self._likeness_every_s
        if not (is_new or due) or not is_frontal(face.face):
            return None
        self._compared_at = at
        embedding = face.embedding if is_new else None
        if embedding is None:
            embedding = embed_face(self._recognizer.embedder, frame.image, face.face).embedding
        try:
            return self._recognizer.gallery.similarity(named, embedding)
        except UnknownIdentityError:  # removed a moment ago
            return None
