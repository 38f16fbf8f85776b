from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from common.errors import EngineError
from models.conversion import mtcnn, weights
from models.engines import openvino
from models.engines.engine import Engine
from models.engines.openvino import MOST_SHAPES, OpenVinoEngine


def test_it_says_its_name(engine: Engine) -> None:
    assert engine.name == "openvino:CPU"


def test_the_processor_is_a_device() -> None:
    assert "CPU" in OpenVinoEngine.devices()


def test_an_unknown_device_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        EngineError, match=r"named TPU for OpenVINO, but this computer offers .*CPU"
    ):
        OpenVinoEngine(tmp_path, "TPU")


def test_a_cache_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(EngineError, match="let FACEDESK_CACHE name a folder"):
        OpenVinoEngine(tmp_path / "file" / "openvino")


def test_nothing_is_sent_to_its_maker(engine: Engine) -> None:
    """The part of OpenVINO that reports usage can no longer be imported."""
    assert sys.modules["openvino.tools.ovc"] is None
    assert not [n for n, m in sys.modules.items() if "telemetry" in n and m is not None]


def test_shapes_that_come_again_give_the_same(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are compiled for from the second time on; more of them than are remembered."""
    monkeypatch.setattr(openvino, "LARGE_INPUT", 0)
    mtcnn.write_rnet(weights.locate(weights.MTCNN_RNET), tmp_path / "net.onnx")
    once, again = (engine.load(tmp_path / "net.onnx") for _ in range(2))
    rng = np.random.default_rng(0)
    for _ in range(2):
        for count in range(1, MOST_SHAPES + 3):
            crops = rng.uniform(-1, 1, (count, 24, 24, 3)).astype(np.float32)
            first = [output.copy() for output in once(crops)]
            for _ in range(3):
                for output, expected in zip(again(crops), first, strict=True):
                    assert output == pytest.approx(expected, abs=1e-6)


def test_shapes_are_compiled_for_while_there_is_room(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In turn, and more than have room: the first ones stay, none is compiled for again."""
    monkeypatch.setattr(openvino, "LARGE_INPUT", 0)
    monkeypatch.setattr(openvino, "MOST_BYTES", 4 * 24 * 24 * 3 * (1 + 2 + 3))
    mtcnn.write_rnet(weights.locate(weights.MTCNN_RNET), tmp_path / "net.onnx")
    network: Any = engine.load(tmp_path / "net.onnx")
    compile_model, compiled = network._compiled, []
    monkeypatch.setattr(network, "_compiled", lambda m: compiled.append(m) or compile_model(m))
    for _ in range(5):
        for count in range(1, 8):
            network(np.zeros((count, 24, 24, 3), np.float32))
    assert len(compiled) == 3


def test_a_shape_that_cannot_be_is_refused(engine: Engine, tmp_path: Path) -> None:
    mtcnn.write_rnet(weights.locate(weights.MTCNN_RNET), tmp_path / "net.onnx")
    network = engine.load(tmp_path / "net.onnx")
    for _ in range(2):
        with pytest.raises(EngineError, match="on CPU, but it refused"):
            network(np.zeros((1, 40, 24, 3), np.float32))


@pytest.mark.parametrize("preferred", ["f32", "bf16"])
def test_rounds_where_the_processor_is_made_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preferred: str
) -> None:
    """Results differ by the last of eight bits; here, by nothing where it is not."""
    from openvino import Core, Type

    engine = OpenVinoEngine(tmp_path / "openvino")
    types = {"f32": Type.f32, "bf16": Type.bf16}
    native = Core().get_property("CPU", "INFERENCE_PRECISION_HINT").get_type_name()
    core = SimpleNamespace(
        get_property=lambda *_: types[preferred], compile_model=engine._core.compile_model
    )
    monkeypatch.setattr(engine, "_core", core)
    mtcnn.write_rnet(weights.locate(weights.MTCNN_RNET), tmp_path / "net.onnx")
    crops = np.random.default_rng(0).uniform(-1, 1, (4, 24, 24, 3)).astype(np.float32)
    exact = engine.load(tmp_path / "net.onnx")(crops)[0].copy()
    rounded = engine.load(tmp_path / "net.onnx", rounded=True)(crops)[0]
    assert rounded == pytest.approx(exact, abs=0.02)
    if preferred == "f32":
        assert np.array_equal(rounded, exact)
    elif native == "bf16":
        assert not np.array_equal(rounded, exact)
