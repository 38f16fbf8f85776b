"""Collects what the station's health report needs; any thread may ask for the report."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from PyQt5.QtCore import QObject

from capture.latest import SourceStatus
from common.errors import FacedeskError
from desktop.home import Home
from desktop.kiosk.window import StationWindow
from station.actions.outbox import waiting
from station.ledger.ledger import count_rows
from station.operation.health import Health, free_disk_mb, memory_mb
from station.operation.health_server import HealthServer
from station.screen import Fault, Screen

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Noted:
    """The state of the camera and the last fault, as they were last noted.

    camera: its state, in a word. fault: the last message about something that went wrong.
    """

    camera: str = "opening"
    fault: str = ""


class HealthWatch(QObject):
    """Notes the station's state in the window's thread; report() may be called from any thread.

    liveness: what the report says of it. clock: returns seconds of the clock that the frames use.
    """

    def __init__(
        self,
        window: StationWindow,
        home: Home,
        liveness: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(window)
        self._home = home
        self._liveness = liveness
        self._clock = clock
        self._peek = window.feed.peek
        self._running_since = datetime.now(UTC)
        self._noted = Noted()
        window.feed.status_changed.connect(self._note_camera)
        window.worker.screen_changed.connect(self._note_fault)

    def report(self) -> Health:
        frame, noted = self._peek(), self._noted
        return Health(
            running_since=self._running_since,
            frames_seen=frame.index + 1 if frame else 0,
            last_frame_age_s=self._clock() - frame.captured_at if frame else None,
            camera=noted.camera,
            memory_mb=memory_mb(),
            free_disk_mb=free_disk_mb(self._home.folder),
            outbox_waiting=_counted(waiting, self._home.outbox),
            ledger_rows=_counted(count_rows, self._home.checkins),
            last_fault=noted.fault,
            liveness=self._liveness,
        )

    def _note_camera(self, status: SourceStatus) -> None:
        self._noted = replace(self._noted, camera=status.state.value)

    def _note_fault(self, screen: Screen) -> None:
        if isinstance(screen, Fault):
            self._noted = replace(self._noted, fault=screen.message)


@contextmanager
def health_told(port: int, report: Callable[[], Health]) -> Iterator[None]:
    """Let programs on this computer ask for the station's health while the block runs.

    port: 0 means that they may not ask. Where the port cannot be used, the log says so, and the
    station works all the same.
    """
    if not port:
        yield
        return
    try:
        server = HealthServer(port, report)
    except FacedeskError as error:
        log.warning("%s", error)
        yield
        return
    with closing(server):
        yield


def _counted(count: Callable[[Path], int], path: Path) -> int | None:
    try:
        return count(path)
    except (FacedeskError, OSError):  # the folder itself may not be read, or is gone
        return None
