"""The program of PyTorch's own process: `python -m models.torch_process.tasks`.

It is started by process.py.

It reads pickled requests from stdin and writes pickled replies to stdout; whatever else is printed
goes to stderr. It ends when stdin does, at once, also in the middle of a task: nobody waits for
it any more.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from common.errors import FacedeskError
from models.torch_process.process import Reply, TaskDone, TaskFailed, TaskRefused

if TYPE_CHECKING:
    from models.conversion.foreign.keras_model import KerasNetwork, PictureSize
    from models.engines.engine import Array, FloatArray, Network
    from models.engines.torch.engine import TorchEngine

Request = tuple[str, tuple[Any, ...]]


class TorchTasks:
    """The tasks: each public method is one, by its name.

    Holds one engine and its networks, and one network of Keras.
    """

    def __init__(self) -> None:
        self._engine: TorchEngine | None = None
        self._networks: list[Network] = []
        self._keras: KerasNetwork | None = None

    def download_weights(self, trained_on: str) -> None:
        """Download FaceNet's weights to where models/conversion/facenet.py looks for them."""
        from models.conversion.facenet import download_facenet

        download_facenet(trained_on)

    def load_keras(self, file: Path, preset: str | None) -> PictureSize:
        """Load a network of Keras, for all later calls; return what it reads."""
        from models.conversion.foreign.keras_model import KerasNetwork

        self._keras = KerasNetwork(file, preset)
        return self._keras.size

    def write_keras(self, target: Path) -> None:
        """Write the network of Keras as an ONNX file."""
        assert self._keras is not None, "load_keras() comes first"
        self._keras.write(target)

    def run_keras(self, pictures: FloatArray) -> FloatArray:
        """Return the vectors that Keras gives."""
        assert self._keras is not None, "load_keras() comes first"
        return self._keras(pictures)

    def run_facenet(self, weights: Path, pictures: FloatArray) -> FloatArray:
        """Return the vectors that facenet-pytorch gives. pictures: (n, 160, 160, 3)."""
        from models.conversion.facenet import run_facenet

        return run_facenet(weights, pictures)

    def open_device(self, device: str) -> str:
        """Open the engine on a device, for all later calls; return its name."""
        from models.engines.torch.engine import TorchEngine

        self._engine = TorchEngine(device)
        return self._engine.name

    def load_network(self, model: Path) -> int:
        """Load a network; return the number by which run_network() knows it."""
        assert self._engine is not None, "open_device() comes first"
        self._networks.append(self._engine.load(model))
        return len(self._networks) - 1

    def run_network(self, number: int, *inputs: Array) -> tuple[FloatArray, ...]:
        return self._networks[number](*inputs)

    def answer(self, request: Request) -> Reply:
        task, arguments = request
        try:
            return TaskDone(getattr(self, task)(*arguments))
        except FacedeskError as error:
            return TaskRefused.of(error)
        except Exception:
            return TaskFailed(traceback.format_exc())


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # urllib3, which facenet-pytorch imports, would open an Internet socket to see whether it can.
    socket.has_ipv6 = False
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
    listener = threading.Thread(target=_listen, args=(sys.stdin.buffer, requests.put), daemon=True)
    listener.start()
    tasks = TorchTasks()
    while True:
        reply = tasks.answer(requests.get())
        try:
            pickle.dump(reply, replies, protocol=5)
            replies.flush()
        except BrokenPipeError:
            os._exit(0)


def _listen(requests: IO[bytes], put: Callable[[Request], None]) -> None:
    try:
        while True:
            put(pickle.load(requests))
    finally:
        os._exit(0)  # not sys.exit, which waits for the task


if __name__ == "__main__":
    main()
