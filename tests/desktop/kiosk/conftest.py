"""The station's window before a fake camera, with a fake station behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from PyQt5.QtCore import QLocale
from pytestqt.qtbot import QtBot

from capture.frame import Frame
from capture.source import FrameSource
from common.errors import FacedeskError
from common.picture import RgbImage
from common.sentence import Sentence
from desktop.kiosk import worker as worker_module
from desktop.kiosk.window import StationWindow
from desktop.kiosk.worker import CheckInDesk
from recognition.recognizer import Recognition, Recognizer
from station.screen import CodeWanted, Fault, Idle, Refusal, Refused, Screen, Undone, UnknownCode

Load = Callable[[], Recognizer]


class FakeStation:
    """Says what a test lets it say. `asked` is what it was told, in order."""

    def __init__(self) -> None:
        self.screen: Screen = Idle()
        self.error: Exception | None = None
        self.asked: list[str] = []
        self.seen = 0

    def see(self, frame: Frame, recognition: Recognition) -> Screen:
        assert recognition.frame_index == frame.index
        self.seen += 1
        return self._answer()

    def tick(self) -> Screen:
        return self._answer()

    def not_me(self, told: Screen) -> Screen:
        self.asked.append("not me")
        self.screen = Undone("Anna")
        return self._answer()

    def confirm(self, question: Screen) -> Screen:
        self.asked.append("confirm")
        return self._answer()

    def decline(self, told: Screen) -> Screen:
        self.asked.append("decline" if told == self.screen else "too late")
        if isinstance(told, CodeWanted):
            self.screen = Refused(Refusal.NO_CODE_TYPED)
        return self._answer()

    def enter_code(self, code: str) -> Screen:
        self.asked.append(code)
        self.screen = UnknownCode()
        return self._answer()

    def camera_lost(self, message: str) -> Screen:
        self.asked.append(message)
        return Fault(message)

    def _answer(self) -> Screen:
        if self.error is not None:
            raise self.error
        return self.screen


class Backstage:
    """What is behind a worker: its station, and how often it was opened and closed."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self.station = FakeStation()
        self.refusal: FacedeskError | None = None
        self.opened = self.closed = 0
        self.recognizer: Recognizer | None = None

    @contextmanager
    def load_station(self) -> Iterator[tuple[Recognizer, CheckInDesk]]:
        if self.refusal is not None:
            raise self.refusal
        self.opened += 1
        self.recognizer = self._load()
        try:
            yield self.recognizer, self.station
        finally:
            self.recognizer.gallery.close()
            self.closed += 1


class NoiseCamera(FrameSource):
    """Never the same picture twice: (120, 160, 3), brighter on the right."""

    name = Sentence("camera {}", 0)
    is_live = True
    fps = 100.0
    size = (160, 120)

    def __init__(self) -> None:
        self._closed = threading.Event()
        self._index = -1

    def read(self) -> Frame | None:
        if self._closed.wait(1 / self.fps):
            return None
        self._index += 1
        image = np.full((120, 160, 3), 40, np.uint8)
        image[:, 80:] = 200
        image[0, 0] = self._index % 251
        return Frame(image, self._index, self._index / self.fps)

    def close(self) -> None:
        self._closed.set()


@pytest.fixture(autouse=True)
def english(qapp: object) -> Iterator[None]:
    """Dates and times as the United States write them, here alone."""
    before = QLocale()
    QLocale.setDefault(QLocale("en_US"))
    yield
    QLocale.setDefault(before)


@pytest.fixture
def backstage(load: Load) -> Backstage:
    return Backstage(load)


@pytest.fixture
def face() -> RgbImage:
    """(90, 60, 3) uint8 RGB."""
    picture = np.full((90, 60, 3), 150, np.uint8)
    picture[30:60, 15:45] = (220, 180, 150)
    return picture


@pytest.fixture
def heard() -> list[Screen]:
    """What was announced."""
    return []


@pytest.fixture
def window(
    backstage: Backstage, heard: list[Screen], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StationWindow]:
    """Ready, its worker in its thread; the camera is not open yet."""
    monkeypatch.setattr(worker_module, "TICK_MS", 5)
    shown = StationWindow(
        backstage.load_station, lambda spec: NoiseCamera(), "Entrance", "en", heard.append
    )
    qtbot.addWidget(shown, before_close_func=lambda window: window.leave())
    shown.resize(1280, 800)
    shown.show()
    shown.activateWindow()
    qtbot.waitUntil(lambda: shown.screen_shown is not None)
    yield shown
    shown.leave()
