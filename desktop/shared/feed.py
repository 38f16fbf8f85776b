"""Plays the source on show: any thread gets its newest frame, signals tell its news."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QObject, pyqtSignal

from capture.frame import Frame
from capture.latest import LatestFrame, SourceState, SourceStatus
from capture.opening import is_live_spec
from capture.source import FrameSource

OpenSource = Callable[[str], FrameSource]

FINAL_STATES = frozenset({SourceState.ENDED, SourceState.FAILED})
"""In these states no further picture comes until another source is opened."""


class Feed(QObject):
    """Plays one source at a time. Only the window calls open() and close(); any thread the rest.

    frame_arrived: there is a frame to take(). It is not sent again before take() was called:
        signals posted faster than their slot runs would starve the other events of its thread.
    status_changed: a SourceStatus, whenever the source comes, goes or is lost.
    opened: another source follows; its frames count from 0 again.
    """

    frame_arrived = pyqtSignal()
    status_changed = pyqtSignal(object)
    opened = pyqtSignal()

    def __init__(self, open_source: OpenSource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open_source = open_source
        self._latest: LatestFrame | None = None
        self._is_announced = False
        self.spec = ""
        self.is_live = False

    def open(self, spec: str) -> None:
        """Show another source; whether it can be opened is told by `status_changed`."""
        self.close()
        self.spec = spec
        self.is_live = is_live_spec(spec)
        self._is_announced = False
        self.opened.emit()
        self._latest = LatestFrame(
            lambda: self._open_source(spec),
            live=self.is_live,
            on_status=self._tell_status,
            on_frame=self._announce,
        )
        self._latest.start()

    def close(self) -> None:
        """Stop the source and join its threads."""
        latest, self._latest = self._latest, None
        if latest is not None:
            latest.close()

    def take(self) -> Frame | None:
        """Return the newest frame; None where it was taken before, or there is none."""
        self._is_announced = False
        latest = self._latest
        return latest.take(timeout=0.0) if latest is not None else None

    def peek(self) -> Frame | None:
        """Return the newest frame, whether it was taken or not; None where there is none."""
        latest = self._latest
        return latest.peek() if latest is not None else None

    @property
    def dropped(self) -> int:
        """How many frames of this source were replaced before they were taken."""
        latest = self._latest
        return latest.dropped if latest is not None else 0

    # On the source's threads.

    def _announce(self) -> None:
        if not self._is_announced:
            self._is_announced = True
            self.frame_arrived.emit()

    def _tell_status(self, status: SourceStatus) -> None:
        self.status_changed.emit(status)
