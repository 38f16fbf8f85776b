"""Keeps the models that OpenVINO has compiled, so that a start need not compile them again.

OpenVINO's own cache is not used: it takes whatever it finds there for what it wrote. Here the name
of a blob says its SHA-256; a blob that has another one is deleted, not loaded.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MOST_BYTES = 400_000_000
"""The most that is kept: enough for all networks on three devices, and FaceNet."""

UNUSED_S = 60 * 86_400.0
"""After this time, 60 days, a blob that was not loaded is deleted."""

_UNFINISHED = "unfinished-"
_UNFINISHED_S = 3_600.0
"""After this time, an hour, an unfinished file is one that a killed program has left."""

_DIGITS = 16
"""Of the 64 of a SHA-256, for what a blob is made from; for its content all are used."""


@dataclass(frozen=True)
class BlobKey:
    """What a compiled model is made from.

    network: its name, without dots. world: the model's content and the version of OpenVINO; what
    the same network was in another world is never wanted again. variant: the device, its
    configuration and the shapes.
    """

    network: str
    world: str
    variant: str

    @property
    def prefix(self) -> str:
        """How the names of its blobs begin; the SHA-256 and the ending follow."""
        return f"{self.network}.{_digits(self.world)}.{_digits(self.variant)}."

    def supersedes(self, name: str) -> bool:
        """Return whether the blob of that name is of this network in another world."""
        network, world, *_ = name.split(".")
        return network == self.network and world != _digits(self.world)


class BlobFolder:
    """The blobs in a folder of the cache. Several programs may use it at the same time.

    Where it cannot be read or written, models are compiled at every start.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, key: BlobKey) -> NDArray[np.uint8] | None:
        """Return the blob, (n,) uint8, mapped into memory; None where there is none unharmed."""
        for path in self._paths():
            if path.name.startswith(key.prefix):
                blob = _unharmed(path)
                if blob is not None:
                    return blob
                _delete(path)
        return None

    def save(self, key: BlobKey, blob: bytes | memoryview) -> None:
        """Keep a blob, whole or not at all, and delete what is not wanted any more."""
        with suppress(OSError):  # the disk is full: it is compiled again at the next start
            handle, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=self._folder)
            fresh = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(blob)
                fresh.replace(self._folder / f"{key.prefix}{_sha256(blob)}.blob")
            finally:
                fresh.unlink(missing_ok=True)
        self._tidy(key)

    def _tidy(self, key: BlobKey) -> None:
        """Delete other versions' blobs, and those that were not used for long or have no room.

        OpenVINO's own blobs, which earlier releases kept here, go too.
        """
        now, taken = time.time(), 0
        for used, size, path in sorted(self._states(), reverse=True):
            parts = path.name.split(".")
            if path.name.startswith(_UNFINISHED):
                is_wanted = now - used < _UNFINISHED_S
            else:
                taken += size
                is_wanted = (
                    len(parts) == _PARTS
                    and not key.supersedes(path.name)
                    and now - used < UNUSED_S
                    and taken <= MOST_BYTES
                )
            if not is_wanted:
                _delete(path)

    def _states(self) -> list[tuple[float, int, Path]]:
        """Return when each file was last used, its size in bytes and its path."""
        found = []
        for path in self._paths():
            with suppress(OSError):  # another program has just deleted it
                state = path.stat()
                found.append((state.st_mtime, state.st_size, path))
        return found

    def _paths(self) -> list[Path]:
        """Return the files that we or OpenVINO have made; nothing else is ever touched."""
        try:
            paths = list(self._folder.iterdir())
        except OSError:
            return []
        return [
            path
            for path in paths
            if path.suffix in {".blob", ".cl_cache"} or path.name.startswith(_UNFINISHED)
        ]


_PARTS = 5
"""Of a blob's name: network, world, variant, SHA-256, ending."""


def _unharmed(path: Path) -> NDArray[np.uint8] | None:
    try:
        blob = np.memmap(path, np.uint8, "r")
    except (OSError, ValueError):  # gone meanwhile, or empty
        return None
    if path.name != f"{path.name.rsplit('.', 2)[0]}.{_sha256(blob.data)}.blob":
        return None
    with suppress(OSError):  # the cache is read-only
        os.utime(path)  # when it was used last
    return blob


def _sha256(blob: bytes | memoryview) -> str:
    return hashlib.sha256(blob).hexdigest()


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _delete(path: Path) -> None:
    with suppress(OSError):  # by another program already, or it is in use, on Windows
        path.unlink()
