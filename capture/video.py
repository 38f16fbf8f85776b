"""Sources that OpenCV decodes: cameras, network streams and video files."""

from __future__ import annotations

import functools
import os
import sys
import threading
import time
from pathlib import Path

import cv2
import numpy as np

from capture.film_clock import FilmClock
from capture.frame import Frame
from capture.network.addresses import shown_address
from capture.source import FALLBACK_FPS, FrameSource
from common.errors import SourceError
from common.picture import RgbImage
from common.sentence import Sentence

STREAM_TIMEOUT_MS = 5000
"""The limit in milliseconds for connecting and from frame to frame: with OpenCV's own 30 s the
program would seem to hang."""

MAX_FRAME_PIXELS = 36_000_000
"""A film with more pixels a frame is refused before a frame is decoded: 8K has 35.4 megapixels at
most."""

_UNCOMPRESSED_SIZE = (640, 480)
"""The largest frame that USB 2.0 carries uncompressed at 30 fps; cameras send larger ones only as
MJPG."""


class _VideoSource(FrameSource):
    """A source that reads a cv2.VideoCapture. The first frame is read at once, so that `size` is
    true."""

    def __init__(self, capture: cv2.VideoCapture, name: Sentence, failure: SourceError) -> None:
        """Takes over `capture`. Raises `failure` where it is not open or gives no frame, and
        SourceError where its frames are too large."""
        self.name = name
        self._capture = capture
        self._lock = threading.Lock()  # cv2 crashes when release() meets a running read()
        self._closed = False
        self._index = 0
        self._refuse_huge_frames()
        self._first = self._decode()
        if self._first is None:
            self.close()
            raise failure
        self.size = (self._first.shape[1], self._first.shape[0])
        fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if 0 < fps < 1000 else None

    def read(self) -> Frame | None:
        with self._lock:
            if self._closed:
                return None
            image = self._first if self._first is not None else self._decode()
            self._first = None
        if image is None:
            self._end()
            return None
        frame = Frame(image, self._index, self._captured_at())
        self._index += 1
        return frame

    def close(self) -> None:
        """Closes the source, after a running read() has ended."""
        with self._lock:
            self._closed = True
            self._capture.release()

    def _refuse_huge_frames(self) -> None:
        sides = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        width, height = (int(self._capture.get(side)) for side in sides)
        if width * height > MAX_FRAME_PIXELS:
            self.close()
            raise SourceError(
                Sentence("frames of at most {} megapixels", MAX_FRAME_PIXELS // 1000000),
                Sentence("those of {} have {} x {} pixels", self.name, width, height),
                "Make them smaller in a video editor, or choose another source",
            )

    def _end(self) -> None:
        """Called when no further frame comes: returns at a clean end, raises SourceError
        otherwise."""
        raise SourceError(
            Sentence("pictures from {}", self.name),
            "it has stopped giving any",
            "Check its cable or network, and that no other program has taken it",
        )

    def _captured_at(self) -> float:
        return time.monotonic()

    def _decode(self) -> RgbImage | None:
        try:
            decoded, bgr = self._capture.read()
        except cv2.error:  # so some decoders tell a damaged frame
            return None
        if not decoded:
            return None
        return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


class CameraSource(_VideoSource):
    """A camera, opened by its index. The size and the rate that it really gives are read back;
    `notes` says where they differ from what was asked for.

    called: how messages call it, where that is not its index.
    """

    is_live = True

    def __init__(self, index: int, *, size: tuple[int, int], fps: float, called: str = "") -> None:
        _silence_opencv()
        capture = cv2.VideoCapture(index)
        if size[0] > _UNCOMPRESSED_SIZE[0] or size[1] > _UNCOMPRESSED_SIZE[1]:
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
        capture.set(cv2.CAP_PROP_FPS, fps)
        # One frame kept by the driver: the next read gives what is seen now.
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        failure = SourceError(
            Sentence("a camera called {}", called)
            if called and not called.isdecimal()
            else Sentence("a camera with index {}", index),
            "none there gives pictures",
            "Plug it in, close other programs that use it, or choose another one",
        )
        super().__init__(capture, Sentence("camera {}", called or index), failure)
        given_fps = fps if self.fps is None else self.fps
        if self.size != size or abs(given_fps - fps) > 1:
            asked, given = _rate(size, fps), _rate(self.size or size, given_fps)
            self.notes = (Sentence("Asked the camera for {}; it gives {}.", asked, given),)


def camera_present(index: int) -> bool:
    """Returns whether there is a camera with that index, where possible without waking it up."""
    if sys.platform.startswith("linux"):
        return Path(f"/dev/video{index}").exists()
    try:
        CameraSource(index, size=_UNCOMPRESSED_SIZE, fps=30).close()
    except SourceError:
        return False
    return True


class StreamSource(_VideoSource):
    """A network stream, opened by its address. What is secret in it is in neither `name`
    nor errors."""

    is_live = True

    def __init__(self, url: str) -> None:
        _silence_opencv()
        name = Sentence("stream {}", shown_address(url))
        timeouts = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            STREAM_TIMEOUT_MS,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            STREAM_TIMEOUT_MS,
        ]
        failure = SourceError(
            Sentence("pictures from the {}", name),
            "none came",
            "Check the address, the user name and password in it, and the network",
        )
        super().__init__(cv2.VideoCapture(url, cv2.CAP_FFMPEG, timeouts), name, failure)


class VideoFileSource(_VideoSource):
    """A video file. `captured_at` is seconds from its first frame, by the film's own stamps
    (FilmClock); `fps` is the mean where the rate varies."""

    is_live = False

    def __init__(self, path: Path) -> None:
        _silence_opencv()
        name, place = Sentence("video {}", path.name), str(path.absolute())
        try:
            super().__init__(cv2.VideoCapture(place, cv2.CAP_FFMPEG), name, _undecodable(path))
        except SourceError:
            if not _is_av1(place):
                raise
            # OpenCV's FFmpeg has no decoder of its own for AV1: graphics chips have one, and
            # Windows' and macOS' own readers of films.
            hardware = [cv2.CAP_PROP_HW_ACCELERATION, cv2.VIDEO_ACCELERATION_ANY]
            capture = cv2.VideoCapture(place, cv2.CAP_ANY, hardware)
            super().__init__(capture, name, _no_av1(path))
        self.fps: float = self.fps or FALLBACK_FPS
        self._promised = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self._clock = FilmClock(self.fps)

    def _end(self) -> None:
        # Containers estimate their count: only a gap beyond any rounding is worth a word.
        if self._index < 0.9 * self._promised:
            self.notes = (
                Sentence(
                    "The file is damaged or cut short: it has {} of its {} frames.",
                    self._index,
                    f"{self._promised:.0f}",
                ),
            )

    def _captured_at(self) -> float:
        return self._clock.next_time(self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)


def _is_av1(place: str) -> bool:
    capture = cv2.VideoCapture(place, cv2.CAP_FFMPEG)
    try:
        return int(capture.get(cv2.CAP_PROP_FOURCC)) == cv2.VideoWriter.fourcc(*"AV01")
    finally:
        capture.release()


def _undecodable(path: Path) -> SourceError:
    return SourceError(
        "a video file",
        Sentence("no picture can be decoded from {}", path),
        "Check that it plays in a video player, or choose another file",
    )


def _no_av1(path: Path) -> SourceError:
    return SourceError(
        "a film that can be decoded here",
        Sentence("{} is AV1, for which this computer has no decoder that OpenCV can use", path),
        "Convert it to H.264 with a video editor, or: ffmpeg -i FILM -c:v libx264 OUT.mp4",
    )


@functools.cache
def _silence_opencv() -> None:
    """Keeps the log lines of OpenCV and FFmpeg off stderr: our errors say the same once, and
    better.

    FFmpeg's level (-8 is its AV_LOG_QUIET) is read at the first capture, not at the import.
    """
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def _rate(size: tuple[int, int], fps: float) -> Sentence:
    return Sentence("{}x{} at {} fps", *size, f"{fps:g}")
