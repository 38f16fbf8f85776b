from __future__ import annotations

import gc
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.errors import EngineError, WeightsError
from models.torch_process.process import TorchProcess

LIMIT_S = 60.0
ROOT = Path(__file__).parents[3]


@pytest.fixture
def process() -> Iterator[TorchProcess]:
    started = TorchProcess()
    yield started
    started.close()


def test_an_error_comes_as_the_one_that_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "checkpoints").write_text("no folder")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    process = TorchProcess()
    with pytest.raises(WeightsError) as caught:
        process.call("download_weights", "vggface2", limit_s=LIMIT_S)
    process.close()
    assert caught.value.expected.startswith("the FaceNet weights 20180402-114759-vggface2.pt")
    assert caught.value.remedy.startswith("Download 20180402-114759-vggface2.pt from")


def test_a_fault_of_our_own_comes_with_its_traceback(process: TorchProcess) -> None:
    with pytest.raises(RuntimeError, match=r"(?s)Traceback.*AttributeError.*no_such_task"):
        process.call("no_such_task", limit_s=LIMIT_S)
    with pytest.raises(RuntimeError, match=r"open_device.. comes first"):  # it goes on after one
        process.call("load_network", Path("net.onnx"), limit_s=LIMIT_S)


def test_what_takes_too_long_is_ended(process: TorchProcess) -> None:
    with pytest.raises(EngineError, match="PyTorch and Keras, but it took longer than 0 seconds"):
        process.call("open_device", "cpu", limit_s=0.01)
    with pytest.raises(EngineError, match="it ended"):
        process.call("open_device", "cpu", limit_s=LIMIT_S)


def test_another_thread_may_end_it(process: TorchProcess) -> None:
    killing = threading.Timer(0.3, process.kill)
    killing.start()
    with pytest.raises(EngineError, match="it ended by signal 9"):
        process.call("open_device", "cpu", limit_s=LIMIT_S)
    killing.join()


def test_it_ends_with_its_owner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    process = TorchProcess()
    (folder,) = tmp_path.iterdir()
    assert folder.name.startswith("facedesk-torch-")
    del process
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_where_it_cannot_be_started_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(EngineError, match=r"cannot be started \(Cannot allocate memory\)"):
        TorchProcess()


def test_what_lies_in_the_current_folder_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("torch", "pickle", "random"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a stranger was run')")
    monkeypatch.chdir(tmp_path)
    process = TorchProcess()
    assert process.call("open_device", "cpu", limit_s=LIMIT_S) == "torch:cpu"
    process.close()


OWNER = """
import sys
from models.torch_process.process import TorchProcess
process = TorchProcess()
print(process._process.pid, flush=True)
process.call("open_device", "cpu", limit_s=60)
print("open", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("is_idle", [True, False])
def test_it_ends_with_a_program_that_is_killed(is_idle: bool) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert owner.stdin is not None
    assert owner.stdout is not None
    with owner.stdin, owner.stdout:
        started = int(owner.stdout.readline())
        if is_idle:
            owner.stdout.readline()
        ended = os.pidfd_open(started)
        owner.send_signal(signal.SIGKILL)
        owner.wait(10)
        try:
            assert _is_over(ended)
        finally:
            os.close(ended)


def _is_over(process: int) -> bool:
    """Waits for it, some seconds at most."""
    return bool(select.select([process], [], [], 20)[0])
