"""Gives each name once in a picture: nobody is in it twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from common.sentence import Sentence

if TYPE_CHECKING:
    from recognition.recognizer import RecognizedFace


def named_once(faces: Sequence[RecognizedFace]) -> list[RecognizedFace]:
    """Returns the faces of one still picture, in their order: of several with one name the most
    similar keeps it, the others are unknown and say why."""
    best: dict[str, RecognizedFace] = {}
    for face in faces:
        if (match := face.match) is not None:
            other = best.get(match.identity.id)
            if other is None or other.match is None or match.similarity > other.match.similarity:
                best[match.identity.id] = face
    return [_without_name(face) if _is_second(face, best) else face for face in faces]


def _is_second(face: RecognizedFace, best: dict[str, RecognizedFace]) -> bool:
    return face.match is not None and best[face.match.identity.id] is not face


def _without_name(face: RecognizedFace) -> RecognizedFace:
    assert face.match is not None
    assert face.decision is not None
    reason = Sentence(
        "Another face in this picture is more like {}, who cannot be in it twice",
        face.match.identity.name,
    )
    return replace(face, decision=replace(face.decision, match=None, reason=reason))
