"""OpenVINO: the default runtime, the fastest one on a plain CPU for these networks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from facedesk_errors import EngineError
from models.engines.engine import Array, FloatArray, Network


class OpenVinoEngine:
    """OpenVINO on `device`: "CPU", or another that it lists, such as "GPU" or "NPU".

    cache_dir: where compiled models are kept between starts; halves the time of a start.
    """

    def __init__(self, cache_dir: Path, device: str = "CPU") -> None:
        # OpenVINO's model converter, which is not used here, imports a package that reports
        # usage to its maker. Nothing may be sent from here: the name is blocked, and the
        # converter with it. It also takes a third of OpenVINO's import time.
        sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]
        import openvino

        self._core = openvino.Core()
        if device.split(".")[0] not in self._core.available_devices:
            raise EngineError(
                f"a device named {device} for OpenVINO",
                f"this computer offers {', '.join(self._core.available_devices) or 'none'}",
                "Set device to one of these",
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

    @property
    def name(self) -> str:
        return f"openvino {self._device}"

    def load(self, model: Path) -> Network:
        try:
            compiled = self._core.compile_model(str(model), self._device, self._config)
        except RuntimeError as error:
            raise EngineError(
                f"OpenVINO to run {model.name} on {self._device}",
                f"it refused: {str(error).strip().splitlines()[-1]}",
                "Set device to CPU, or update OpenVINO",
            ) from error
        return _OpenVinoNetwork(compiled)


class _OpenVinoNetwork:
    def __init__(self, compiled: Any) -> None:
        self._request = compiled.create_infer_request()
        self._outputs = len(compiled.outputs)

    def __call__(self, *inputs: Array) -> tuple[FloatArray, ...]:
        results = self._request.infer(list(inputs), share_inputs=True, share_outputs=True)
        return tuple(results[i] for i in range(self._outputs))
