"""Over a real connection."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPResponse

import pytest

from facedesk_errors import StationError
from station.health import Health
from station.health_server import HealthServer

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


def test_who_connects_and_says_nothing_stops_nobody(
    server: HealthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = server._server.RequestHandlerClass
    monkeypatch.setattr(handler, "timeout", 0.05)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30):
        assert ask(server)[0].status == 200


def test_who_leaves_before_the_answer_stops_nobody(server: HealthServer) -> None:
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raw.sendall(b"GET /health HTTP/1.0\r\nHost: localhost\r\n")
    assert ask(server)[0].status == 200


def test_it_listens_on_the_loopback_address_alone(server: HealthServer) -> None:
    assert server._server.server_address == ("127.0.0.1", server.port)


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
