"""What an evaluation was measured with, and how, in words."""

from __future__ import annotations

from common.sentence import Sentence

OF_PAIRS: dict[str, str] = {Sentence("comparisons"): Sentence("the pairs of a list")}
OF_GALLERY: dict[str, str] = {Sentence("enrolled"): Sentence("the gallery")}


def measured_with(
    detector: str, smallest_face_px: float, model_id: str, fpir: float
) -> dict[str, str]:
    """Return the models, and the share of strangers who may get a name."""
    return {
        Sentence("detector"): Sentence(
            "{}, faces from {} pixels", detector, f"{smallest_face_px:g}"
        ),
        Sentence("embedder"): model_id,
        Sentence("wanted FPIR"): Sentence("{}", f"{100 * fpir:g} %"),
    }


def of_splits(enroll: int, strangers: str, repeat: int) -> dict[str, str]:
    """Return how the people were parted. Arguments: as facedesk evaluate has them."""
    first = Sentence("the first pictures")
    return {
        Sentence("enrolled pictures of each person"): str(enroll),
        Sentence("strangers"): Sentence("{}", strangers),
        Sentence("splits"): first if repeat == 1 else Sentence("{} random", repeat),
    }
