"""Keeps converted models in the user's cache; each is converted once for each machine."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from common.errors import WeightsError
from common.sentence import Sentence
from models.conversion.weights import sha256

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

FORMAT = 4
"""The version of the files; it is increased whenever a function that writes one writes something
else."""

_LOCK = ".lock"
_LOOK_AGAIN_S = 0.1
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


def ready_source(cache: Path, name: str) -> str | None:
    """Return what the model is made from; None where it is not ready."""
    try:
        source = str(json.loads(_record_of(cache, name).read_text("utf-8"))["source"])
    except (OSError, ValueError, LookupError, TypeError):  # not built yet, or damaged
        return None
    return source if is_ready(cache, name, source) else None


def hash_of(model: Path) -> str:
    """Return the SHA-256 of a model, with the file of its weights where that is another one.

    Of a file that compiled() has written it is the recorded one, which is_ready() verifies.
    """
    try:
        return str(json.loads(model.with_suffix(".json").read_text("utf-8"))["sha256"])
    except (OSError, ValueError, LookupError, TypeError):  # it was not made here
        files = (model, model.with_suffix(".bin"))
        return " ".join(sha256(file) for file in files if file.is_file())


def compiled(
    cache: Path,
    name: str,
    source: str,
    build: Callable[[Path], None],
    stopped: threading.Event | None = None,
) -> Path:
    """Return the ONNX file of a model; convert it now if it is not there yet.

    cache: a folder of the user's. source: what the model is made from (a hash or a version);
    with another source, or after a change of FORMAT, it is built again, and so is a
    file that has changed since it was written. build: writes the file to the given path.
    Of two programs that need it at the same time one builds it, the other waits, but no longer
    than until `stopped` is set. Raises WeightsError where the cache cannot be written, and where
    the wait was stopped.
    """
    if is_ready(cache, name, source):
        return path_of(cache, name)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache, stopped or threading.Event()):
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
def _alone(cache: Path, stopped: threading.Event) -> Iterator[None]:
    """Let one program at a time build in this cache; delete what a killed one left there.

    The system lets go of the lock when its holder ends, however that ends. Where there are no
    locks, as on some network drives, two programs at once do the same work twice.
    """
    with (cache / _LOCK).open("ab") as lock:
        if _locked(lock, stopped):
            for left in cache.glob(f"{_UNFINISHED}*"):
                shutil.rmtree(left, ignore_errors=True)
        yield


def _locked(lock: IO[bytes], stopped: threading.Event) -> bool:
    """Take the lock; return False where there are none. Raises WeightsError where it is stopped."""
    if fcntl is None:
        return False
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # another program's end cannot be waited for together with an event
            if stopped.wait(_LOOK_AGAIN_S):
                raise stopped_error() from None
        except OSError:
            return False
        else:
            return True


def stopped_error() -> WeightsError:
    """The error of a conversion that was stopped since the program is being closed."""
    return WeightsError(
        "the models to be converted",
        "the program was closed before they were",
        "Start it again: it goes on where it was",
    )


def _record_of(cache: Path, name: str) -> Path:
    return cache / f"{name}.json"


def _wanted(source: str) -> dict[str, object]:
    return {"source": source, "format": FORMAT}
