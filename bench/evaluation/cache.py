"""Keeps the embeddings of evaluated pictures for some days, so that a second run takes seconds."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.errors import FacedeskError
from common.output_file import make_folder
from models.engines.engine import FloatArray

KEPT_DAYS = 7
"""An embedding that no evaluation has asked for in so many days is deleted by the next one."""

MOST_PICTURES = 50_000
"""So many are kept of a model; of more, those that were asked for last."""

_DIGEST_BYTES = 32
_LAYOUT = "1"


@dataclass(frozen=True, eq=False)
class CachedFace:
    """What is kept of a picture, and nothing else: no name, no path, no pixels.

    embedding: (d,) float32 of unit length; NaN where no face was found. quality: see
    models/quality.py; NaN without a face. flaws: a bit for each Flaw, in their order.
    """

    embedding: FloatArray
    quality: float
    flaws: int


class EmbeddingCache:
    """The embeddings that one detector and one embedder have made, by the content of the pictures.

    Only its owner may read it. A file that is damaged counts as empty. Several threads may ask it.
    """

    def __init__(self, folder: Path, model: str, dimension: int, today: Callable[[], date]) -> None:
        """model: says everything that an embedding depends on besides the picture."""
        self._folder, self._dimension = folder, dimension
        self._today = today().toordinal()
        name = hashlib.sha256(f"{_LAYOUT}\n{model}".encode()).hexdigest()[:24]
        self._path = folder / f"{name}.npz"
        self._faces = self._loaded()
        self._changed = False
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._faces)

    def get(self, digest: bytes) -> CachedFace | None:
        """Return what is kept of the picture with this SHA-256, if anything."""
        with self._lock:
            found = self._faces.get(digest)
            if found is None:
                return None
            face, day = found
            if day != self._today:
                self._faces[digest] = face, self._today
                self._changed = True
            return face

    def put(self, digest: bytes, face: CachedFace) -> None:
        """Keep a face, from save() on."""
        with self._lock:
            self._faces[digest] = face, self._today
            self._changed = True

    def save(self) -> None:
        """Write the file whole or not at all. Raises FacedeskError."""
        _drop_old(self._folder, self._today)
        if not self._changed:
            return
        make_folder(self._folder, FacedeskError, private=True)
        kept = sorted(self._faces.items(), key=lambda item: item[1][1], reverse=True)
        kept = kept[:MOST_PICTURES]
        faces = [face for _, (face, _) in kept]
        handle, name = tempfile.mkstemp(".npz", ".fresh-", self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(
                    file,
                    digests=np.frombuffer(b"".join(d for d, _ in kept), np.uint8),
                    embeddings=np.array([face.embedding for face in faces], np.float32),
                    qualities=np.array([face.quality for face in faces], np.float32),
                    flaws=np.array([face.flaws for face in faces], np.int32),
                    days=np.array([day for _, (_, day) in kept], np.int32),
                )
            Path(name).replace(self._path)
        finally:
            with suppress(OSError):  # it has gone to its place where all went well
                Path(name).unlink()
        self._changed = False

    def _loaded(self) -> dict[bytes, tuple[CachedFace, int]]:
        try:
            # np.load leaves a damaged file open that it has opened itself.
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                digests, days = kept["digests"].tobytes(), kept["days"]
                embeddings, qualities = kept["embeddings"], kept["qualities"]
                flaws = kept["flaws"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return {}
        if not _fits(len(days), self._dimension, digests, embeddings, qualities, flaws):
            return {}
        return {
            digests[_DIGEST_BYTES * i : _DIGEST_BYTES * (i + 1)]: (
                CachedFace(embeddings[i], float(qualities[i]), int(flaws[i])),
                int(days[i]),
            )
            for i in range(len(days))
            if self._today - days[i] <= KEPT_DAYS
        }


def forget(folder: Path) -> int:
    """Delete all embeddings that are kept in the folder; return the number of files."""
    files = _files(folder)
    for path in files:
        path.unlink(missing_ok=True)
    return len(files)


def _drop_old(folder: Path, today: int) -> None:
    """Delete the files that nothing was written to for KEPT_DAYS: of models no longer in use."""
    for path in _files(folder):
        with suppress(OSError):
            written = date.fromtimestamp(path.stat().st_mtime).toordinal()
            if today - written > KEPT_DAYS:
                path.unlink()


def _files(folder: Path) -> list[Path]:
    return [*folder.glob("*.npz"), *folder.glob(".fresh-*")]


def _fits(
    count: int,
    dimension: int,
    digests: bytes,
    embeddings: NDArray[np.float32],
    qualities: NDArray[np.float32],
    flaws: NDArray[np.int32],
) -> bool:
    return (
        len(digests) == _DIGEST_BYTES * count
        and embeddings.shape == (count, dimension)
        and qualities.shape == flaws.shape == (count,)
    )
