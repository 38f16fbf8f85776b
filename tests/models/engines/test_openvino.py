from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

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
    compiler, shapes = network._compiler.compiled, []
    monkeypatch.setattr(network._compiler, "compiled", lambda s: shapes.append(s) or compiler(s))
    for _ in range(5):
        for count in range(1, 8):
            network(np.zeros((count, 24, 24, 3), np.float32))
    assert len(shapes) == 3


def test_a_shape_that_cannot_be_is_refused(engine: Engine, tmp_path: Path) -> None:
    mtcnn.write_rnet(weights.locate(weights.MTCNN_RNET), tmp_path / "net.onnx")
    network = engine.load(tmp_path / "net.onnx")
    for _ in range(2):
        with pytest.raises(EngineError, match="on CPU, but it refused"):
            network(np.zeros((1, 40, 24, 3), np.float32))


@pytest.mark.parametrize(
    ("preferred", "flags"), [("f32", "amx_bf16"), ("bf16", "avx512_bf16"), ("bf16", "amx_bf16")]
)
def test_rounds_where_the_processor_is_made_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preferred: str, flags: str
) -> None:
    """Results differ by the last of eight bits; here, by nothing where it is not."""
    from openvino import Core, Type

    processor = tmp_path / "cpuinfo"
    processor.write_text(f"flags\t\t: fpu {flags} avx512_fp16\n")
    engine = OpenVinoEngine(tmp_path / "openvino", processor=processor)
    types = {"f32": Type.f32, "bf16": Type.bf16}
    native = Core().get_property("CPU", "INFERENCE_PRECISION_HINT").get_type_name()

    class OtherCore(Core):
        def get_property(self, device: str, name: str) -> Any:
            if name == "INFERENCE_PRECISION_HINT":
                return types[preferred]
            return super().get_property(device, name)

    monkeypatch.setattr(engine, "_core", OtherCore())
    mtcnn.write_rnet(weights.locate(weights.MTCNN_RNET), tmp_path / "net.onnx")
    crops = np.random.default_rng(0).uniform(-1, 1, (4, 24, 24, 3)).astype(np.float32)
    exact = engine.load(tmp_path / "net.onnx")(crops)[0].copy()
    rounded = engine.load(tmp_path / "net.onnx", rounded=True)(crops)[0]
    assert rounded == pytest.approx(exact, abs=0.02)
    if (preferred, flags) != ("bf16", "amx_bf16"):
        assert np.array_equal(rounded, exact)
    elif native == "bf16":
        assert not np.array_equal(rounded, exact)


@pytest.fixture(scope="module")
def rnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rnet") / "rnet.onnx"
    mtcnn.write_rnet(weights.locate(weights.MTCNN_RNET), path)
    return path


@pytest.fixture
def crops() -> NDArray[np.float32]:
    return np.random.default_rng(0).uniform(-1, 1, (4, 24, 24, 3)).astype(np.float32)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was compiled and not loaded, in this test."""
    from openvino import Core

    compile_model, models = Core.compile_model, []

    def counted(core: Core, model: object, *arguments: object) -> object:
        models.append(model)
        return compile_model(core, model, *arguments)

    monkeypatch.setattr(Core, "compile_model", counted)
    return models


def test_a_model_is_compiled_once(
    tmp_path: Path, rnet: Path, crops: NDArray[np.float32], compiled: list[object]
) -> None:
    first = OpenVinoEngine(tmp_path).load(rnet)(crops)[0].copy()
    assert len(compiled) == 1
    assert np.array_equal(OpenVinoEngine(tmp_path).load(rnet)(crops)[0], first)
    assert len(compiled) == 1


@pytest.mark.parametrize("byte", [0, 0xFF])
def test_a_blob_of_which_any_block_was_lost_is_made_anew(
    tmp_path: Path, rnet: Path, crops: NDArray[np.float32], compiled: list[object], byte: int
) -> None:
    """As a disk or a file system loses it, 4 KiB at a time: the first, the last, some between."""
    expected = OpenVinoEngine(tmp_path).load(rnet)(crops)[0].copy()
    (blob,) = tmp_path.iterdir()
    whole = blob.read_bytes()
    blocks = {*range(0, len(whole), 11 * 4096), (len(whole) - 1) // 4096 * 4096}
    for start in sorted(blocks):
        lost = bytes([byte]) * len(whole[start : start + 4096])
        blob.write_bytes(whole[:start] + lost + whole[start + 4096 :])
        assert blob.read_bytes() != whole
        assert np.array_equal(OpenVinoEngine(tmp_path).load(rnet)(crops)[0], expected)
        assert len(list(tmp_path.iterdir())) == 1
        blob = next(tmp_path.iterdir())
    assert len(compiled) == 1 + len(blocks)


def test_a_blob_that_was_cut_short_is_made_anew(
    tmp_path: Path, rnet: Path, crops: NDArray[np.float32], compiled: list[object]
) -> None:
    expected = OpenVinoEngine(tmp_path).load(rnet)(crops)[0].copy()
    for length in (0, 100, 5000):
        (blob,) = tmp_path.iterdir()
        blob.write_bytes(blob.read_bytes()[:length])
        assert np.array_equal(OpenVinoEngine(tmp_path).load(rnet)(crops)[0], expected)
    assert len(compiled) == 4


def test_what_openvino_does_not_take_is_compiled_anew(
    tmp_path: Path,
    rnet: Path,
    crops: NDArray[np.float32],
    compiled: list[object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As after an update of a driver."""
    from openvino import Core

    def refuse(*arguments: object) -> None:
        raise RuntimeError("of another driver")

    expected = OpenVinoEngine(tmp_path).load(rnet)(crops)[0].copy()
    monkeypatch.setattr(Core, "import_model", refuse)
    assert np.array_equal(OpenVinoEngine(tmp_path).load(rnet)(crops)[0], expected)
    assert len(compiled) == 2


def test_another_content_version_or_precision_is_another_blob(
    tmp_path: Path, rnet: Path, compiled: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, copy = tmp_path / "blobs", tmp_path / "rnet.onnx"
    copy.write_bytes(rnet.read_bytes())
    OpenVinoEngine(folder).load(copy)
    with monkeypatch.context() as patch:
        patch.setattr("openvino.get_version", lambda: "2099.1")
        OpenVinoEngine(folder).load(copy)
    assert len(compiled) == 2
    assert len(list(folder.iterdir())) == 1  # the other version's is not wanted any more
    mtcnn.write_onet(weights.locate(weights.MTCNN_ONET), copy)
    OpenVinoEngine(folder).load(copy)
    assert len(compiled) == 3
    assert len(list(folder.iterdir())) == 1
    monkeypatch.setattr(OpenVinoEngine, "_has_bfloat16", True)
    OpenVinoEngine(folder).load(copy, rounded=True)
    assert len(compiled) == 4
    assert len(list(folder.iterdir())) == 2


def test_without_room_for_blobs_it_runs(
    tmp_path: Path, rnet: Path, crops: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = OpenVinoEngine(tmp_path / "other").load(rnet)(crops)[0].copy()

    def fill(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    engine = OpenVinoEngine(tmp_path / "blobs")
    monkeypatch.setattr("tempfile.mkstemp", fill)
    assert np.array_equal(engine.load(rnet)(crops)[0], expected)
    assert not list((tmp_path / "blobs").iterdir())
