"""ONNX Runtime: the second runtime, for computers where it is quicker than OpenVINO.

Installed with the extra `onnxruntime`; a GPU needs the package onnxruntime-gpu instead.
"""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from common.errors import EngineError
from common.extras import needing
from common.sentence import Sentence
from models.engines.engine import Array, FloatArray, Network, check_onnx

_PROVIDERS: dict[str, tuple[str, dict[str, str]]] = {
    "CPU": ("CPUExecutionProvider", {}),
    # TF32 has 10 bits and moves boxes. The exhaustive search for the quickest convolution, which
    # is the default, would hold up every new canvas size.
    "CUDA": ("CUDAExecutionProvider", {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"}),
}
"""Devices, what ONNX Runtime calls them, and with which options they run. Others that it may list
are left out: Azure sends its inputs away, TensorRT compiles for minutes."""


class OnnxRuntimeEngine:
    """ONNX Runtime on `device`: "CPU" or "CUDA". Raises EngineError where that is missing.

    threads: of each network on the CPU; None for as many as the runtime likes.
    """

    def __init__(self, device: str = "CPU", threads: int | None = None) -> None:
        offered = self.devices()
        if device not in offered:
            raise EngineError(
                Sentence("a device named {} for ONNX Runtime", device),
                Sentence("this computer offers {}", ", ".join(offered) or Sentence("none")),
                "Set device to auto",
            )
        if device == "CUDA":
            _load_cuda()
        self._device = device
        self._threads = threads

    @staticmethod
    def devices() -> list[str]:
        """Return the devices that the installed ONNX Runtime was built for.

        CUDA may be missing even where it is among them.

        Raises EngineError where ONNX Runtime is not installed.
        """
        offered = _onnxruntime().get_available_providers()
        return [device for device, (provider, _) in _PROVIDERS.items() if provider in offered]

    @property
    def name(self) -> str:
        return f"onnxruntime:{self._device}"

    @property
    def has_eight_bits(self) -> bool:
        return False

    def load(self, model: Path, *, rounded: bool = False) -> Network:
        check_onnx(model, "ONNX Runtime")
        runtime = _onnxruntime()
        options = runtime.SessionOptions()
        options.log_severity_level = 4  # what goes wrong is raised
        # Threads that spin while they wait for the next frame would eat a core.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if self._threads is not None:
            options.intra_op_num_threads = self._threads
        provider, settings = _PROVIDERS[self._device]
        try:
            session = runtime.InferenceSession(
                str(model), options, providers=[provider], provider_options=[settings]
            )
        except _failures() as error:
            raise _refused(model, self._device, error) from error
        # Where CUDA's libraries are missing it would go on, on the CPU.
        if session.get_providers()[0] != provider:
            raise EngineError(
                Sentence("ONNX Runtime to run {} on {}", model.name, self._device),
                "it cannot start there, most often because a library of the GPU is missing",
                "Install what ONNX Runtime asks for on this GPU, or set device to auto",
            )
        return _OnnxRuntimeNetwork(session, model, self._device)


class _OnnxRuntimeNetwork:
    def __init__(self, session: Any, model: Path, device: str) -> None:
        self._session = session
        self._inputs = [value.name for value in session.get_inputs()]
        self._model, self._device = model, device

    def __call__(self, *inputs: Array) -> tuple[FloatArray, ...]:
        try:
            return tuple(self._session.run(None, dict(zip(self._inputs, inputs, strict=True))))
        except _failures() as error:
            raise _refused(self._model, self._device, error) from error


def _onnxruntime() -> Any:
    with needing(
        "onnxruntime",
        Sentence("which device asks for"),
        EngineError,
        Sentence("set device to auto"),
    ):
        import onnxruntime
    # For builds that do not know the switch of models/__init__.py, such as older ones for Windows.
    onnxruntime.disable_telemetry_events()
    return onnxruntime


def _load_cuda() -> None:
    """Load CUDA's libraries out of NVIDIA's Python packages, where the system has none."""
    # Of what it does not find it prints to stdout; load() says so in a sentence.
    with redirect_stdout(io.StringIO()):
        _onnxruntime().preload_dlls()


def _failures() -> tuple[type[Exception], ...]:
    """Return the errors that ONNX Runtime raises at a model or a device.

    These classes have no base class of their own.
    """
    from onnxruntime.capi import onnxruntime_pybind11_state as raised

    return (
        raised.EPFail,
        raised.Fail,
        raised.InvalidArgument,
        raised.InvalidGraph,
        raised.InvalidProtobuf,
        raised.NotImplemented,
        raised.RuntimeException,
    )


def _refused(model: Path, device: str, error: Exception) -> EngineError:
    return EngineError(
        Sentence("ONNX Runtime to run {} on {}", model.name, device),
        Sentence("it refused: {}", str(error).strip().splitlines()[-1]),
        "Set device to auto, or update ONNX Runtime",
    )
