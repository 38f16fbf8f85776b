"""Embeds the pictures of an evaluation: each once, whatever is wrong with some of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from bench.evaluation.cache import CachedFace, EmbeddingCache
from capture.stills import read_picture
from common.errors import PictureError
from common.picture import RgbImage
from common.sentence import Sentence
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder, embed_face
from models.embedders.fusion import FusedEmbedder
from models.engines.engine import FloatArray
from models.face import largest_face
from models.flaws import Flaw
from models.quality import measure
from recognition.side_by_side import AHEAD, side_by_side

_FLAWS = tuple(Flaw)


@dataclass(frozen=True, eq=False)
class SeenPictures:
    """What the pipeline makes of n pictures.

    embeddings: (n, d) float32 unit rows; NaN where no face was found. quality: (n,) float32, 0..1;
    NaN likewise. flaws: of each picture's face. unreadable: why, by the picture's index; these
    have no face either.
    """

    embeddings: FloatArray
    quality: FloatArray
    flaws: tuple[frozenset[Flaw], ...]
    unreadable: Mapping[int, Sentence]

    @property
    def has_face(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """(n,) bool."""
        return ~np.isnan(self.embeddings[:, 0])


@dataclass(frozen=True, eq=False)
class _Read:
    """A picture on its way. image: None where the cache has the face, or it cannot be read."""

    digest: bytes | None
    face: CachedFace | None = None
    image: RgbImage | None = None
    trouble: Sentence | None = None


@dataclass(frozen=True, eq=False)
class _Seen:
    """What was made of a picture. digest: where it is to be kept."""

    face: CachedFace
    digest: bytes | None
    is_fresh: bool
    trouble: Sentence | None = None


def cache_model(detector: Detector, embedder: Embedder, smallest_face_px: float) -> str:
    """Return everything that an embedding depends on besides the picture, for an EmbeddingCache."""
    weights = embedder.weights if isinstance(embedder, FusedEmbedder) else ()
    return f"{detector.name} from {smallest_face_px:g} px, {embedder.model_id} {weights}, thorough"


def embed_pictures(
    paths: Sequence[Path],
    models: Sequence[tuple[Detector, Embedder]],
    progress: Callable[[], None],
    cache: EmbeddingCache | None = None,
) -> SeenPictures:
    """Embed the largest face of each picture. progress: called after each.

    models: the same ones, once or more; each pair looks at pictures in a thread of its own.
    Pictures are read by another thread, some ahead. What the cache has is taken from there, and
    what it has not is put there; the caller saves it.
    """
    dimension = models[0][1].dimension
    rows = np.full((len(paths), dimension), np.nan, np.float32)
    quality = np.full(len(paths), np.nan, np.float32)
    flaws: list[frozenset[Flaw]] = []
    unreadable: dict[int, Sentence] = {}
    readings = side_by_side(paths, [partial(_read, cache=cache)])
    lookers = [partial(_looked_at, detector, embedder) for detector, embedder in models]
    for index, seen in enumerate(side_by_side(readings, lookers, len(models) + AHEAD)):
        if seen.is_fresh and cache is not None and seen.digest is not None:
            cache.put(seen.digest, seen.face)
        rows[index], quality[index] = seen.face.embedding, seen.face.quality
        if seen.trouble is not None:
            unreadable[index] = seen.trouble
        flaws.append(frozenset(f for at, f in enumerate(_FLAWS) if seen.face.flaws >> at & 1))
        progress()
    return SeenPictures(rows, quality, tuple(flaws), unreadable)


def _read(path: Path, cache: EmbeddingCache | None) -> _Read:
    digest = None
    if cache is not None and path.is_file():
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").digest()
        except OSError:
            pass  # read_picture() says what is wrong
    if cache is not None and digest is not None and (face := cache.get(digest)) is not None:
        return _Read(digest, face)
    try:
        return _Read(digest, image=read_picture(path))
    except PictureError as error:
        return _Read(digest, trouble=error.sentence)


def _looked_at(detector: Detector, embedder: Embedder, read: _Read) -> _Seen:
    if read.image is not None:
        return _Seen(_seen(read.image, detector, embedder), read.digest, is_fresh=True)
    return _Seen(read.face or no_face(embedder.dimension), None, False, read.trouble)


def no_face(dimension: int) -> CachedFace:
    """Return what is kept of a picture without a face."""
    return CachedFace(np.full(dimension, np.nan, np.float32), float("nan"), 0)


def _seen(image: RgbImage, detector: Detector, embedder: Embedder) -> CachedFace:
    face = largest_face(detector.detect(image))
    if face is None:
        return no_face(embedder.dimension)
    embedding = embed_face(embedder, image, face, thoroughly=True).embedding
    quality = measure(image, face)
    bits = sum(1 << place for place, flaw in enumerate(_FLAWS) if flaw in quality.flaws)
    return CachedFace(embedding, quality.score, bits)
