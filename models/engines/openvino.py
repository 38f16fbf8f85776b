"""OpenVINO: the default runtime, the fastest one on a plain CPU for these networks."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

from facedesk_errors import EngineError
from models.engines.engine import Array, FloatArray, Network


class OpenVinoEngine:
    """OpenVINO on `device`: "CPU", or another that it lists, such as "GPU" or "NPU".

    cache_dir: where compiled models are kept between starts; halves the time of a start.
    """

    def __init__(self, cache_dir: Path, device: str = "CPU") -> None:
        self._core = _core()
        offered = self.devices()
        if device not in offered and device.split(".")[0] not in offered:
            raise EngineError(
                f"a device named {device} for OpenVINO",
                f"this computer offers {', '.join(offered) or 'none'}",
                "Set device to one of these, or to auto",
            )
        try:
            cache_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EngineError(
                f"to keep compiled models in {cache_dir}",
                f"the folder cannot be made ({error.strerror or error})",
                "Free some space, or let FACEDESK_CACHE name a folder that can be written",
            ) from error
        self._device = device
        self._config: dict[str, Any] = {
            "CACHE_DIR": str(cache_dir),
            "PERFORMANCE_HINT": "LATENCY",
            # Some processors report bf16, which is slower on these networks and moves boxes.
            "INFERENCE_PRECISION_HINT": "f32",
        }

    @staticmethod
    def devices() -> list[str]:
        """The devices that OpenVINO finds on this computer, such as CPU, GPU.0, GPU.1, NPU."""
        return list(_core().available_devices)

    @property
    def name(self) -> str:
        return f"openvino:{self._device}"

    def load(self, model: Path) -> Network:
        try:
            compiled = self._core.compile_model(str(model), self._device, self._config)
        except RuntimeError as error:
            raise _refused(model, self._device, error) from error
        return _OpenVinoNetwork(compiled, model, self._device)


class _OpenVinoNetwork:
    def __init__(self, compiled: Any, model: Path, device: str) -> None:
        self._request = compiled.create_infer_request()
        self._outputs = len(compiled.outputs)
        self._model, self._device = model, device

    def __call__(self, *inputs: Array) -> tuple[FloatArray, ...]:
        try:
            results = self._request.infer(list(inputs), share_inputs=True, share_outputs=True)
        except RuntimeError as error:
            raise _refused(self._model, self._device, error) from error
        return tuple(results[i] for i in range(self._outputs))


@cache
def _core() -> Any:
    # OpenVINO's model converter, which is not used here, imports a package that reports
    # usage to its maker. Nothing may be sent from here: the name is blocked, and the
    # converter with it. It also takes a third of OpenVINO's import time.
    sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]
    import openvino

    return openvino.Core()


def _refused(model: Path, device: str, error: Exception) -> EngineError:
    return EngineError(
        f"OpenVINO to run {model.name} on {device}",
        f"it refused: {str(error).strip().splitlines()[-1]}",
        "Set device to CPU, or update OpenVINO",
    )
