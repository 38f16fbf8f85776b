"""Embeds the pictures of an evaluation: each once, whatever is wrong with some of them."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
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

AHEAD = 4
"""Pictures that are read while another is looked at: enough to wait for none, few in memory."""

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


def cache_model(detector: Detector, embedder: Embedder, smallest_face_px: float) -> str:
    """Return everything that an embedding depends on besides the picture, for an EmbeddingCache."""
    weights = embedder.weights if isinstance(embedder, FusedEmbedder) else ()
    return f"{detector.name} from {smallest_face_px:g} px, {embedder.model_id} {weights}, thorough"


def embed_pictures(
    paths: Sequence[Path],
    detector: Detector,
    embedder: Embedder,
    progress: Callable[[], None],
    cache: EmbeddingCache | None = None,
) -> SeenPictures:
    """Embed the largest face of each picture. progress: called after each.

    Pictures are read by a thread of their own, some ahead. What the cache has is taken from there,
    and what it has not is put there; the caller saves it.
    """
    rows = np.full((len(paths), embedder.dimension), np.nan, np.float32)
    quality = np.full(len(paths), np.nan, np.float32)
    flaws: list[frozenset[Flaw]] = []
    unreadable: dict[int, Sentence] = {}
    for index, read in enumerate(_reading(paths, cache)):
        face = read.face
        if read.image is not None:
            face = _seen(read.image, detector, embedder)
            if cache is not None and read.digest is not None:
                cache.put(read.digest, face)
        if face is not None:
            rows[index], quality[index] = face.embedding, face.quality
        if read.trouble is not None:
            unreadable[index] = read.trouble
        bits = face.flaws if face is not None else 0
        flaws.append(frozenset(f for place, f in enumerate(_FLAWS) if bits >> place & 1))
        progress()
    return SeenPictures(rows, quality, tuple(flaws), unreadable)


def _reading(paths: Sequence[Path], cache: EmbeddingCache | None) -> Iterator[_Read]:
    with ThreadPoolExecutor(1, thread_name_prefix="reading") as reader:
        waiting: deque[Future[_Read]] = deque()
        try:
            for path in paths:
                waiting.append(reader.submit(_read, path, cache))
                if len(waiting) > AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            reader.shutdown(cancel_futures=True)


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


def _seen(image: RgbImage, detector: Detector, embedder: Embedder) -> CachedFace:
    face = largest_face(detector.detect(image))
    if face is None:
        return CachedFace(np.full(embedder.dimension, np.nan, np.float32), float("nan"), 0)
    embedding = embed_face(embedder, image, face, thoroughly=True).embedding
    quality = measure(image, face)
    bits = sum(1 << place for place, flaw in enumerate(_FLAWS) if flaw in quality.flaws)
    return CachedFace(embedding, quality.score, bits)
