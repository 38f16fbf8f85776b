"""A camera on this computer that answers each request as a test says."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image


@dataclass
class CameraAnswer:
    """headers may hold a Content-Length other than that of the body."""

    status: int = 200
    kind: str | None = "image/jpeg"
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5
    server: WebCamera

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        answer = self.server.answer(self.path, self.headers.get("Authorization"))
        if answer is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        if answer.kind is not None:
            self.send_header("Content-Type", answer.kind)
        if "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def setup(self) -> None:
        self.server.connections += 1
        super().setup()

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


class WebCamera(ThreadingHTTPServer):
    """answer: gets the path and the header Authorization; None ends the connection.

    asked: the same two of each request so far.
    """

    daemon_threads = False  # so that server_close() waits for them

    def __init__(self, host: str) -> None:
        super().__init__((host, 0), _Handler)
        self.answer: Callable[[str, str | None], CameraAnswer | None]
        self.asked: list[tuple[str, str | None]] = []
        self.connections = 0

    @property
    def port(self) -> int:
        return self.server_address[1]

    def handle_error(self, *_: object) -> None:
        """A reader that has gone is none of ours."""


@pytest.fixture
def open_camera() -> Iterator[Callable[..., WebCamera]]:
    cameras: list[WebCamera] = []

    def start(host: str = "127.0.0.1") -> WebCamera:
        camera = WebCamera(host)
        cameras.append(camera)
        threading.Thread(target=camera.serve_forever, args=(0.01,), daemon=True).start()
        return camera

    yield start
    for camera in cameras:
        camera.shutdown()
        camera.server_close()


@pytest.fixture
def camera(open_camera: Callable[..., WebCamera]) -> WebCamera:
    """One that gives a picture to everybody."""
    camera = open_camera()
    camera.answer = lambda path, told: CameraAnswer(body=jpeg())
    return camera


def jpeg(red: int = 200) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((48, 64, 3), (red, 0, 30), np.uint8)).save(file, "JPEG", quality=95)
    return file.getvalue()
