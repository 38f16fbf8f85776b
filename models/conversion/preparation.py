"""Converts models at a first start: tells its progress, and can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from common.errors import WeightsError
from models.conversion.compiled import is_ready, path_of
from models.torch_process.process import TorchProcess

CONVERSION_LIMIT_S = 600.0
"""How long the conversion of one model may take, with PyTorch's import and the wait for another
program that converts at the same time: a hundred times what it takes on two cores of a server."""


@dataclass(frozen=True)
class Conversion:
    """A model that is converted for this machine once.

    name: by it models/conversion/converters.py knows how to make it.
    source: what it is made from, a hash or a version; with another one it is made again.
    published: the file that it is made from; None where facenet-pytorch's package brings it.
    """

    name: str
    source: str
    published: Path | None = None


class Preparation:
    """One program's conversions. One thread converts; any thread may stop it.

    tell: called in that thread before each conversion with its number, from 1, and how many
        there are in all. It is not called where all are ready.
    """

    def __init__(self, tell: Callable[[int, int], None] = lambda number, total: None) -> None:
        self._tell = tell
        self._verified: set[tuple[Path, str, int]] = set()
        self._lock = threading.Lock()
        self._process: TorchProcess | None = None
        self._is_stopped = False

    def stop(self) -> None:
        """Stop: from now on convert() raises WeightsError, also the call that is running."""
        with self._lock:
            self._is_stopped = True
            if self._process is not None:
                self._process.kill()

    def convert(self, cache: Path, models: Sequence[Conversion]) -> list[Path]:
        """Return the models' ONNX files in the cache, in their order; convert what is missing.

        Raises WeightsError where the cache cannot be written, PyTorch is missing, or stop() was
        called; EngineError where PyTorch's process is lost.
        """
        missing = [model for model in models if not self._is_ready(cache, model)]
        if missing:
            with self.process() as process:
                for number, model in enumerate(missing, 1):
                    self._tell(number, len(missing))
                    process.call(
                        "convert_model",
                        *(cache, model.name, model.source, model.published),
                        limit_s=CONVERSION_LIMIT_S,
                    )
                    self._is_ready(cache, model)
        return [path_of(cache, model.name) for model in models]

    @contextmanager
    def process(self) -> Iterator[TorchProcess]:
        """Give the `with` block PyTorch's own process.

        stop() ends that process, and the block then ends with WeightsError.
        """
        with self._lock:
            if self._is_stopped:
                raise _stopped()
            process = self._process = TorchProcess()
        try:
            yield process
        except Exception as error:
            if self._is_stopped:
                raise _stopped() from error
            raise
        finally:
            with self._lock:
                self._process = None
            process.close()

    def _is_ready(self, cache: Path, model: Conversion) -> bool:
        """Return whether the model is ready. Its file is hashed once, not for each device tried."""
        file = path_of(cache, model.name)
        try:
            key = file, model.source, file.stat().st_mtime_ns
        except OSError:
            return False
        if key not in self._verified and is_ready(cache, model.name, model.source):
            self._verified.add(key)
        return key in self._verified


def _stopped() -> WeightsError:
    return WeightsError(
        "the models to be converted",
        "the program was closed before they were",
        "Start it again: it goes on where it was",
    )
