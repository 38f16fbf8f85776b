"""Embeds the pictures of an evaluation: each once, whatever is wrong with some of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
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


Look = Callable[[Detector, Embedder, RgbImage, Sequence[str]], Mapping[str, CachedFace]]
"""Makes copies of an (H, W, 3) uint8 RGB picture, by their names, and embeds each one's face."""

PLAIN = ""
"""The name of a picture as it is."""


@dataclass(frozen=True, eq=False)
class _Picture:
    """A picture on its way. faces: of its copies, by their names, as far as they are known.

    image: None where all are, or where it cannot be read; trouble says why.
    """

    digest: bytes | None
    faces: Mapping[str, CachedFace]
    image: RgbImage | None = None
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
    """Embed the largest face of each picture; see embed_copies()."""

    def look(
        detector: Detector, embedder: Embedder, image: RgbImage, _: Sequence[str]
    ) -> Mapping[str, CachedFace]:
        return {PLAIN: seen_face(image, detector, embedder)}

    return embed_copies(paths, models, [PLAIN], look, progress, cache)[PLAIN]


def embed_copies(
    paths: Sequence[Path],
    models: Sequence[tuple[Detector, Embedder]],
    names: Sequence[str],
    look: Look,
    progress: Callable[[], None],
    cache: EmbeddingCache | None = None,
) -> dict[str, SeenPictures]:
    """Embed copies of each picture, by their names. progress: called after each picture.

    models: the same ones, once or more; each pair looks at pictures in a thread of its own.
    Pictures are read by another thread, some ahead. look: called with the names of the copies that
    the cache has not; they are put there, and the caller saves it.
    """
    dimension = models[0][1].dimension
    faces: dict[str, list[CachedFace]] = {name: [] for name in names}
    unreadable: dict[int, Sentence] = {}
    reading = side_by_side(paths, [partial(_read, names=names, cache=cache)])
    looking = [partial(_looked_at, *pair, names, look) for pair in models]
    for index, seen in enumerate(side_by_side(reading, looking, len(models) + AHEAD)):
        for name in names:
            face = seen.faces.get(name) or no_face(dimension)
            faces[name].append(face)
            if cache is not None and seen.digest is not None and seen.image is not None:
                cache.put(_key(seen.digest, name), face)
        if seen.trouble is not None:
            unreadable[index] = seen.trouble
        progress()
    return {name: _stacked(own, dimension, unreadable) for name, own in faces.items()}


def seen_face(image: RgbImage, detector: Detector, embedder: Embedder) -> CachedFace:
    """Find the largest face of a picture, and embed it."""
    face = largest_face(detector.detect(image))
    if face is None:
        return no_face(embedder.dimension)
    embedding = embed_face(embedder, image, face, thoroughly=True).embedding
    quality = measure(image, face)
    bits = sum(1 << place for place, flaw in enumerate(_FLAWS) if flaw in quality.flaws)
    return CachedFace(embedding, quality.score, bits)


def no_face(dimension: int) -> CachedFace:
    """Return what is kept of a picture without a face."""
    return CachedFace(np.full(dimension, np.nan, np.float32), float("nan"), 0)


def _read(path: Path, names: Sequence[str], cache: EmbeddingCache | None) -> _Picture:
    digest, faces = None, {}
    if cache is not None and path.is_file():
        with suppress(OSError), path.open("rb") as file:  # read_picture() says what is wrong
            digest = hashlib.file_digest(file, "sha256").digest()
    if cache is not None and digest is not None:
        kept = {name: cache.get(_key(digest, name)) for name in names}
        faces = {name: face for name, face in kept.items() if face is not None}
    if len(faces) == len(names):
        return _Picture(digest, faces)
    try:
        return _Picture(digest, faces, image=read_picture(path))
    except PictureError as error:
        return _Picture(digest, {}, trouble=error.sentence)


def _looked_at(
    detector: Detector, embedder: Embedder, names: Sequence[str], look: Look, picture: _Picture
) -> _Picture:
    if picture.image is None:
        return picture
    missing = [name for name in names if name not in picture.faces]
    fresh = look(detector, embedder, picture.image, missing)
    return replace(picture, faces={**picture.faces, **fresh})


def _key(digest: bytes, name: str) -> bytes:
    return digest if name == PLAIN else hashlib.sha256(digest + name.encode()).digest()


def _stacked(
    faces: Sequence[CachedFace], dimension: int, unreadable: Mapping[int, Sentence]
) -> SeenPictures:
    rows = np.array([face.embedding for face in faces], np.float32).reshape(-1, dimension)
    flaws = (
        frozenset(flaw for place, flaw in enumerate(_FLAWS) if face.flaws >> place & 1)
        for face in faces
    )
    quality = np.array([face.quality for face in faces], np.float32)
    return SeenPictures(rows, quality, tuple(flaws), unreadable)
