"""Over a real connection."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPResponse

import pytest

from common.errors import StationError
from station.operation import health_server
from station.operation.health import Health
from station.operation.health_server import MOST_AT_ONCE, HealthServer

WAIT_S = 30
WELL = Health(datetime(2026, 3, 1, 7, tzinfo=UTC), 10, 0.1, "live", 300.0, 9e3, 0, 3, "lỗi cũ")


class Station:
    health = WELL


@pytest.fixture
def station() -> Station:
    return Station()


@pytest.fixture
def server(station: Station) -> Iterator[HealthServer]:
    server = HealthServer(0, lambda: station.health)
    yield server
    server.close()


def ask(
    server: HealthServer, path: str = "/health", method: str = "GET", host: str | None = None
) -> tuple[HTTPResponse, bytes]:
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        connection.request(method, path, headers={"Host": host} if host is not None else {})
        response = connection.getresponse()
        return response, response.read()


def test_well_and_ill(server: HealthServer, station: Station) -> None:
    response, body = ask(server)
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in response.headers
    assert json.loads(body) == WELL.as_dict()
    station.health = replace(WELL, last_frame_age_s=99.0)
    response, body = ask(server)
    assert response.status == 503
    assert json.loads(body)["reasons"] == ["the last picture is 99 s old"]


def test_own_names(server: HealthServer) -> None:
    for host in ("127.0.0.1", "localhost", f"127.0.0.1:{server.port}", f"localhost:{server.port}"):
        assert ask(server, host=host)[0].status == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost:1", ""])
def test_another_hosts_name_is_refused(server: HealthServer, host: str) -> None:
    response, body = ask(server, host=host)
    assert response.status == 421
    assert b"camera" not in body


def test_without_a_host_nothing_is_told(server: HealthServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
        raw.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        assert b" 421 " in raw.makefile("rb").readline()


@pytest.mark.parametrize("path", ["/", "/health/", "/health?x=1", "/../health"])
def test_there_is_nothing_else(server: HealthServer, path: str) -> None:
    assert ask(server, path)[0].status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_it_is_only_asked(server: HealthServer, method: str) -> None:
    assert ask(server, method=method)[0].status == 501


def connect(server: HealthServer) -> socket.socket:
    return socket.create_connection(server.address, timeout=WAIT_S)


def trickle(connection: socket.socket, again: bytes, pause_s: float = 0.0) -> None:
    while True:
        connection.sendall(again)
        time.sleep(pause_s)


def test_who_connects_and_says_nothing_keeps_nobody_waiting(station: Station) -> None:
    with (
        closing(HealthServer(0, lambda: station.health, patience_s=600.0)) as server,
        connect(server),
    ):
        assert ask(server)[0].status == 200


@pytest.mark.parametrize("begins", [b"", b"GET /health HTTP/1.1\r\nHost: localhost\r\n"])
def test_who_sends_a_byte_now_and_then_is_sent_away(station: Station, begins: bytes) -> None:
    """The limit is for the whole question, not for each byte of it."""
    with (
        closing(HealthServer(0, lambda: station.health, patience_s=0.2)) as server,
        connect(server) as slow,
    ):
        slow.sendall(begins)
        with pytest.raises(ConnectionError):
            trickle(slow, b"X", 0.02)
        assert ask(server)[0].status == 200


def test_who_takes_no_answer_is_sent_away(station: Station) -> None:
    station.health = replace(WELL, last_fault="x" * 10_000_000)
    with (
        closing(HealthServer(0, lambda: station.health, patience_s=0.2)) as server,
        connect(server) as slow,
    ):
        slow.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        slow.recv(1)
        while server._asking:
            time.sleep(0.01)
        station.health = WELL
        assert ask(server)[0].status == 200


def test_many_who_say_nothing_keep_nobody_out(station: Station) -> None:
    with (
        closing(HealthServer(0, lambda: station.health, patience_s=600.0)) as server,
        ExitStack() as connected,
    ):
        first = connected.enter_context(connect(server))
        for _ in range(MOST_AT_ONCE + 5):
            connected.enter_context(connect(server))
        assert ask(server)[0].status == 200
        assert len(server._asking) <= MOST_AT_ONCE
        assert first.recv(1) == b""  # sent away, to let another one in


def test_closing_does_not_wait_for_who_asks(station: Station) -> None:
    server = HealthServer(0, lambda: station.health, patience_s=600.0)
    with connect(server) as slow, connect(server):
        slow.sendall(b"GET /health HTTP/1.1\r\n")
        assert ask(server)[0].status == 200
        server.close()
        assert not server._thread.is_alive()
        assert slow.recv(1) == b""


def test_closing_does_not_wait_for_a_disk(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers, asked = threading.Event(), threading.Event()

    def report() -> Health:
        asked.set()
        answers.wait()
        return WELL

    server = HealthServer(0, report)
    with connect(server) as who:
        who.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert asked.wait(WAIT_S)
        monkeypatch.setattr(health_server, "CLOSE_S", 0.05)
        server.close()
    assert "does not answer" in caplog.text
    answers.set()
    server._thread.join(WAIT_S)


def test_a_question_that_is_too_long(server: HealthServer) -> None:
    with connect(server) as raw, pytest.raises(ConnectionError):
        trickle(raw, b"GET /health HTTP/1.1\r\nX: " + b"y" * 100_000)
    assert ask(server)[0].status == 200


@pytest.mark.parametrize(
    "question", [b"\r\n", b"\x00\xff\xfe\r\n", b"GET\r\n", b"GET / HTTP/9\r\n", b"GET /\r\n"]
)
def test_what_is_no_question(server: HealthServer, question: bytes) -> None:
    with connect(server) as raw:
        raw.sendall(question + b"\r\n")
        raw.makefile("rb").read()
    assert ask(server)[0].status == 200


def test_a_mistake_of_our_own_is_told(caplog: pytest.LogCaptureFixture) -> None:
    def report() -> Health:
        raise ZeroDivisionError

    with closing(HealthServer(0, report)) as server:
        for _ in range(2):
            assert ask(server)[0].status == 500
    assert "ZeroDivisionError" in caplog.text


def test_who_leaves_before_the_answer_stops_nobody(server: HealthServer) -> None:
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raw.sendall(b"GET /health HTTP/1.0\r\nHost: localhost\r\n")
    assert ask(server)[0].status == 200


def test_it_listens_on_the_loopback_address_alone(server: HealthServer) -> None:
    assert server._socket.getsockname() == ("127.0.0.1", server.port)


def test_a_port_in_use_is_told(server: HealthServer) -> None:
    with pytest.raises(StationError, match=rf"port {server.port} .*in use.*health_port"):
        HealthServer(server.port, lambda: WELL)


def test_the_port_is_free_again_after_closing() -> None:
    first = HealthServer(0, lambda: WELL)
    ask(first)
    first.close()
    second = HealthServer(first.port, lambda: WELL)
    assert ask(second)[0].status == 200
    second.close()
