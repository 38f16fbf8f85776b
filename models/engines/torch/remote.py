"""Gives a process without torch its engine: the networks run in PyTorch's own process."""

from __future__ import annotations

from pathlib import Path

from models.engines.engine import Array, FloatArray, Network
from models.torch_process.process import TorchProcess

LOAD_LIMIT_S = 120.0
"""How long it may take to import PyTorch, start CUDA and load a model: some seconds each."""

RUN_LIMIT_S = 30.0
"""How long one call may take, also the first one, which chooses algorithms."""


class RemoteTorchEngine:
    """TorchEngine (models/engines/torch/engine.py) in a process of its own.

    The process ends with this object and its networks.
    device: as TorchEngine takes it. Arrays travel by pipe, in some milliseconds for a canvas.
    Raises what TorchEngine raises, and EngineError where the process is lost.
    """

    def __init__(self, device: str) -> None:
        self._process = TorchProcess()
        try:
            self._name: str = self._process.call("open_device", device, limit_s=LOAD_LIMIT_S)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the process now. Its networks cannot be called any more."""
        self._process.close()

    @property
    def name(self) -> str:
        return self._name

    @property
    def has_eight_bits(self) -> bool:
        return False

    def load(self, model: Path, *, rounded: bool = False) -> Network:
        number = self._process.call("load_network", model, limit_s=LOAD_LIMIT_S)
        return _RemoteNetwork(self._process, number)


class _RemoteNetwork:
    def __init__(self, process: TorchProcess, number: int) -> None:
        self._process, self._number = process, number

    def __call__(self, *inputs: Array) -> tuple[FloatArray, ...]:
        outputs: tuple[FloatArray, ...] = self._process.call(
            "run_network", self._number, *inputs, limit_s=RUN_LIMIT_S
        )
        return outputs
