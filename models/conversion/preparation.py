"""Converts models at a first start: tells its progress, and can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.conversion.compiled import is_ready, path_of, stopped_error
from models.conversion.converters import convert, needs_torch
from models.conversion.weights import PackagedWeights, locate
from models.torch_process.process import TorchProcess

CONVERSION_LIMIT_S = 600.0
"""How long the conversion of one model may take, with PyTorch's import and the wait for another
program that converts at the same time: a hundred times what it takes on two cores of a server."""


@dataclass(frozen=True)
class Conversion:
    """A model that is converted for this machine once.

    name: by it models/conversion/converters.py knows how to make it.
    source: what it is made from, a hash or a version; with another one it is made again.
    published: the weights that it is made from. They are looked for only where it is converted.
    """

    name: str
    source: str
    published: PackagedWeights | Path


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
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Stop: from now on convert() raises WeightsError, also the call that is running."""
        with self._lock:
            self._stopped.set()
            if self._process is not None:
                self._process.kill()

    def convert(self, cache: Path, models: Sequence[Conversion]) -> list[Path]:
        """Return the models' ONNX files in the cache, in their order; convert what is missing.

        Raises WeightsError where weights are missing or damaged, the cache cannot be written, or
        stop() was called. FaceNet needs PyTorch: WeightsError where it is missing, EngineError
        where its process is lost.
        """
        missing = [model for model in models if not self._is_ready(cache, model)]
        for number, model in enumerate(missing, 1):
            self._tell(number, len(missing))
            self._check_stopped()
            self._convert(cache, model)
            self._check_stopped()
            self._is_ready(cache, model)
        return [path_of(cache, model.name) for model in models]

    def _convert(self, cache: Path, model: Conversion) -> None:
        given = model.published
        published = given if isinstance(given, Path) else locate(given)
        if needs_torch(model.name):
            with self.process() as process:
                process.call(
                    "convert_model",
                    *(cache, model.name, model.source, published),
                    limit_s=CONVERSION_LIMIT_S,
                )
        else:
            convert(cache, model.name, model.source, published, self._stopped)

    def _check_stopped(self) -> None:
        if self._stopped.is_set():
            raise stopped_error()

    @contextmanager
    def process(self) -> Iterator[TorchProcess]:
        """Give the `with` block PyTorch's own process.

        stop() ends that process, and the block then ends with WeightsError.
        """
        with self._lock:
            self._check_stopped()
            process = self._process = TorchProcess()
        try:
            yield process
        except Exception as error:
            if self._stopped.is_set():
                raise stopped_error() from error
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
