"""Runs PyTorch in a process of its own.

PyTorch brings Triton, whose LLVM clashes with the one that Qt's xcb plugin loads through Mesa: the
two in one process end it with a segmentation fault. So whatever needs PyTorch is a task of
models/torch_process/tasks.py, asked for from here: the device torch:cuda, the download of FaceNet's
weights, and what facenet-pytorch gives for pictures. Keras runs there, too, without PyTorch: what
it reads was written by strangers.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
import weakref
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import common.errors
from common.errors import EngineError, FacedeskError
from common.sentence import Sentence

ENDING_S = 5.0
"""How long a killed process may take to go; far more than it needs."""


@dataclass(frozen=True)
class TaskDone:
    """The reply of a task that has ended well, with its result."""

    result: Any


@dataclass(frozen=True)
class TaskRefused:
    """The reply of a task that ended in a FacedeskError, as its class and its three sentences.

    The error itself does not survive pickling, since its constructor takes these sentences.
    """

    kind: str
    expected: str
    found: str
    remedy: str

    @classmethod
    def of(cls, error: FacedeskError) -> TaskRefused:
        return cls(type(error).__name__, error.expected, error.found, error.remedy)

    def error(self) -> FacedeskError:
        kind: type[FacedeskError] = getattr(common.errors, self.kind)
        return kind(self.expected, self.found, self.remedy)


@dataclass(frozen=True)
class TaskFailed:
    """The reply of a task that ended in a mistake of our own, with the process's traceback."""

    trace: str


Reply = TaskDone | TaskRefused | TaskFailed


class TorchProcess:
    """Runs tasks of models/torch_process/tasks.py, one after the other.

    The process ends with close(), with this object, and with the program that started it, however
    that ends. Its temporary files, PyTorch's caches among them, go with it.
    Raises EngineError where it cannot be started.
    """

    def __init__(self) -> None:
        try:
            self._process, folder = _started()
        except OSError as error:
            raise EngineError(
                "PyTorch's own process to start",
                Sentence("it cannot be started ({})", error.strerror or error),
                "Free some memory and some space for temporary files, and try again",
            ) from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests: IO[bytes] = self._process.stdin
        self._replies: queue.SimpleQueue[Reply | None] = queue.SimpleQueue()
        self._reader = threading.Thread(
            target=_read, args=(self._process.stdout, self._replies), name="torch replies"
        )
        self._reader.daemon = True  # it ends with the process, which close() ends
        self._reader.start()
        self._one_at_a_time = threading.Lock()
        self.close = weakref.finalize(self, _end, self._process, self._reader, folder)

    def call(self, task: str, *arguments: Any, limit_s: float) -> Any:
        """Run the task of that name; return its result, or raise the FacedeskError it ended in.

        Raises EngineError where the process is gone, or needs longer than limit_s seconds; in
        that case the process is ended.
        """
        with self._one_at_a_time:
            try:
                pickle.dump((task, arguments), self._requests, protocol=5)
                self._requests.flush()
                reply = self._replies.get(timeout=limit_s)
            except queue.Empty:
                self.kill()
                found = Sentence("it took longer than {} seconds", f"{limit_s:.0f}")
                raise _lost(found) from None
            except (OSError, ValueError):  # broken, or closed by close()
                reply = None
        match reply:
            case TaskDone(result):
                return result
            case TaskRefused():
                raise reply.error()
            case TaskFailed(trace):
                raise RuntimeError(f"in PyTorch's process: {trace}")
        found = Sentence("it ended {}", _why_ended(self._process))
        raise _lost(found)

    def kill(self) -> None:
        """End the process, from any thread: a call that waits for it raises EngineError."""
        self._process.kill()


def _started() -> tuple[subprocess.Popen[bytes], tempfile.TemporaryDirectory[str]]:
    folder = tempfile.TemporaryDirectory(prefix="facedesk-torch-", ignore_cleanup_errors=True)
    try:
        process = subprocess.Popen(
            # -P: what lies in the current folder is not taken for a module.
            [sys.executable, "-P", "-m", "models.torch_process.tasks"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(Path(folder.name)),
            start_new_session=True,  # Ctrl+C is for the program, which then ends this process
        )
    except OSError:
        folder.cleanup()
        raise
    return process, folder


def _read(replies: IO[bytes], into: queue.SimpleQueue[Reply | None]) -> None:
    """Put each reply into the queue, and None once the process has ended."""
    try:
        while True:
            into.put(pickle.load(replies))
    except (EOFError, pickle.UnpicklingError):  # the latter where it was killed in a reply
        into.put(None)


def _end(
    process: subprocess.Popen[bytes],
    reader: threading.Thread,
    folder: tempfile.TemporaryDirectory[str],
) -> None:
    process.kill()
    process.wait(ENDING_S)
    if reader is not threading.current_thread():
        reader.join(ENDING_S)
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        with suppress(BrokenPipeError):  # by what is left of a request
            pipe.close()
    folder.cleanup()


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of PyTorch's process: this one's, and our modules can be imported.

    All that PyTorch writes goes to the folder.
    """
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(Path(__file__).parents[2]), *filter(None, sys.path))),
        "TMPDIR": str(folder),
        "TORCHINDUCTOR_CACHE_DIR": str(folder / "inductor"),
        "TRITON_HOME": str(folder),
    }


def _why_ended(process: subprocess.Popen[bytes]) -> Sentence:
    try:
        code = process.wait(ENDING_S)
    except subprocess.TimeoutExpired:
        return Sentence("without a word")
    return Sentence("by signal {}", -code) if code < 0 else Sentence("with code {}", code)


def _lost(found: Sentence) -> EngineError:
    return EngineError(
        "an answer from the process of PyTorch and Keras",
        found,
        "Try again; where it happens again, free some memory, or install Facedesk again",
    )
