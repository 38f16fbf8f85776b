from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.home import Home
from desktop.kiosk import app as app_module
from desktop.kiosk import worker as worker_module
from desktop.kiosk.app import Ending, make_announcer, run_kiosk
from desktop.kiosk.window import StationWindow
from desktop.kiosk.worker import Station
from desktop.settings import Settings
from recognition.recognizer import Recognizer
from station.screen import Fault, Idle
from station.settings import StationSettings

from .conftest import Backstage, NoiseCamera


class Application:
    """Plays a test instead of entering Qt's exec(), after which no other loop would run."""

    def __init__(self, play: Callable[[], None]) -> None:
        self._play = play

    def setFallbackSessionManagementEnabled(self, enabled: bool) -> None:
        assert not enabled

    def exec(self) -> int:
        self._play()
        return 0


@pytest.fixture
def station_of_its_own(
    backstage: Backstage, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Backstage]:
    """run_kiosk in this process: its camera and its station are ours."""

    def load_station(
        home: Home, settings: Settings
    ) -> AbstractContextManager[tuple[Recognizer, Station]]:
        return backstage.load_station()

    monkeypatch.setattr(worker_module, "TICK_MS", 5)
    monkeypatch.setattr(worker_module, "FAULT_MS", 5)
    monkeypatch.setattr(app_module, "open_source", lambda spec, **_: NoiseCamera())
    monkeypatch.setattr(app_module, "load_station", load_station)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield backstage
    assert backstage.opened == backstage.closed


def shown_window() -> StationWindow:
    (window,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, StationWindow))
    return window


def test_a_fault_of_ours_is_logged_and_the_station_goes_on(
    station_of_its_own: Backstage,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    station = station_of_its_own.station
    screens: list[object] = [None]

    def play() -> None:
        window = shown_window()
        window.worker.screen_changed.connect(screens.append)
        try:
            qtbot.waitUntil(lambda: station.seen > 2)
            station.error = RuntimeError("a bug")
            qtbot.waitUntil(lambda: isinstance(screens[-1], Fault))
            station.error = None
            qtbot.waitUntil(lambda: screens[-1] == Idle())
        finally:
            window.leave()

    monkeypatch.setattr(app_module, "make_application", lambda: Application(play))
    settings = Settings(station=StationSettings(sounds=False, speech=False))
    assert run_kiosk(Home(tmp_path, tmp_path), settings, "0", windowed=True) == 0
    faults = [screen.message for screen in screens if isinstance(screen, Fault)]
    assert "a bug" in faults[0]
    assert station_of_its_own.opened >= 2
    assert "A fault in the program" in caplog.text


def test_the_system_may_end_it_while_nothing_happens(qtbot: QtBot) -> None:
    left: list[bool] = []
    ending = Ending(lambda: left.append(True))
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        qtbot.waitUntil(lambda: left == [True])
    finally:
        ending.close()


def test_sounds_and_speech_may_be_off(qapp: QApplication) -> None:
    make_announcer(StationSettings(sounds=False, speech=False)).announce(Fault("x"))
