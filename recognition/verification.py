"""Compares two photos, 1:1: do they show the same person?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from common.errors import FaceCountError
from common.picture import RgbImage
from common.sentence import Sentence
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder, embed_face
from models.flaws import Flaw
from models.quality import measure
from recognition.clarity import required, worst
from recognition.enrollment.live import only_face
from recognition.recognizer import pair_threshold


@dataclass(frozen=True)
class PairVerdict:
    """What the comparison of the faces on two photos gave.

    similarity: their cosine. threshold: what it has to reach; more where a face is not seen
    clearly. flaws: of both photos. deciding_flaw: the worst of them, where two clear photos of this
    similarity would count as the same person.
    """

    similarity: float
    threshold: float
    flaws: frozenset[Flaw]
    deciding_flaw: Flaw | None

    @property
    def same(self) -> bool:
        return self.similarity >= self.threshold


def verified(
    detector: Detector, embedder: Embedder, photos: Iterable[tuple[Path, RgbImage]]
) -> PairVerdict:
    """Compares two photos that show one face each.

    photos: two, each as the path by which messages call it and (H, W, 3) uint8 RGB.
    Raises FaceCountError, which names the photo.
    """
    embeddings = []
    flaws: frozenset[Flaw] = frozenset()
    for path, photo in photos:
        try:
            upright, face = only_face(detector, photo)
        except FaceCountError as error:
            expected = Sentence("{} {}", error.expected, path)
            raise FaceCountError(expected, error.found, error.remedy) from error
        embeddings.append(embed_face(embedder, upright, face, thoroughly=True).embedding)
        flaws |= measure(upright, face).flaws
    one, other = embeddings
    similarity, usual = float(one @ other), pair_threshold(embedder)
    threshold = required(usual, flaws, embedder.figures)
    is_decided_by_a_flaw = usual <= similarity < threshold
    return PairVerdict(similarity, threshold, flaws, worst(flaws) if is_decided_by_a_flaw else None)
