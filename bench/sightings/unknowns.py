"""Who the unknown faces are: faces that look alike become one, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.sightings.stays import Presence
from common.picture import RgbImage
from gallery.identity import Candidate
from recognition.recognizer import RecognizedFace

MOST_CLUSTERS = 100
"""Unknown faces that are told apart. Beyond, whoever was seen in the fewest frames is let go."""

CropOf = Callable[[RecognizedFace], RgbImage | None]
"""Returns the picture of a face that is kept; None where none is."""

_GONE_S = 3.0
"""A face that was out of sight for so long is not followed any more."""

_FEWEST_LOOKS = 2
"""Looks at a face before it counts: a single one may be a mistake of the detector."""


@dataclass(eq=False)
class UnknownFace:
    """One unknown person, as far as looks tell.

    total: sum of the embeddings of the looks, (d,) float64, weighted by quality; None before the
    first one. looks: how many. best: quality of the best look. crop: at that look, (h, w, 3) uint8
    RGB, None where none is kept. nearest: the enrolled person who was the most similar.
    """

    presence: Presence = field(default_factory=Presence)
    total: NDArray[np.float64] | None = None
    looks: int = 0
    best: float = -1.0
    crop: RgbImage | None = None
    nearest: Candidate | None = None

    @property
    def direction(self) -> NDArray[np.float64]:
        assert self.total is not None
        return np.asarray(self.total / max(float(np.linalg.norm(self.total)), 1e-9))

    def join(self, other: UnknownFace) -> None:
        """Take over what is known of another face, which looks the same."""
        self.presence.join(other.presence)
        if self.total is None or other.total is None:
            self.total = other.total if self.total is None else self.total
        else:
            self.total = self.total + other.total
        self.looks += other.looks
        if other.best > self.best:
            self.best, self.crop = other.best, other.crop
        self.consider(other.nearest)

    def consider(self, candidate: Candidate | None) -> None:
        if candidate is not None and (
            self.nearest is None or candidate.similarity > self.nearest.similarity
        ):
            self.nearest = candidate


@dataclass(eq=False)
class _FollowedFace:
    face: UnknownFace = field(default_factory=UnknownFace)
    newest: NDArray[np.float32] | None = None
    seen_at: float = 0.0
    was_named: bool = False


class UnknownFaces:
    """Collects the faces that never get a name, each once it is out of sight.

    alike: the cosine from which two faces are taken for one person's.
    """

    def __init__(self, alike: float) -> None:
        self._alike = alike
        self._followed: dict[int, _FollowedFace] = {}
        self._clusters: list[UnknownFace] = []
        self.let_go = 0

    def see(self, faces: Iterable[RecognizedFace], at: float, crop_of: CropOf) -> None:
        """Look at the faces of a frame. at: seconds."""
        for face in faces:
            if face.track_id is None:
                still = _FollowedFace()
                _look(still, face, crop_of, at)
                self._settle(still, fewest=1)
            else:
                followed = self._followed.setdefault(face.track_id, _FollowedFace())
                _look(followed, face, crop_of, at)
        for track in [t for t, f in self._followed.items() if at - f.seen_at > _GONE_S]:
            self._settle(self._followed.pop(track))

    def finish(self) -> list[UnknownFace]:
        """Return all, whoever was seen the longest first. Nothing is seen afterwards."""
        for followed in self._followed.values():
            self._settle(followed)
        self._followed.clear()
        return sorted(self._clusters, key=lambda one: one.presence.frames, reverse=True)

    def _settle(self, followed: _FollowedFace, fewest: int = _FEWEST_LOOKS) -> None:
        face = followed.face
        if followed.was_named or face.total is None or face.looks < fewest:
            return
        direction = face.direction
        cosines = [float(one.direction @ direction) for one in self._clusters]
        if cosines and max(cosines) >= self._alike:
            self._clusters[cosines.index(max(cosines))].join(face)
            return
        self._clusters.append(face)
        if len(self._clusters) > MOST_CLUSTERS:
            self._clusters.remove(min(self._clusters, key=lambda one: one.presence.frames))
            self.let_go += 1


def _look(followed: _FollowedFace, face: RecognizedFace, crop_of: CropOf, at: float) -> None:
    followed.seen_at = at
    followed.was_named |= face.match is not None
    if followed.was_named:
        followed.face = UnknownFace()  # no crop of somebody who is known is kept
        return
    one = followed.face
    one.presence.add(at)
    one.consider(face.nearest)
    if face.embedding is None or face.embedding is followed.newest:
        return
    followed.newest = face.embedding
    quality = face.quality.score if face.quality is not None else 0.0
    weighted = face.embedding.astype(np.float64) * max(quality, 1e-3)
    one.total = weighted if one.total is None else one.total + weighted
    one.looks += 1
    if quality > one.best:
        one.best, one.crop = quality, crop_of(face)
