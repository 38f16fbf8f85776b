"""Against receivers, on the loopback address, that do what they should not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from station.actions.outbox import Delivery
from station.actions.webhook_client import WebhookClient

KEY = b"a secret of the station"
WHAT = Delivery("a" * 64, datetime(2026, 3, 1, 8, tzinfo=UTC), b'{"type": "facedesk.check-in"}')
WAIT_S = 30.0
SOON_S = 0.3
"""A limit that is waited for; all else comes at once."""


class Outside:
    """Accepts connections, and does with each what `behave` does. asked: what was received."""

    def __init__(self) -> None:
        self.behave: Callable[[socket.socket], object] = lambda connection: None
        self.asked: list[bytes] = []
        self.leaves = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self.leaves.set()
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def answer(self, text: bytes) -> Callable[[socket.socket], object]:
        return lambda connection: connection.sendall(text)

    def trickle(self, again: bytes) -> Callable[[socket.socket], None]:
        """Sends it again and again, a byte now and then."""

        def behave(connection: socket.socket) -> None:
            while not self.leaves.is_set():
                for byte in again:
                    connection.sendall(bytes([byte]))
                    self.leaves.wait(0.01)

        return behave

    def _accept(self) -> None:
        while not self.leaves.is_set():
            connection, _ = self._socket.accept()
            self._threads.append(threading.Thread(target=self._meet, args=(connection,)))
            self._threads[-1].start()

    def _meet(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            asked = connection.recv(65536)
            if asked:
                self.asked.append(asked)
                self.behave(connection)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    monkeypatch.setenv("no_proxy", "127.0.0.1,door.example")
    outside = Outside()
    yield outside
    outside.close()


def post(outside: Outside, scheme: str = "http", limit_s: float = WAIT_S) -> str | None:
    client = WebhookClient(f"{scheme}://127.0.0.1:{outside.port}/hook", KEY, limit_s)
    try:
        return client.post(WHAT, 1)
    finally:
        if client._last is not None:
            client._last.join(WAIT_S)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 204 \r\n\r\n", None),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 99999999999999\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nX: \xff\xfe\r\n\xff\r\nTransfer-Encoding: no\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", None),
        (b"", "its answer cannot be read"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "its answer cannot be read"),
        (b"HTTP/1.1 \xff\xff\xff\r\n\r\n", "its answer cannot be read"),
        (b"HTTP/1.1 99999 X\r\n\r\n", "its answer cannot be read"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "its answer cannot be read"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", "its answer cannot be read"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n\r\n", "it answered 302, to go elsewhere"),
        (b"HTTP/1.1 307 T\r\nLocation: file:///etc\r\n\r\n", "it answered 307, to go elsewhere"),
        (b"HTTP/1.1 500 X\r\nContent-Length: -7\r\n\r\n", "it answered 500"),
        (b"HTTP/1.1 401 U\r\nWWW-Authenticate: \xff\r\n\r\n", "it answered 401"),
    ],
)
def test_any_answer(outside: Outside, answer: bytes, told: str | None) -> None:
    outside.behave = outside.answer(answer)
    failure = post(outside)
    assert failure is None if told is None else (failure or "").startswith(told)
    assert len(outside.asked) == 1


@pytest.mark.parametrize(
    "again",
    [
        b"H",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_the_limit_is_for_the_whole_exchange(outside: Outside, again: bytes) -> None:
    outside.behave = outside.trickle(again)
    assert post(outside, limit_s=SOON_S) == f"it took longer than {SOON_S:g} s in all"


def test_a_name_that_is_looked_up_for_ever(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And where it is found at last, nothing is sent any more."""
    found, asked = threading.Event(), threading.Event()
    real = socket.getaddrinfo

    def hangs(*_: object, **__: object) -> object:
        asked.set()
        found.wait(WAIT_S)
        return real("127.0.0.1", outside.port, type=socket.SOCK_STREAM)

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    client = WebhookClient("http://door.example/hook", KEY, SOON_S)
    assert client.post(WHAT, 1) == f"it took longer than {SOON_S:g} s in all"
    assert client.post(WHAT, 1) == "the try before hangs still"
    assert asked.is_set()
    found.set()
    assert client._last is not None
    client._last.join(WAIT_S)
    assert not client._last.is_alive()
    assert outside.asked == []


def test_closing_ends_a_try(outside: Outside) -> None:
    client = WebhookClient(f"http://127.0.0.1:{outside.port}/", KEY, WAIT_S, closing_s=0.05)

    def behave(connection: socket.socket) -> None:
        client.close()
        outside.leaves.wait()

    outside.behave = behave
    assert client.post(WHAT, 1) == "Facedesk is closed"
    assert client._last is not None
    client._last.join(WAIT_S)


def test_no_tls(outside: Outside) -> None:
    outside.behave = outside.answer(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert "wrong version number" in (post(outside, "https") or "").lower().replace("_", " ")


def test_tls_that_never_begins(outside: Outside) -> None:
    outside.behave = lambda _: outside.leaves.wait()
    client = WebhookClient(f"https://127.0.0.1:{outside.port}/", KEY, SOON_S)
    assert client.post(WHAT, 1) == f"it took longer than {SOON_S:g} s in all"
    outside.leaves.set()
    assert client._last is not None
    client._last.join(WAIT_S)


@pytest.mark.parametrize(
    "url", ["http://a..b/", f"http://{'a' * 64}.example/", "http://[/", "http://a:port/"]
)
def test_an_address_that_cannot_be_used(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    assert "cannot be used" in (WebhookClient(url, KEY).post(WHAT, 1) or "").replace(
        "nonnumeric port", "cannot be used"
    )


@pytest.mark.parametrize("proxy", ["http://a..b:80", "http://[::1", "http://p:port", "nonsense://"])
def test_a_proxy_that_cannot_be_used(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", proxy)
    assert WebhookClient("http://127.0.0.1:1/", KEY).post(WHAT, 1)
