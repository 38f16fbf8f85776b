"""Lists the devices by the names of the setting `device`, and opens the engine on one of them.

A name is "runtime:device": openvino:CPU, openvino:GPU, openvino:NPU, onnxruntime:CPU,
onnxruntime:CUDA, torch:cuda; without a runtime, OpenVINO is meant.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
from importlib.util import find_spec
from pathlib import Path

from common.errors import EngineError
from common.sentence import Sentence
from models.engines.engine import Engine
from models.engines.onnxruntime import OnnxRuntimeEngine
from models.engines.openvino import OpenVinoEngine
from models.engines.torch.remote import RemoteTorchEngine

DEFAULT = "openvino:CPU"
"""The default device: every computer has it, and it is the quickest on a plain CPU."""

_RUNTIMES = ("openvino", "onnxruntime", "onnxruntime-gpu", "torch")
_NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")


def open_engine(device: str, openvino_cache: Path, threads: int | None = None) -> Engine:
    """Open the engine on a device. Raises EngineError where runtime or device is missing.

    threads: of each network, on a processor's runtimes; None for as many as the runtime likes.
    """
    runtime, separator, name = device.partition(":")
    if not separator:
        runtime, name = "openvino", device
    if runtime == "openvino":
        return OpenVinoEngine(openvino_cache, name, threads)
    if runtime == "onnxruntime":
        return OnnxRuntimeEngine(name, threads)
    if runtime == "torch":
        return RemoteTorchEngine(name)
    raise EngineError(
        "a device of openvino, onnxruntime or torch, such as openvino:CPU",
        Sentence("device is {}", device),
        "Set device to auto",
    )


def runs_side_by_side(device: str) -> bool:
    """Return whether several threads with networks of their own are quicker there than one."""
    return device.rpartition(":")[2] == "CPU"


def available_devices() -> list[str]:
    """Return all devices worth a trial, DEFAULT first. torch is not imported for it."""
    names = [f"openvino:{device}" for device in OpenVinoEngine.devices()]
    if find_spec("onnxruntime"):
        names += [f"onnxruntime:{device}" for device in OnnxRuntimeEngine.devices()]
    if _nvidia_driver() and find_spec("torch"):
        names.append("torch:cuda")
    return [DEFAULT, *(name for name in names if name != DEFAULT)]


def surroundings() -> dict[str, str]:
    """Return what the devices' speed depends on: runtimes' versions, processor, accelerators.

    It is looked up in a few milliseconds, without importing a runtime.
    """
    return {
        **{runtime: _version(runtime) for runtime in _RUNTIMES},
        "processor": f"{os.cpu_count()} x {_processor()}",
        "accelerators": " ".join(
            sorted(
                node.name
                for pattern in ("dri/renderD*", "accel/accel*")
                for node in Path("/dev").glob(pattern)
            )
        ),
        "nvidia driver": _nvidia_driver(),
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")


def _nvidia_driver() -> str:
    """Return the NVIDIA driver's version, or its tool's path; empty where there is no driver."""
    try:
        return _NVIDIA_DRIVER.read_text("utf-8").partition("\n")[0]
    except OSError:
        return shutil.which("nvidia-smi") or ""
