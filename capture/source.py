"""Where frames come from: a camera, a stream, a video file, pictures or the demo."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from capture.frame import Frame
from facedesk_errors import PictureError, SourceError

STREAM_SCHEMES = frozenset({"http", "https", "rtsp", "rtsps", "tcp", "udp"})
FALLBACK_FPS = 25.0
"""For video files whose container names no rate: PAL's, the commonest of recorded video."""


class FrameSource(ABC):
    """One opened source of frames. It belongs to one thread; only close() may come from another.

    name: as the window shows it, such as "camera 0".
    is_live: a camera or a stream, whose frames are lost when nobody reads them.
    fps: what it really delivers, not what was asked for; None where it does not say.
    size: (width, height) in pixels of its first frame, None where not known yet.
    notes: what the user should know about it, as sentences.
    """

    name: str
    is_live: bool
    fps: float | None = None
    size: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()

    @abstractmethod
    def read(self) -> Frame | None:
        """The next frame, waiting for it; None at a clean end and after close().

        Raises SourceError where a live source fails.
        """

    @abstractmethod
    def close(self) -> None:
        """Lets go of the device or file. A second call does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Paced(FrameSource):
    """A file played like a camera: each frame is held back until its time has come.

    Late frames are still delivered, in order; dropping is for who reads. `captured_at`
    becomes monotonic. close() may come from another thread and ends a wait at once.
    """

    def __init__(
        self,
        source: FrameSource,
        clock: Callable[[], float] = time.monotonic,
        closed: threading.Event | None = None,
    ) -> None:
        self._source = source
        self._clock = clock
        self._closed = closed or threading.Event()
        self._started_at: float | None = None
        self.name = source.name
        self.is_live = source.is_live
        self.fps: float = source.fps or FALLBACK_FPS
        self.size = source.size
        self.notes = source.notes

    def read(self) -> Frame | None:
        frame = self._source.read()
        self.notes = self._source.notes
        if frame is None:
            return None
        if self._started_at is None:
            self._started_at = self._clock()
        due_at = self._started_at + frame.index / self.fps
        if self._closed.wait(max(0.0, due_at - self._clock())):
            return None
        return replace(frame, captured_at=self._clock())

    def close(self) -> None:
        self._closed.set()
        self._source.close()


def is_live_spec(spec: str) -> bool:
    """Whether `open_source(spec)` gives a camera or a stream: worth waiting for and retrying."""
    return _is_camera(spec) or "://" in spec


def open_source(spec: str, *, size: tuple[int, int] = (640, 480), fps: float = 30.0) -> FrameSource:
    """Opens what `spec` names; nothing is paced (see Paced).

    spec: a camera's index ("0"), an rtsp, http, udp or tcp address, the path of a video file,
        a picture or a folder of pictures, "demo", or "demo:" and the path of a picture.
    size, fps: asked of a camera; `notes` says where it gives something else.
    Raises SourceError, always a single one, where nothing can be opened.
    """
    # Here and not above: all of them build on FrameSource.
    from capture.demo import DemoSource
    from capture.stills import PICTURE_SUFFIXES, StillsSource, picture_paths, read_picture
    from capture.video import CameraSource, StreamSource, VideoFileSource

    if _is_camera(spec):
        return CameraSource(int(spec), size=size, fps=fps)
    if "://" in spec:
        _check_scheme(spec)
        return StreamSource(spec)
    try:
        if spec == "demo":
            return DemoSource()
        if spec.startswith("demo:"):
            return DemoSource(read_picture(_existing(spec.removeprefix("demo:"))))
        path = _existing(spec)
        if path.is_dir():
            return StillsSource(picture_paths(path), f"folder {path.name}")
        if path.suffix.lower() in PICTURE_SUFFIXES:
            return StillsSource([path], f"picture {path.name}")
    except PictureError as error:
        raise SourceError(error.expected, error.found, error.remedy) from error
    return VideoFileSource(path)


def _is_camera(spec: str) -> bool:
    return spec.isascii() and spec.isdecimal()


def _check_scheme(spec: str) -> None:
    scheme = spec.partition("://")[0].lower()
    if scheme not in STREAM_SCHEMES:
        raise SourceError(
            f"a stream's address that starts with one of {', '.join(sorted(STREAM_SCHEMES))}",
            f"this one starts with {scheme!r}",
            "Correct the address; give a file by its path alone",
        )


def _existing(spec: str) -> Path:
    path = Path(spec)
    try:
        exists = spec != "" and path.exists()
    except OSError:  # a name too long for the file system
        exists = False
    if not exists:
        raise SourceError(
            "a camera's index, a stream's address, or the path of a video, picture or folder",
            f"there is nothing at {spec!r}",
            "Check the path",
        )
    return path.absolute()
