"""What commands and the browser's page are told of faces and people, as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from gallery.identity import Candidate, Identity
from recognition.recognizer import RecognizedFace


@dataclass(frozen=True)
class CandidateAnswer:
    """Somebody whom a face resembles. similarity: cosine."""

    identity: str
    name: str
    similarity: float


@dataclass(frozen=True)
class FaceAnswer:
    """A face and who it is.

    box: x0, y0, x1, y1 in pixels. landmarks: both eyes, nose and both corners of the mouth, each
    x, y in pixels. name, identity: null for somebody unknown. similarity: to the nearest person,
    who need not be the face's; null where nobody is enrolled. threshold: what it has to reach.
    reason: of the decision, in words.
    """

    box: list[float]
    score: float
    landmarks: list[list[float]]
    name: str | None
    identity: str | None
    similarity: float | None
    threshold: float
    nearest: CandidateAnswer | None
    runner_up: CandidateAnswer | None
    reason: str


@dataclass(frozen=True)
class PersonAnswer:
    """Somebody who is enrolled. enrolled_at: ISO 8601, UTC. templates: how many."""

    identity: str
    name: str
    enrolled_at: str
    templates: int
    note: str


def face_answer(face: RecognizedFace, threshold: float) -> FaceAnswer:
    match, nearest = face.match, face.nearest
    return FaceAnswer(
        box=[round(float(v), 2) for v in face.face.box_xyxy],
        score=round(face.face.score, 4),
        landmarks=[[round(float(v), 2) for v in point] for point in face.face.landmarks],
        name=match.identity.name if match else None,
        identity=match.identity.id if match else None,
        similarity=round(nearest.similarity, 4) if nearest else None,
        threshold=round(threshold, 4),
        nearest=candidate_answer(nearest),
        runner_up=candidate_answer(face.decision.runner_up if face.decision else None),
        reason=face.reason,
    )


def candidate_answer(candidate: Candidate | None) -> CandidateAnswer | None:
    if candidate is None:
        return None
    identity = candidate.identity
    return CandidateAnswer(identity.id, identity.name, round(candidate.similarity, 4))


def person_answer(identity: Identity, templates: int) -> PersonAnswer:
    return PersonAnswer(
        identity.id, identity.name, identity.enrolled_at.isoformat(), templates, identity.note
    )


def face_json(face: RecognizedFace, threshold: float) -> dict[str, Any]:
    """Return a face as `identify --json` and `watch --json` print it."""
    return asdict(face_answer(face, threshold))
