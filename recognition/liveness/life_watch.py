"""Says of the faces in a live picture whether they look alive, for a sign beside their names.

Nobody is asked for anything, and nobody is refused: it is the cues of the station's check, at a
rate that costs little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from math import inf

from capture.frame import Frame
from common.sentence import Sentence
from models.landmarks.attributes import AttributeSource
from recognition.liveness.cues import cues_of_a_face
from recognition.liveness.evidence import LivenessEvidence, Standing
from recognition.liveness.observation import Observation
from recognition.liveness.progress import NOTHING
from recognition.recognizer import RecognizedFace

LOOK_EVERY_S = 0.12
"""One face is looked at in so many seconds, which takes some 6 ms: a twentieth of a core."""

NOTHING_S, NOTHING_LOOKS = 6.0, 25
"""A face that has shown nothing of a live one in so many seconds and looks is taken for a flat one:
each of ten people in ../shared/video/webcam has within 1.5 s."""

GONE_S = 2.0
"""After so many seconds out of sight it is another face."""


class LifeSign(Enum):
    NOT_CHECKED = auto()
    LIVE = auto()
    LOOKS_FLAT = auto()


@dataclass(frozen=True)
class SeenLife:
    """What was found of one face. found: in sentences, the strongest first; may be empty."""

    sign: LifeSign = LifeSign.NOT_CHECKED
    found: Sentence = NOTHING


@dataclass(eq=False)
class _Watched:
    evidence: LivenessEvidence
    name: str
    began_at: float
    looked_at: float = -inf
    looks: int = 0
    seen: SeenLife = field(default_factory=SeenLife)


class LifeWatch:
    """Watches the faces of one source. The recognizer's thread uses it.

    analyzer: places FaceMesh's points; without it only a screen's lattice and the like are seen.
    """

    def __init__(
        self, analyzer: AttributeSource | None, *, look_every_s: float = LOOK_EVERY_S
    ) -> None:
        self._analyzer = analyzer
        self._look_every_s = look_every_s
        self._watched: dict[int, _Watched] = {}
        self._looked_at = -inf

    def see(self, frame: Frame, faces: Sequence[RecognizedFace]) -> Mapping[int, SeenLife]:
        """Takes in a frame and its faces. Returns what is known of each, by its track; a face of a
        still picture has none, and is not watched."""
        at = frame.captured_at
        tracked = {face.track_id: face for face in faces if face.track_id is not None}
        for track_id, face in tracked.items():
            self._follow(track_id, face, at)
        self._watched = {
            track_id: watched
            for track_id, watched in self._watched.items()
            if track_id in tracked or at - watched.looked_at <= GONE_S
        }
        if tracked and at - self._looked_at >= self._look_every_s:
            self._looked_at = at
            track_id = min(tracked, key=lambda track_id: self._watched[track_id].looked_at)
            self._look(frame, tracked[track_id], self._watched[track_id])
        return {track_id: self._watched[track_id].seen for track_id in tracked}

    def _follow(self, track_id: int, face: RecognizedFace, at: float) -> None:
        """Begins anew where the face may have become another one's."""
        watched = self._watched.get(track_id)
        name = face.match.identity.id if face.match is not None else ""
        changed = watched is not None and (
            face.is_in_doubt
            or (name and watched.name and name != watched.name)
            or at < watched.looked_at
        )
        if watched is None or changed:
            cues = cues_of_a_face()
            self._watched[track_id] = _Watched(LivenessEvidence(cues), name, at)
        elif name:
            watched.name = name

    def _look(self, frame: Frame, face: RecognizedFace, watched: _Watched) -> None:
        at = frame.captured_at
        watched.looked_at = at
        watched.looks += 1
        placed = self._analyzer.place(frame.image, face.face) if self._analyzer else None
        observation = Observation(
            at,
            0 if face.track_id is None else face.track_id,
            face.face,
            frame.image,
            mesh=placed.mesh if placed is not None else None,
            eyes=placed.eyes if placed is not None else None,
        )
        standing = watched.evidence.see(observation)
        watched.seen = SeenLife(self._sign(standing, watched, at), watched.evidence.in_words)

    def _sign(self, standing: Standing, watched: _Watched, at: float) -> LifeSign:
        match standing:
            case Standing.CONVINCED:
                return LifeSign.LIVE
            case Standing.REFUSED:
                return LifeSign.LOOKS_FLAT
            case Standing.SUSPICIOUS:
                return LifeSign.NOT_CHECKED
        shown_nothing = at - watched.began_at >= NOTHING_S and watched.looks >= NOTHING_LOOKS
        may_tell = self._analyzer is not None and shown_nothing
        return LifeSign.LOOKS_FLAT if may_tell else LifeSign.NOT_CHECKED
