from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from common.errors import EngineError
from models.engines import devices
from models.engines.devices import available_devices, open_engine, surroundings
from models.engines.onnxruntime import OnnxRuntimeEngine
from models.engines.openvino import OpenVinoEngine


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("CPU", "openvino:CPU"),
        ("openvino:CPU", "openvino:CPU"),
        ("onnxruntime:CPU", "onnxruntime:CPU"),
        ("torch:cpu", "torch:cpu"),
    ],
)
def test_a_device_by_its_name(device: str, name: str, tmp_path: Path) -> None:
    assert open_engine(device, tmp_path).name == name


@pytest.mark.parametrize(
    ("device", "found"),
    [
        ("tensorrt:0", "such as openvino:CPU, but device is tensorrt:0"),
        ("openvino:TPU", "named TPU for OpenVINO"),
        ("TPU", "named TPU for OpenVINO"),
        ("onnxruntime:TPU", "named TPU for ONNX Runtime"),
        ("torch:cuda:99", "named cuda:99 for torch"),
    ],
)
def test_an_unknown_device_is_refused(device: str, found: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=found):
        open_engine(device, tmp_path)


def test_all_that_is_there_is_listed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(OpenVinoEngine, "devices", lambda: ["NPU", "CPU", "GPU"])
    monkeypatch.setattr(OnnxRuntimeEngine, "devices", lambda: ["CPU"])
    monkeypatch.setattr(devices, "_NVIDIA_DRIVER", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    there = ["openvino:CPU", "openvino:NPU", "openvino:GPU", "onnxruntime:CPU"]
    assert available_devices() == there
    monkeypatch.setattr(devices, "_NVIDIA_DRIVER", Path(__file__))
    assert available_devices() == [*there, "torch:cuda"]


def test_what_is_not_installed_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "find_spec", lambda name: None)
    assert all(device.startswith("openvino:") for device in available_devices())


def test_the_surroundings_tell_computers_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = surroundings()
    assert here == surroundings()
    assert here["openvino"]
    assert here["torch"]
    assert int(here["processor"].partition(" x ")[0]) > 0
    (tmp_path / "version").write_text("NVRM version: 999.1\nGCC", "utf-8")
    monkeypatch.setattr(devices, "_NVIDIA_DRIVER", tmp_path / "version")
    assert {**here, "nvidia driver": "NVRM version: 999.1"} == surroundings()


def test_a_look_around_loads_no_runtime() -> None:
    script = """
import sys
from models.engines.devices import surroundings
surroundings()
assert not {"openvino", "onnxruntime", "torch", "onnx"} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[3])
