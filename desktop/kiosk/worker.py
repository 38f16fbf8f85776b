"""Runs recognizer, gallery and station in a thread of their own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import fields
from typing import Protocol

import numpy as np
from PyQt5.QtCore import QObject, QThread, QTimer, pyqtSignal, pyqtSlot

from capture.frame import Frame
from capture.latest import SourceState, SourceStatus
from common.errors import FacedeskError
from common.sentence import Sentence
from recognition.recognizer import Recognition, Recognizer
from station.screen import Challenge, Fault, Guide, Idle, Screen

TICK_MS = 200
GALLERY_EVERY_MS = 1000
"""The time between two checks whether another program has changed the gallery."""

FAULT_MS = 5000
"""How long a fault is shown, unless a card must be shown; then everything is tried again."""


class CheckInDesk(Protocol):
    """Decides about check-ins. One thread owns it; every call may raise FacedeskError."""

    def see(self, frame: Frame, recognition: Recognition) -> Screen: ...
    def tick(self) -> Screen: ...
    def not_me(self, told: Screen) -> Screen: ...
    def confirm(self, question: Screen) -> Screen: ...
    def decline(self, told: Screen) -> Screen: ...
    def enter_code(self, code: str) -> Screen: ...
    def camera_lost(self, message: Sentence) -> Screen: ...


LoadStation = Callable[[], AbstractContextManager[tuple[Recognizer, CheckInDesk]]]
"""Opens recognizer and station; leaving the context closes everything that was opened."""


class StationWorker(QObject):
    """Lives in a QThread; its slots are called by signals only.

    load: opens recognizer and station in this thread, which closes them, too.
    take: returns the newest frame, where it was not taken yet.
    screen_changed: a Screen, where it differs from the one before.
    """

    screen_changed = pyqtSignal(object)

    def __init__(self, load: LoadStation, take: Callable[[], Frame | None]) -> None:
        super().__init__()
        self._load = load
        self._take = take
        self._recognizer: Recognizer | None = None
        self._station: CheckInDesk | None = None
        self._opened = ExitStack()
        self._shown: Screen | None = None
        self._source: SourceStatus | None = None
        self._is_held = False

    @pyqtSlot()
    def start(self) -> None:
        # Made here, since a timer belongs to the thread that makes it.
        self._ticks, self._gallery_checks, self._fault = (QTimer(self) for _ in range(3))
        self._fault.setSingleShot(True)
        self._ticks.timeout.connect(self.tick)
        self._gallery_checks.timeout.connect(self.follow_gallery)
        self._fault.timeout.connect(self._try_again)
        self._ticks.start(TICK_MS)
        self._gallery_checks.start(GALLERY_EVERY_MS)
        self._open()

    @pyqtSlot()
    def finish(self) -> None:
        """Close station and gallery, and end the thread."""
        try:
            self.close()
        finally:
            QThread.currentThread().quit()

    def close(self) -> None:
        for timer in (self._ticks, self._gallery_checks, self._fault):
            timer.stop()
        self._close()

    @pyqtSlot(str)
    def begin_anew(self, message: str) -> None:
        """After a bug of our own, show the message for a while and open the station again."""
        self._close()
        self._tell_fault(message)

    # -- what the camera says --------------------------------------------------------------

    @pyqtSlot()
    def process_frame(self) -> None:
        frame = self._take()  # always: only then is the next one announced
        if frame is None or self._is_held or self._recognizer is None or self._station is None:
            return
        recognizer, station = self._recognizer, self._station
        self._ask(lambda: station.see(frame, recognizer.recognize(frame)))

    @pyqtSlot()
    def restart(self) -> None:
        """Forget the faces tracked so far, since another source follows."""
        if self._recognizer is not None:
            self._recognizer.restart()

    @pyqtSlot(bool)
    def hold(self, held: bool) -> None:
        """Ignore frames while `held`; the faces tracked before are forgotten."""
        self._is_held = held
        self.restart()

    @pyqtSlot(object)
    def show_source(self, status: SourceStatus) -> None:
        self._source = status
        self.tick()

    # -- what the person says --------------------------------------------------------------

    @pyqtSlot(object)
    def not_me(self, told: Screen) -> None:
        if self._station is not None:
            station = self._station
            self._ask(lambda: station.not_me(told))

    @pyqtSlot(object)
    def confirm(self, question: Screen) -> None:
        if self._station is not None:
            station = self._station
            self._ask(lambda: station.confirm(question))

    @pyqtSlot(object)
    def decline(self, told: Screen) -> None:
        if self._station is not None:
            station = self._station
            self._ask(lambda: station.decline(told))

    @pyqtSlot(str)
    def enter_code(self, code: str) -> None:
        if self._station is not None:
            station = self._station
            self._shown = None  # an answer is shown, even the same one again
            self._ask(lambda: station.enter_code(code))

    # -- what time says --------------------------------------------------------------------

    @pyqtSlot()
    def tick(self) -> None:
        station, source = self._station, self._source
        if station is None:
            return
        if source is None or source.state in (SourceState.OPENING, SourceState.LIVE):
            self._ask(station.tick)
        else:  # said again each time: another station may have come since
            self._ask(lambda: station.camera_lost(source.message))

    @pyqtSlot()
    def follow_gallery(self) -> None:
        """Read what another program has changed in the gallery."""
        if self._recognizer is None:
            return
        try:
            if self._recognizer.catch_up():
                self._recognizer.gallery_changed()
        except FacedeskError as error:
            self._tell_fault(error.sentence)

    def _try_again(self) -> None:
        if self._station is None:
            self._open()
        else:
            self.tick()

    # -- in and out of work ----------------------------------------------------------------

    def _open(self) -> None:
        try:
            self._recognizer, self._station = self._opened.enter_context(self._load())
        except FacedeskError as error:
            self._tell_fault(error.sentence)
            return
        self.tick()

    def _close(self) -> None:
        self._recognizer = self._station = None
        self._opened.close()

    def _ask(self, question: Callable[[], Screen]) -> None:
        try:
            screen = question()
        except FacedeskError as error:
            self._tell_fault(error.sentence)
            return
        if not (self._fault.isActive() and isinstance(screen, Idle | Guide | Challenge)):
            self._show(screen)

    def _tell_fault(self, message: str) -> None:
        self._show(Fault(message))
        self._fault.start(FAULT_MS)

    def _show(self, screen: Screen) -> None:
        if self._shown is None or not _same(self._shown, screen):
            self._shown = screen
            self.screen_changed.emit(screen)


def _same(one: Screen, other: Screen) -> bool:
    return type(one) is type(other) and all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in fields(one)
    )
