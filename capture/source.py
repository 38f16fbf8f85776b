"""What all sources of frames have in common: cameras, streams, video files, pictures and the
demo."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

from capture.frame import Frame
from common.sentence import Sentence

FALLBACK_FPS = 25.0
"""The frame rate of video files whose container names none: PAL's, the commonest of recorded
video."""


class FrameSource(ABC):
    """One opened source of frames. It belongs to one thread; only close() may come from another.

    name: as the window shows it, such as "camera 0".
    is_live: a camera or a stream, whose frames are lost when nobody reads them.
    fps: what it really delivers, not what was asked for; None where it does not say.
    size: (width, height) in pixels of its first frame, None where not known yet.
    notes: what the user should know about it, as sentences.
    """

    name: Sentence
    is_live: bool
    fps: float | None = None
    size: tuple[int, int] | None = None
    notes: tuple[Sentence, ...] = ()

    @abstractmethod
    def read(self) -> Frame | None:
        """Returns the next frame, waiting for it; None at a clean end and after close().

        Raises SourceError where a live source fails.
        """

    @abstractmethod
    def close(self) -> None:
        """Releases the device or file. A second call does nothing."""

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
    """A source that plays a file like a camera: each frame is held back until its time in the file
    has come.

    Late frames are still delivered, in order; dropping frames is left to the reader. `captured_at`
    becomes monotonic. interrupt() and close() may come from another thread.
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
        self._offset_s: float | None = None
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
        if self._offset_s is None:
            self._offset_s = self._clock() - frame.captured_at
        due_at = self._offset_s + frame.captured_at
        if self._closed.wait(max(0.0, due_at - self._clock())):
            return None
        return replace(frame, captured_at=self._clock())

    def interrupt(self) -> None:
        """Ends a wait; after it no further frame is given. Returns at once, whatever the source
        does."""
        self._closed.set()

    def close(self) -> None:
        self.interrupt()
        self._source.close()
