from __future__ import annotations

import json
import socket
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection

import pytest
from pytestqt.qtbot import QtBot

from common.errors import LedgerError
from desktop.home import Home
from desktop.kiosk import health_watch
from desktop.kiosk.health_watch import HealthWatch, health_told
from desktop.kiosk.window import StationWindow
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger

from .conftest import Backstage


def answer(port: int) -> tuple[int, dict[str, object]]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", "/health")
        response = connection.getresponse()
        return response.status, json.load(response)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_the_station_tells_how_it_is(
    window: StationWindow,
    backstage: Backstage,
    home: Home,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health_watch, "memory_mb", lambda: 200.0)  # all the tests take more
    with closing(Ledger(home.checkins)) as ledger:
        ledger.append(Event(Kind.CHECK_IN, "Entrance", "a" * 32, "Anna"))
    watch, port = HealthWatch(window, home, "off", clock=lambda: 5.0), free_port()
    with health_told(port, watch.report):
        status, told = answer(port)
        assert (status, told["reasons"]) == (503, ["no picture came yet"])
        window.feed.open("0")
        qtbot.waitUntil(lambda: watch.report().frames_seen > 3)
        qtbot.waitUntil(lambda: watch.report().camera == "live")
        status, told = answer(port)
        assert (status, told["ok"], told["ledger_rows"], told["outbox_waiting"]) == (
            200,
            True,
            1,
            0,
        )
        assert told["last_frame_age_s"] < 5
        assert (told["last_fault"], told["liveness"]) == ("", "off")
        backstage.station.error = LedgerError("a ledger", "it is gone", "Look")
        qtbot.waitUntil(lambda: watch.report().last_fault != "")
        backstage.station.error = None
        assert answer(port)[1]["last_fault"] == "Expected a ledger, but it is gone. Look."
    with pytest.raises(ConnectionRefusedError):
        answer(port)


def test_files_that_cannot_be_read_make_it_ill(window: StationWindow, home: Home) -> None:
    for file in (home.checkins, home.outbox):
        file.write_bytes(b"something else" * 1000)
    health = HealthWatch(window, home).report()
    assert (health.ledger_rows, health.outbox_waiting) == (None, None)
    assert {"the outbox cannot be read", "the ledger cannot be read"} < set(health.reasons)


def test_a_folder_that_cannot_be_looked_into_makes_it_ill(
    window: StationWindow, home: Home
) -> None:
    hidden = replace(home, folder=home.folder / ("x" * 300))
    health = HealthWatch(window, hidden).report()
    assert (health.ledger_rows, health.outbox_waiting, health.free_disk_mb) == (None, None, None)


def test_without_a_port_nobody_may_ask(window: StationWindow, home: Home) -> None:
    with health_told(0, HealthWatch(window, home).report):
        pass


def test_a_port_that_is_taken_stops_nobody(
    window: StationWindow, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    report = HealthWatch(window, home).report
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        health_told(taken.getsockname()[1], report),
    ):
        assert window.isVisible()
    assert "station.health_port" in caplog.text
