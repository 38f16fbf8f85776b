"""Runs the station: one application, one window, until somebody may leave it."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PyQt5.QtCore import QSize, QSocketNotifier, Qt
from PyQt5.sip import voidptr

from capture.opening import open_source
from capture.source import FrameSource
from desktop.app import Faults, make_application
from desktop.home import Home
from desktop.i18n.languages import use
from desktop.kiosk.assembly import load_station
from desktop.kiosk.sounds import Announcer, Loudspeaker, Voice
from desktop.kiosk.window import StationWindow
from desktop.settings import Settings
from station.settings import StationSettings

WINDOWED = QSize(1024, 640)


def run_kiosk(home: Home, settings: Settings, source: str, windowed: bool) -> int:
    """Show the station until it is left; returns the exit status.

    source: see capture.opening.open_source. windowed: in a window rather than on all the screen.
    """

    def opened(spec: str) -> FrameSource:
        return open_source(spec, size=(settings.width, settings.height), fps=settings.fps)

    station = settings.station
    application = make_application()
    application.setFallbackSessionManagementEnabled(False)  # the guard stops nobody's logout
    use(settings.language)
    window = StationWindow(
        lambda: load_station(home, settings),
        opened,
        station.name,
        settings.language,
        make_announcer(station).announce,
    )
    faults = Faults()
    faults.happened.connect(window.worker.begin_anew)
    faults.watch()
    window.administrator_wanted.connect(window.leave)
    ending = Ending(window.leave)
    if windowed:
        window.resize(WINDOWED)
        window.show()
    else:
        window.setWindowFlag(Qt.FramelessWindowHint)
        window.showFullScreen()
    window.feed.open(source)
    try:
        return int(application.exec())
    finally:
        ending.close()


class Ending:
    """Calls `leave` when the system or Ctrl+C ends the program, also while nothing else runs:
    Python would see the signal only with the next event."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._heard, self._told = socket.socketpair()
        self._told.setblocking(False)
        signal.set_wakeup_fd(self._told.fileno())
        self._notifier = QSocketNotifier(voidptr(self._heard.fileno()), QSocketNotifier.Read)
        self._notifier.activated.connect(lambda: self._heard.recv(1))
        for end in (signal.SIGINT, signal.SIGTERM):
            signal.signal(end, lambda *_: leave())

    def close(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(-1)
        for end in (signal.SIGINT, signal.SIGTERM):
            signal.signal(end, signal.SIG_DFL)
        self._heard.close()
        self._told.close()


def make_announcer(settings: StationSettings) -> Announcer:
    """Speaks and sounds as far as the settings and the computer allow."""
    loudspeaker = Loudspeaker() if settings.sounds else None
    voice = Voice() if settings.speech else None
    return Announcer(
        loudspeaker.play if loudspeaker is not None else lambda tone: None,
        voice.say if voice is not None else lambda sentence, interrupts: None,
    )
