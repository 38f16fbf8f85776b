from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

import pytest
from msgspec import structs
from PyQt5.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.home import Home
from desktop.kiosk import app as app_module
from desktop.kiosk import unattended as unattended_module
from desktop.kiosk import worker as worker_module
from desktop.kiosk.administrator_dialog import AdministratorDialog
from desktop.kiosk.app import make_announcer, run_kiosk
from desktop.kiosk.window import StationWindow
from desktop.kiosk.worker import CheckInDesk
from desktop.live.window import Window
from desktop.settings.file import Settings, save_settings
from desktop.shared.ending import Ending
from models.conversion.preparation import Preparation
from recognition.assembly import RecognizerSpec
from recognition.recognizer import Recognizer
from station.operation.protection import ChosenGuards
from station.screen import Fault, Idle
from station.secrets.pin import PinGuard
from station.settings import StationSettings

from .conftest import Backstage, NoiseCamera

Shown = TypeVar("Shown", bound=QWidget)


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
        home: Home,
        spec: RecognizerSpec,
        settings: StationSettings,
        guards: ChosenGuards,
        preparation: Preparation,
    ) -> AbstractContextManager[tuple[Recognizer, CheckInDesk]]:
        return backstage.load_station()

    monkeypatch.setattr(worker_module, "TICK_MS", 5)
    monkeypatch.setattr(worker_module, "FAULT_MS", 5)
    monkeypatch.setattr(
        "desktop.settings.configured_source.open_source", lambda spec, **_: NoiseCamera()
    )
    monkeypatch.setattr(app_module, "load_station", load_station)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield backstage
    assert backstage.opened == backstage.closed


def shown_window() -> StationWindow:
    return the_visible(StationWindow)


def the_visible(kind: type[Shown]) -> Shown:
    (window,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible())
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

    monkeypatch.setattr(app_module, "make_application", lambda *_: Application(play))
    settings = Settings(station=StationSettings(sounds=False, speech=False))
    assert run_kiosk(Home(tmp_path, tmp_path), settings, "0", windowed=True) == 0
    faults = [screen.message for screen in screens if isinstance(screen, Fault)]
    assert "a bug" in faults[0]
    assert station_of_its_own.opened >= 2
    assert "A fault in the program" in caplog.text


QUIET = Settings(station=StationSettings(sounds=False, speech=False))
Play = Callable[[], None]


@pytest.fixture
def play_in_turn(
    station_of_its_own: Backstage,
    load: Callable[[], Recognizer],
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., int]:
    """play_in_turn(first, second): runs the kiosk; each window that it shows is played by one."""

    def play_in_turn(*plays: Play, source: str | None = None) -> int:
        left = list(plays)
        application = Application(lambda: left.pop(0)())
        monkeypatch.setattr(app_module, "make_application", lambda *_: application)
        code = run_kiosk(home, QUIET, source, windowed=True)
        assert left == []
        return code

    monkeypatch.setattr("desktop.live.app.load_recognizer", lambda *_: load())
    monkeypatch.setattr(
        "desktop.settings.configured_source.open_source", lambda spec, **_: NoiseCamera()
    )
    return play_in_turn


def choose(button: str) -> None:
    """No PIN is set here."""
    station = the_visible(StationWindow)
    station.bar.administrator_button.click()
    (dialog,) = (d for d in station.findChildren(AdministratorDialog) if d.isVisible())
    getattr(dialog, button).click()


def test_the_programs_window_takes_the_stations_place_and_gives_it_back(
    play_in_turn: Callable[..., int], station_of_its_own: Backstage, home: Home, qtbot: QtBot
) -> None:
    shown: list[str] = []

    def open_people() -> None:
        qtbot.waitUntil(lambda: station_of_its_own.station.seen > 0)
        shown.append(the_visible(StationWindow).bar.name.text())
        choose("people")
        assert station_of_its_own.closed == 1

    def change_settings() -> None:
        window = the_visible(Window)
        qtbot.waitUntil(window.idle_strip.enroll.isEnabled)
        assert window.enroll_dialog.isHidden()
        save_settings(
            home.settings, structs.replace(QUIET, station=structs.replace(QUIET.station, name="B"))
        )
        window.close()

    def leave() -> None:
        shown.append(the_visible(StationWindow).bar.name.text())
        choose("close_station")

    assert play_in_turn(open_people, change_settings, leave) == 0
    assert shown == ["Entrance", "B"]
    assert station_of_its_own.closed == 2


def test_a_stranger_finds_the_enrollment_open(
    play_in_turn: Callable[..., int], qtbot: QtBot
) -> None:
    def enroll() -> None:
        window = the_visible(Window)
        qtbot.waitUntil(lambda: not window.enroll_dialog.isHidden())
        assert window.worker._recognizer is not None
        window.close()

    play_in_turn(
        lambda: the_visible(StationWindow).enroll_wanted.emit(),
        enroll,
        lambda: choose("close_station"),
    )


def test_the_programs_window_that_was_left_alone_gives_the_station_its_place_back(
    play_in_turn: Callable[..., int], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def go_away() -> None:
        window = the_visible(Window)
        for action in (window.menus.checkins, window.menus.settings, window.menus.open_file):
            action.trigger()
        qtbot.waitUntil(lambda: not any(w.isVisible() for w in QApplication.topLevelWidgets()))

    monkeypatch.setattr(unattended_module, "UNATTENDED_MS", 500)
    play_in_turn(lambda: choose("people"), go_away, lambda: choose("close_station"))


@pytest.mark.parametrize("first", ["station", "window"])
def test_the_system_ends_either_window_without_a_pin(
    play_in_turn: Callable[..., int], home: Home, qtbot: QtBot, first: str
) -> None:
    def end() -> None:
        PinGuard(home.pin).set("739164")
        kind = StationWindow if first == "station" else Window
        shown = the_visible(kind)
        os.kill(os.getpid(), signal.SIGTERM)
        qtbot.waitUntil(lambda: not shown.isVisible())

    play_in_turn(*([end] if first == "station" else [lambda: choose("people"), end]))


def test_the_camera_is_the_settings_unless_one_was_given(
    play_in_turn: Callable[..., int], home: Home, qtbot: QtBot
) -> None:
    opened: list[str] = []

    def look() -> None:
        feed = the_visible(StationWindow).feed
        qtbot.waitUntil(lambda: feed.spec != "")  # a film waits for the station
        opened.append(feed.spec)
        if len(opened) % 2:
            save_settings(home.settings, structs.replace(QUIET, source="7"))
            choose("people")
        else:
            choose("close_station")

    def close() -> None:
        the_visible(Window).close()

    play_in_turn(look, close, look)
    play_in_turn(look, close, look, source="demo")
    assert opened == ["0", "7", "demo", "demo"]


def test_settings_that_cannot_be_read_any_more_leave_those_before(
    play_in_turn: Callable[..., int], home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    def damage() -> None:
        home.settings.write_text("fps = = 1", "utf-8")
        choose("people")

    play_in_turn(damage, lambda: the_visible(Window).close(), lambda: choose("close_station"))
    assert "Correct or delete the line" in caplog.text


def test_the_system_may_end_it_while_nothing_happens(qtbot: QtBot) -> None:
    left: list[bool] = []
    ending = Ending()
    ending.leave = lambda: left.append(True)
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        qtbot.waitUntil(lambda: left == [True])
        assert ending.has_come
    finally:
        ending.close()


def test_sounds_and_speech_may_be_off(qapp: QApplication) -> None:
    make_announcer(sounds=False, speech=False).announce(Fault("x"))
