"""Runs recognition's liveness check on one face, and tells it whose face it is taken for."""

from __future__ import annotations

from typing import Literal

import numpy as np

from capture.frame import Frame
from common.errors import UnknownIdentityError
from models.embedders.embedder import embed_face
from recognition.liveness.check import LivenessCheck, Pending, Progress
from recognition.liveness.continuity import is_frontal
from recognition.liveness.cues import cues_of_a_camera
from recognition.liveness.frozen import FrozenCamera
from recognition.liveness.observation import Observation
from recognition.recognizer import RecognizedFace, Recognizer


class FaceLiveness:
    """Presentation-attack detection for one face, one name and one track.

    camera: remembers what the camera showed over all attempts.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        mode: Literal["on", "required"],
        random: np.random.Generator,
        camera: FrozenCamera,
    ) -> None:
        self._recognizer = recognizer
        self._camera = camera
        self._check = LivenessCheck(
            mode, random, recognizer.embedder.figures, cues_of_a_camera(camera)
        )
        self._of_whom: tuple[int, str | None] | None = None

    def see(self, frame: Frame, face: RecognizedFace, named: str | None) -> Progress:
        """Takes in a frame and returns the verdict so far; called in each frame until the check-in
        is written.

        named: the id of the person for whom the face is taken, the same in each call: another name
        needs another check. With None the face is only watched, and never passes. A failure is
        final. Raises ValueError for another face or another name.
        """
        if face.track_id is None:
            raise ValueError("a face of a still picture has no track")
        of_whom = face.track_id, named
        if of_whom != (self._of_whom or of_whom):
            raise ValueError(f"an attempt of {self._of_whom} was shown {of_whom}")
        self._of_whom = of_whom
        observation = Observation(
            frame.captured_at,
            face.track_id,
            face.face,
            frame.image,
            self._similarity(frame, face, named),
        )
        if named is None:
            self._camera.see(observation)  # for those who are named afterwards
            return Pending()
        return self._check.see(observation)

    def _similarity(self, frame: Frame, face: RecognizedFace, named: str | None) -> float | None:
        """Returns the similarity of this frame's face to the person; None where the face turns
        away, or nobody is named."""
        if named is None or not is_frontal(face.face):
            return None
        embedder, gallery = self._recognizer.embedder, self._recognizer.gallery
        embedding = embed_face(embedder, frame.image, face.face).embedding
        try:
            return gallery.similarity(named, embedding)
        except UnknownIdentityError:  # removed a moment ago
            return None
