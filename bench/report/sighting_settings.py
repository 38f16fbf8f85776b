"""What a live run was watched with, in words."""

from __future__ import annotations

from common.sentence import Sentence


def watched_with(
    source: str, detector: str, model_id: str, people: int, threshold: float
) -> dict[str, str]:
    return {
        Sentence("source"): source,
        Sentence("detector"): detector,
        Sentence("embedder"): model_id,
        Sentence("people in the gallery"): str(people),
        Sentence("threshold"): f"{threshold:.3f}",
    }
