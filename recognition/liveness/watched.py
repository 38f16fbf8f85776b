"""What every liveness check watches in one face, whatever is asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray

from common.sentence import Sentence
from models.embedders.figures import EmbedderFigures
from models.quality import yaw
from recognition.liveness.continuity import Continuity
from recognition.liveness.evidence import (
    VETO,
    EvidenceCue,
    FindingKind,
    LivenessEvidence,
    LivenessFinding,
    Reason,
)
from recognition.liveness.observation import Observation
from recognition.liveness.parallax import Movement, Parallax, ParallaxVerdict, Reference
from recognition.liveness.progress import Failed

REFERENCE_S = 0.3
"""The reference view is the median over so many seconds of looking ahead."""

REFERENCE_FRAMES = 4

AHEAD_YAW = 0.2
"""The largest Quality.yaw of a face that looks ahead: if the nose is already to one side, less can
be seen of a turn to that side."""

DOUBTED = -1.0
"""How strongly five points speak against a face whose relief FaceMesh has seen, as it has in none
of 160 rendered pictures. Heads that are held far back may seem flat to MTCNN: one of 20 rendered
films of real people did."""

FIVE_POINTS = 5.0
"""The strength of the parallax of five points: of 8,000 rendered pictures none shows it."""


class WatchedFace:
    """One face, in one track and under one name, from the moment it is named.

    evidence: what was found out so far. movement: of the five points over the last moments, from
    the reference view; None before there is one. began_at: when the first frame was seen, in the
    observations' seconds.
    """

    def __init__(self, figures: EmbedderFigures, cues: Sequence[EvidenceCue]) -> None:
        self.evidence = LivenessEvidence(cues)
        self.movement: Movement | None = None
        self.began_at = inf
        self._continuity = Continuity(figures)
        self._neutral: list[tuple[float, NDArray[np.float32]]] = []
        self._parallax: Parallax | None = None

    @property
    def known_at(self) -> float:
        """When the face was last seen to be the named person's; -infinity before."""
        return self._continuity.known_at

    @property
    def was_known(self) -> bool:
        return self.known_at > -inf

    @property
    def has_moved(self) -> bool:
        """Whether its five points have moved as only a head's do."""
        return self._parallax is not None and self._parallax.verdict is ParallaxVerdict.LIVE

    def see(self, observation: Observation) -> Failed | None:
        """Takes in a frame. Returns why the attempt has failed; None where it goes on."""
        self.began_at = min(self.began_at, observation.at)
        broken = self._continuity.see(observation)
        if broken is not None:
            return Failed(Reason.ANOTHER_FACE, Sentence("Not one face throughout: {}.", broken))
        self.evidence.see(observation)
        self._move(observation)
        veto = self.evidence.veto
        return Failed(veto.kind.reason, veto.text) if veto is not None else None

    def _move(self, observation: Observation) -> None:
        if self._parallax is None:
            self._take_neutral(observation)
            return
        self.movement = self._parallax.see(observation.at, observation.face.landmarks)
        match self._parallax.verdict:
            case ParallaxVerdict.FLAT:
                text = Sentence("The nose did not move against eyes and mouth.")
                strength = DOUBTED if self._has_relief else VETO
                self.evidence.add(LivenessFinding(FindingKind.FLAT, strength, text))
            case ParallaxVerdict.LIVE:
                text = Sentence("The nose moved against eyes and mouth, as a head's does.")
                self.evidence.add(LivenessFinding(FindingKind.PARALLAX, FIVE_POINTS, text))

    @property
    def _has_relief(self) -> bool:
        return any(found.kind is FindingKind.PARALLAX for found in self.evidence.findings)

    def _take_neutral(self, observation: Observation) -> None:
        face = observation.face
        if abs(yaw(face)) > AHEAD_YAW:
            self._neutral.clear()
            return
        shape = face.landmarks - face.landmarks[[0, 1, 3, 4]].mean(axis=0)
        self._neutral.append((observation.at, shape))
        waited = observation.at - self._neutral[0][0]
        if len(self._neutral) >= REFERENCE_FRAMES and waited >= REFERENCE_S:
            shapes = np.stack([shape for _, shape in self._neutral])
            self._parallax = Parallax(Reference(np.median(shapes, axis=0).astype(np.float32)))
