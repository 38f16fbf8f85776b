"""What speaks for and against a face being that of a live person, joined to one standing.

Strengths are natural logarithms of likelihood ratios (Good 1950): how many times likelier a cue
sees this before a live person than before a still picture. Findings of different kinds are taken
for independent, so that their strengths add up.

A film of a person shows whatever the person did in it: blinks, turns, a step forward. So what a
film shows speaks against a still picture only. Where anything at all speaks against a face, that
does not count, and an answer to what was asked at random is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from math import inf
from typing import Protocol

from common.sentence import Sentence, joined
from recognition.liveness.observation import Observation

CONVINCING = 3.0
"""From this sum on a face is taken for live: what was seen is e^3, twenty times, likelier of a live
person than of a still picture, and nothing vetoes."""

VETO = -inf
"""The strength of a finding that nothing can make up for."""


class Reason(Enum):
    """Why an attempt failed; the names are those of what the station shows."""

    LOOKS_FLAT = auto()
    FROZEN_CAMERA = auto()
    ANOTHER_FACE = auto()
    NO_MOVEMENT = auto()
    DECLINED = auto()


class FindingKind(Enum):
    """What was found out about a face."""

    # For a live person.
    BLINK = auto()
    PARALLAX = auto()
    APPROACH = auto()
    EXPRESSION = auto()
    ANSWER = auto()
    """What was asked at random was done: the one kind that a film of the person does not show."""
    # Against one.
    FLAT = auto()
    MOIRE = auto()
    SCREEN = auto()
    RECTANGLE = auto()
    BACKGROUND = auto()
    STARING = auto()
    NETWORK = auto()
    FROZEN = auto()
    LOOPED = auto()

    @property
    def reason(self) -> Reason:
        """Why an attempt fails that a finding of this kind vetoes."""
        of_camera = self in (FindingKind.FROZEN, FindingKind.LOOPED)
        return Reason.FROZEN_CAMERA if of_camera else Reason.LOOKS_FLAT


@dataclass(frozen=True)
class LivenessFinding:
    """What a cue has found out so far.

    strength: the logarithm of a likelihood ratio: positive for a live person, negative against one,
    VETO where nothing can make up for it; 0 takes back what the cue has found before. text: what
    was seen, in plain words, a sentence.
    """

    kind: FindingKind
    strength: float
    text: Sentence

    @property
    def vetoes(self) -> bool:
        return self.strength == VETO


class EvidenceCue(Protocol):
    """Watches one face for one thing. It asks the person for nothing."""

    def see(self, observation: Observation) -> LivenessFinding | None:
        """Takes in a frame; frames may be missing between two.

        Returns what all frames so far say; None where nothing has changed since the last answer,
        or there is none yet.
        """


class Standing(Enum):
    """What the evidence says.

    CONVINCED: it is a live person. UNDECIDED: it may well be one. SUSPICIOUS: something speaks
    against it, and watching longer would not help. REFUSED: a cue vetoes.
    """

    CONVINCED = auto()
    UNDECIDED = auto()
    SUSPICIOUS = auto()
    REFUSED = auto()


class LivenessEvidence:
    """All that was found out about one face, in one track and under one name. One thread uses it.

    cues: begun for this face; those of the camera as a whole may be older.
    """

    def __init__(self, cues: Sequence[EvidenceCue]) -> None:
        self._cues = cues
        self._findings: dict[FindingKind, LivenessFinding] = {}
        self._track_id: int | None = None

    def see(self, observation: Observation) -> Standing:
        """Takes in a frame. Raises ValueError for another face than in the frames before."""
        if self._track_id not in (None, observation.track_id):
            raise ValueError(f"evidence on {self._track_id} was shown {observation.track_id}")
        self._track_id = observation.track_id
        for cue in self._cues:
            finding = cue.see(observation)
            if finding is not None:
                self.add(finding)
        return self.standing

    def add(self, finding: LivenessFinding) -> None:
        """Takes in a finding in place of the earlier one of its kind. A veto stays."""
        before = self._findings.get(finding.kind)
        if before is None or not before.vetoes:
            self._findings[finding.kind] = finding

    @property
    def veto(self) -> LivenessFinding | None:
        """The first finding that vetoes; None without one."""
        return next((found for found in self._findings.values() if found.vetoes), None)

    @property
    def findings(self) -> tuple[LivenessFinding, ...]:
        """What counts, the strongest first."""
        said = (found for found in self._findings.values() if found.strength)
        return tuple(sorted(said, key=lambda found: -abs(found.strength)))

    @property
    def standing(self) -> Standing:
        if self.veto is not None:
            return Standing.REFUSED
        suspicious = any(found.strength < 0 for found in self._findings.values())
        counted = [
            found
            for found in self._findings.values()
            if not suspicious or found.strength < 0 or found.kind is FindingKind.ANSWER
        ]
        if sum(found.strength for found in counted) >= CONVINCING:
            return Standing.CONVINCED
        return Standing.SUSPICIOUS if suspicious else Standing.UNDECIDED

    @property
    def in_words(self) -> Sentence:
        """What counts, the strongest first, as sentences one after the other; empty without any."""
        return joined(*(found.text for found in self.findings))
