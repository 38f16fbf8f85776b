"""Models converted once for each machine and kept in the user's cache."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from facedesk_errors import WeightsError
from models import export
from models.weights import sha256


def compiled(cache: Path, name: str, source: str, build: Callable[[Path], None]) -> Path:
    """The ONNX file of a model, converted now if it is not there yet.

    cache: a folder of the user's. source: what the model is made from (a hash or a version);
    with another source, or after a change of export.FORMAT, it is built again, and so is a
    file that is not the one that was written. build: writes the file to the given path.
    Raises WeightsError where the cache cannot be written.
    """
    target = cache / f"{name}.onnx"
    record = cache / f"{name}.json"
    wanted = {"source": source, "format": export.FORMAT}
    try:
        kept = json.loads(record.read_text("utf-8"))
        if kept == {**wanted, "sha256": sha256(target)}:
            return target
    except (OSError, ValueError):
        pass  # not built yet, or damaged: both mean that it is built now
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            fresh = Path(folder) / target.name
            build(fresh)
            fresh_record = Path(folder) / record.name
            fresh_record.write_text(json.dumps({**wanted, "sha256": sha256(fresh)}), "utf-8")
            fresh.replace(target)
            fresh_record.replace(record)
    except OSError as error:
        raise WeightsError(
            f"room to write the converted model {name} in {cache}",
            f"writing failed ({error.strerror or error})",
            "Free some space, or let FACEDESK_CACHE name a folder that can be written",
        ) from error
    return target
