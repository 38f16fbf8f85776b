"""Measures error rates of presentation-attack detection in the terms of ISO/IEC 30107-3:2023."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import lgamma, log, log1p

import numpy as np
from numpy.typing import NDArray

from capture.frame import Frame
from models.embedders.embedder import embed_face
from models.face import Face
from recognition.liveness.check import LivenessCheck
from recognition.liveness.continuity import is_frontal
from recognition.liveness.observation import Observation
from recognition.liveness.progress import Failed, Passed, Pending
from recognition.recognizer import RecognizedFace, Recognizer

BONA_FIDE = "bona-fide"
ATTACKS = ("print", "phone", "tablet", "bent-print")
"""Species of presentation attack instruments."""

CONFIDENCE = 0.95

NOBODY_S = 15.0
"""A presentation in which no face is found for so long has no response."""


@dataclass(frozen=True)
class Presentation:
    """One person or attack that was presented.

    kind: BONA_FIDE or a species of attack. name: tells it from others, such as a file's name.
    passed: whether it was taken for a live person; None without a response. why: the reason
    where it was refused, else empty.
    """

    kind: str
    name: str
    passed: bool | None
    why: str = ""


@dataclass(frozen=True)
class ErrorRate:
    """An error rate with its interval.

    errors: number of attacks taken for live people, or of live people refused, among the
    `presentations` that had a response. low, high: the exact interval at the level CONFIDENCE.
    no_response: number of presentations without a response.
    """

    kind: str
    errors: int
    presentations: int
    no_response: int
    low: float
    high: float

    @property
    def rate(self) -> float | None:
        return self.errors / self.presentations if self.presentations else None


@dataclass(frozen=True)
class PresentationReport:
    """The error rates of all presentations.

    apcer: attack presentation classification error rate of each species, worst first.
    bpcer: bona fide presentation classification error rate; None where nobody was presented.
    """

    apcer: tuple[ErrorRate, ...]
    bpcer: ErrorRate | None
    presentations: tuple[Presentation, ...]


def clopper_pearson(errors: int, presentations: int) -> tuple[float, float]:
    """Return the exact two-sided binomial interval (Clopper and Pearson 1934) of CONFIDENCE."""
    tail = (1 - CONFIDENCE) / 2
    low = _rate_with(tail, errors, presentations) if errors else 0.0
    high = _rate_with(1 - tail, errors + 1, presentations) if errors < presentations else 1.0
    return low, high


def _rate_with(chance: float, errors: int, presentations: int) -> float:
    """Return the rate at which so many errors or more happen with that chance, by bisection."""
    counts = np.arange(errors, presentations + 1)
    ways = [
        lgamma(presentations + 1) - lgamma(k + 1) - lgamma(presentations - k + 1) for k in counts
    ]
    low, high = 0.0, 1.0
    for _ in range(50):  # to the last digit of a double
        rate = (low + high) / 2
        logs = ways + counts * log(rate) + (presentations - counts) * log1p(-rate)
        low, high = (rate, high) if np.exp(logs).sum() < chance else (low, rate)
    return (low + high) / 2


def report(presentations: Sequence[Presentation]) -> PresentationReport:
    """Compute the error rates of presentations.

    Species with equal rates are sorted by the higher end of their intervals.
    """
    kinds = dict.fromkeys(p.kind for p in presentations)
    rates = {kind: _rate(kind, [p for p in presentations if p.kind == kind]) for kind in kinds}
    bpcer = rates.pop(BONA_FIDE, None)
    worst_first = sorted(rates.values(), key=lambda r: (r.rate or 0.0, r.high), reverse=True)
    return PresentationReport(tuple(worst_first), bpcer, tuple(presentations))


def _rate(kind: str, presented: Sequence[Presentation]) -> ErrorRate:
    answered = [p for p in presented if p.passed is not None]
    errors = sum(p.passed is (kind != BONA_FIDE) for p in answered)
    low, high = clopper_pearson(errors, len(answered))
    return ErrorRate(kind, errors, len(answered), len(presented) - len(answered), low, high)


def present(
    frames: Iterable[Frame],
    recognizer: Recognizer,
    check: LivenessCheck,
    tell: Callable[[Pending], None],
) -> tuple[bool | None, str]:
    """Show frames to the recognizer, and the largest face's track to the check.

    Returns whether it passed, and why not; None where the frames end, or nobody comes, before
    there is an answer. Nobody needs to be enrolled: the first frontal look stands for the named
    person. tell: called after each frame with a face, with what is still pending.
    """
    recognizer.restart()
    first_look: NDArray[np.float32] | None = None
    began_at: float | None = None
    for frame in frames:
        began_at = frame.captured_at if began_at is None else began_at
        faces = recognizer.recognize(frame).faces
        if not faces:
            if first_look is None and frame.captured_at - began_at > NOBODY_S:
                return None, "no face was found"
            continue
        seen = max(faces, key=lambda f: f.face.height)
        look = _look(recognizer, frame, seen.face)
        first_look = look if first_look is None else first_look
        similarity = None if look is None or first_look is None else float(look @ first_look)
        progress = check.see(_observation(frame, seen, similarity))
        if isinstance(progress, Passed):
            return True, ""
        if isinstance(progress, Failed):
            return False, progress.detail
        tell(progress)
    return None, "it ended before there was an answer"


def _look(recognizer: Recognizer, frame: Frame, face: Face) -> NDArray[np.float32] | None:
    if not is_frontal(face):
        return None
    return embed_face(recognizer.embedder, frame.image, face).embedding


def _observation(frame: Frame, seen: RecognizedFace, similarity: float | None) -> Observation:
    track_id = -1 if seen.track_id is None else seen.track_id
    return Observation(frame.captured_at, track_id, seen.face, frame.image, similarity)
