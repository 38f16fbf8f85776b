"""Finds the cameras, and plays each of them small, for somebody who chooses one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from PyQt5.QtCore import QObject, pyqtSignal

from capture.cameras.found import FoundCamera, is_camera_spec
from capture.frame import Frame
from capture.latest import JOIN_S, LatestFrame, SourceState
from desktop.shared.feed import OpenSource


class CameraPreviews(QObject):
    """Looks for cameras in a thread of its own, and shows what they see until close().

    found: the tuple of cameras that are there, once they are known.
    """

    found = pyqtSignal(object)

    def __init__(
        self,
        find: Callable[[], tuple[FoundCamera, ...]],
        open_source: OpenSource,
        used: str = "",
        peek: Callable[[], Frame | None] = lambda: None,
    ) -> None:
        """find: see capture.cameras.found.find_cameras. used: the source that is on show now, which
        is not opened again. peek: gives its newest frame."""
        super().__init__()
        self._find, self._open_source = find, open_source
        self._used, self._peek_used = used, peek
        self._latest: dict[int, LatestFrame] = {}
        self._closed = False
        # A daemon: a driver that never answers must not keep the program from ending.
        self._finder = threading.Thread(target=self._look, name="camera finder", daemon=True)
        self.found.connect(self._play)

    def start(self) -> None:
        self._finder.start()

    def peek(self, camera: FoundCamera) -> Frame | None:
        """Return the camera's newest frame; None where it has given none."""
        if self.is_used(camera):
            return self._peek_used()
        latest = self._latest.get(camera.index)
        return latest.peek() if latest is not None else None

    def is_silent(self, camera: FoundCamera) -> bool:
        """Return whether the camera was tried, and gives no pictures now."""
        latest = self._latest.get(camera.index)
        silent = (SourceState.LOST, SourceState.FROZEN, SourceState.FAILED)
        return latest is not None and latest.status.state in silent

    def is_used(self, camera: FoundCamera) -> bool:
        """Return whether it is the one that is on show."""
        return is_camera_spec(self._used) and self._used in (camera.spec, str(camera.index))

    def close(self) -> None:
        """Let go of every camera. A second call does nothing."""
        self._closed = True
        latest, self._latest = self._latest, {}
        for each in latest.values():
            each.close()
        if self._finder.ident is not None:
            self._finder.join(JOIN_S)

    def _play(self, cameras: tuple[FoundCamera, ...]) -> None:
        if self._closed:
            return
        for camera in cameras:
            if not self.is_used(camera):
                opened = partial(self._open_source, str(camera.index))
                self._latest[camera.index] = LatestFrame(opened, live=True)
                self._latest[camera.index].start()

    # On the finder's thread.

    def _look(self) -> None:
        cameras = self._find()
        if not self._closed:
            self.found.emit(cameras)
