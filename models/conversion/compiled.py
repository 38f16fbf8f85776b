"""Keeps converted models in the user's cache; each is converted once for each machine."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion import export
from models.conversion.weights import sha256

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_LOCK = ".lock"
_UNFINISHED = "tmp"
"""How the names of folders begin in which a model is being built; older versions had the same."""


def path_of(cache: Path, name: str) -> Path:
    """Return the path where the model's ONNX file lies, once it is converted."""
    return cache / f"{name}.onnx"


def is_ready(cache: Path, name: str, source: str) -> bool:
    """Return whether the model is there, made from that source, and unchanged since."""
    try:
        kept = json.loads(_record_of(cache, name).read_text("utf-8"))
        return bool(kept == {**_wanted(source), "sha256": sha256(path_of(cache, name))})
    except (OSError, ValueError):
        return False  # not built yet, or damaged: both mean that it is built now


def compiled(cache: Path, name: str, source: str, build: Callable[[Path], None]) -> Path:
    """Return the ONNX file of a model; convert it now if it is not there yet.

    cache: a folder of the user's. source: what the model is made from (a hash or a version);
    with another source, or after a change of export.FORMAT, it is built again, and so is a
    file that has changed since it was written. build: writes the file to the given path.
    Of two programs that need it at the same time one builds it, the other waits.
    Raises WeightsError where the cache cannot be written.
    """
    if is_ready(cache, name, source):
        return path_of(cache, name)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache):
            if not is_ready(cache, name, source):
                _build(cache, name, source, build)
    except OSError as error:
        raise WeightsError(
            Sentence("room to write the converted model {} in {}", name, cache),
            Sentence("writing failed ({})", error.strerror or error),
            "Free some space, or let FACEDESK_CACHE name a folder that can be written",
        ) from error
    return path_of(cache, name)


def _build(cache: Path, name: str, source: str, build: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory(dir=cache, prefix=_UNFINISHED) as folder:
        target, record = path_of(cache, name), _record_of(cache, name)
        fresh, fresh_record = Path(folder) / target.name, Path(folder) / record.name
        build(fresh)
        fresh_record.write_text(json.dumps({**_wanted(source), "sha256": sha256(fresh)}), "utf-8")
        fresh.replace(target)
        fresh_record.replace(record)


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Let one program at a time build in this cache; delete what a killed one left there.

    The system lets go of the lock when its holder ends, however that ends. Where there are no
    locks, as on some network drives, two programs at once do the same work twice.
    """
    with (cache / _LOCK).open("ab") as lock:
        if _locked(lock):
            for left in cache.glob(f"{_UNFINISHED}*"):
                shutil.rmtree(left, ignore_errors=True)
        yield


def _locked(lock: IO[bytes]) -> bool:
    if fcntl is None:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError:
        return False
    return True


def _record_of(cache: Path, name: str) -> Path:
    return cache / f"{name}.json"


def _wanted(source: str) -> dict[str, object]:
    return {"source": source, "format": export.FORMAT}
