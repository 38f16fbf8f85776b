"""The page's application behind a real server, in front of people made of coloured squares."""

from __future__ import annotations

import http.client
import io
import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from socket import create_server
from typing import Any

import pytest
import uvicorn
from PIL import Image

from common.picture import RgbImage
from desktop.home import Home
from desktop.web.app import web_app
from desktop.web.recognition_thread import RecognitionThread
from recognition.recognizer import Recognizer
from station.ledger.audit import Audit
from station.ledger.ledger import Ledger

END_S = 30.0


def png(image: RgbImage) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


Part = tuple[str, str | bytes]
"""A field's name, and its text or the picture in it."""


def multipart(parts: list[Part]) -> tuple[bytes, str]:
    """The body and its content type."""
    edge = uuid.uuid4().hex
    body = b""
    for number, (name, value) in enumerate(parts):
        file = f'; filename="ảnh {number}.png"' if isinstance(value, bytes) else ""
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        body += head.encode() + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return body + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """Speaks HTTP to the server. headers: sent with each request."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=END_S)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, self.headers | named)
            reply = connection.getresponse()
            return Reply(reply.status, reply.read(), {k.lower(): v for k, v in reply.getheaders()})
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, **headers)

    def post(self, path: str, *parts: Part, **headers: str) -> Reply:
        body, kind = multipart(list(parts))
        return self.ask("POST", path, body, content_type=kind, **headers)


Serve = Callable[..., Client]


OpenRecognizer = Callable[[], AbstractContextManager[Recognizer]]


@pytest.fixture
def opened(load: Callable[[], Recognizer]) -> OpenRecognizer:
    """opened(): gives a recognizer, whose gallery is closed at the end."""

    @contextmanager
    def opened() -> Iterator[Recognizer]:
        recognizer = load()
        try:
            yield recognizer
        finally:
            recognizer.gallery.close()

    return opened


@pytest.fixture
def serve(opened: OpenRecognizer, home: Home) -> Iterator[Serve]:
    """serve(token=None): starts the application at a free port; all end with the test."""
    ends: list[Callable[[], None]] = []

    def serve(token: str | None = None, consent_text: str | None = None) -> Client:
        recognition = RecognitionThread(opened)
        recognition.start()
        audit = Audit(home.checkins, "", lambda told: None, begins_ledger=True)
        listening = create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            web_app(recognition, audit, token, consent_text),
            log_level="error",
            ws="none",
            lifespan="off",
        )
        server = uvicorn.Server(config)
        running = threading.Thread(target=server.run, args=([listening],))
        running.start()

        def end() -> None:
            server.should_exit = True
            running.join(END_S)
            recognition.close()
            listening.close()

        ends.append(end)
        return Client(listening.getsockname()[1])

    yield serve
    for end in ends:
        end()


@pytest.fixture
def client(serve: Serve) -> Client:
    """On this computer alone, without a token."""
    return serve()


@pytest.fixture
def audited(home: Home) -> Callable[[], list[tuple[str, str]]]:
    """What stands in the ledger: the acts and the names."""

    def read() -> list[tuple[str, str]]:
        if not home.checkins.exists():
            return []
        ledger = Ledger(home.checkins)
        try:
            return [(entry.event.note, entry.event.name) for entry in ledger.entries()]
        finally:
            ledger.close()

    return read
