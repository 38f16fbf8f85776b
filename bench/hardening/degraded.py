"""Degrades pictures of people, and embeds the copies: each once, whatever is wrong with some."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from bench.evaluation.cache import CachedFace, EmbeddingCache
from bench.evaluation.embedding import SeenPictures, embed_copies, no_face, seen_face
from bench.hardening.defects import VERSION, Defect
from common.picture import RgbImage
from models.crop import ALIGNED_SIDE
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder
from models.face import Face, largest_face


def embed_degraded(
    paths: Sequence[Path],
    models: Sequence[tuple[Detector, Embedder]],
    defects: Mapping[str, Defect],
    progress: Callable[[], None],
    cache: EmbeddingCache | None = None,
) -> dict[str, SeenPictures]:
    """Embed the largest face of each picture's copies, by the defect's name; see embed_copies().

    In a picture on which no face is found, none is found in any copy.
    """
    by_key = {f"{name}, {VERSION}": name for name in defects}

    def look(
        detector: Detector, embedder: Embedder, image: RgbImage, keys: Sequence[str]
    ) -> Mapping[str, CachedFace]:
        original = to_degrade(image, detector)
        if original is None:
            return {key: no_face(embedder.dimension) for key in keys}
        return {key: seen_face(defects[by_key[key]](*original), detector, embedder) for key in keys}

    found = embed_copies(paths, models, list(by_key), look, progress, cache)
    return {by_key[key]: seen for key, seen in found.items()}


def to_degrade(image: RgbImage, detector: Detector) -> tuple[RgbImage, Face] | None:
    """Return the picture with its largest face, scaled down to an aligned crop's size.

    So a blur of so many pixels is the same for a portrait of any size.
    """
    face = largest_face(detector.detect(image))
    if face is None:
        return None
    scale = min(1.0, ALIGNED_SIDE / face.height)
    if scale == 1.0:
        return image, face
    height, width = image.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small, face.scaled(size[0] / width, size[1] / height)
