from __future__ import annotations

import sys
from pathlib import Path

import onnxruntime
import pytest

from common.errors import EngineError
from models.engines.onnxruntime import OnnxRuntimeEngine


def test_it_says_its_name() -> None:
    assert OnnxRuntimeEngine().name == "onnxruntime:CPU"


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(EngineError, match="named NPU for ONNX Runtime, but this computer offers C"):
        OnnxRuntimeEngine("NPU")


def test_where_it_is_not_installed_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EngineError, match=r"\[onnxruntime\]'?, or set device to auto"):
        OnnxRuntimeEngine()


def test_cuda_is_found_in_python_packages_and_what_is_missing_is_not_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def preload() -> None:
        asked.append("cuda")
        print("Failed to load libcublas")

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(onnxruntime, "preload_dlls", preload)
    OnnxRuntimeEngine("CUDA")
    assert (asked, capsys.readouterr().out) == (["cuda"], "")


def test_a_gpu_that_cannot_start_is_not_replaced_by_the_processor(
    monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    """ONNX Runtime itself goes on, on the CPU. A build for CUDA without CUDA's libraries:"""
    session = onnxruntime.InferenceSession
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(
        onnxruntime,
        "InferenceSession",
        lambda path, options, **_: session(path, options, providers=["CPUExecutionProvider"]),
    )
    with pytest.raises(EngineError, match="on CUDA, but it cannot start there"):
        OnnxRuntimeEngine("CUDA").load(model)


def test_nothing_that_sends_pictures_away_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = ["AzureExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: offered)
    assert OnnxRuntimeEngine.devices() == ["CPU"]
