"""Cameras that give one picture to each request over HTTP, and how they are told from streams."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from capture.frame import Frame
from capture.network.client import WebAnswer, WebClient
from capture.source import FrameSource
from capture.stills import still_in
from capture.video import StreamSource
from common.errors import PictureError, SourceError
from common.picture import RgbImage
from common.sentence import Sentence

MOST_FPS = 5.0
"""A camera is asked for no more pictures a second: each is a request of its own, and small cameras
answer few."""

REST = 0.5
"""After each answer the camera is left alone for at least so large a share of the time that it
took."""

MAX_FAILURES = 3
"""So many requests in a row may fail before the source is lost: cameras that are busy refuse one
now and then."""

_PAGES = ("text/", "application/json", "application/xml", "application/xhtml")
_PLAYLIST = b"#EXTM3U"


class SnapshotSource(FrameSource):
    """Asks a camera for one picture after the other.

    fps: how often it is asked, as quickly as the first picture came, and at most `MOST_FPS`.
    """

    is_live = True

    def __init__(
        self,
        client: WebClient,
        first: WebAnswer,
        took_s: float,
        *,
        most_fps: float,
        clock: Callable[[], float] = time.monotonic,
        closed: threading.Event | None = None,
    ) -> None:
        """Takes over `client`, and the answer that it has given, `took_s` seconds after the
        request. Raises SourceError where that is no picture."""
        self.name = Sentence("snapshots of {}", client.shown)
        self._client = client
        self._clock = clock
        self._closed = closed or threading.Event()
        self._period_s = 1 / min(MOST_FPS, most_fps)
        self._index = 0
        self._first: RgbImage | None = self._picture(first)
        self._next_at = self._clock() + self._pause_s(took_s)
        self.fps = 1 / (took_s + self._pause_s(took_s))
        self.size = (self._first.shape[1], self._first.shape[0])
        if client.moved_to is not None:
            self.notes = (Sentence("{} answers in its place.", client.moved_to),)

    def read(self) -> Frame | None:
        image, self._first = self._first, None
        if image is None:
            image = self._next_picture()
        if image is None or self._closed.is_set():
            return None
        frame = Frame(image, self._index, self._clock())
        self._index += 1
        return frame

    def close(self) -> None:
        self._closed.set()
        self._client.close()

    def _next_picture(self) -> RgbImage | None:
        """Returns the next picture, None once the source is closed."""
        failures = 0
        while not self._closed.wait(max(0.0, self._next_at - self._clock())):
            asked_at = self._clock()
            try:
                return self._picture(self._client.get())
            except SourceError:
                failures += 1
                if self._closed.is_set():
                    return None
                if failures == MAX_FAILURES:
                    raise
            finally:
                now = self._clock()
                self._next_at = now + self._pause_s(now - asked_at)
        return None

    def _pause_s(self, took_s: float) -> float:
        return max(self._period_s - took_s, REST * took_s)

    def _picture(self, answer: WebAnswer) -> RgbImage:
        if not answer.is_picture:
            raise SourceError(
                Sentence("pictures from {}", self._client.shown),
                _what_came(answer),
                "Look in the camera's manual for the address of its snapshots or its stream",
            )
        name = Path(urlsplit(self._client.shown).path).name or "snapshot"
        try:
            return still_in(io.BytesIO(answer.body), Path(name)).image
        except PictureError as error:
            raise SourceError(error.expected, error.found, error.remedy) from error


def open_web_source(url: str, fps: float) -> FrameSource:
    """Opens an http or https address: a camera's snapshots where it answers with a picture, else a
    stream.

    fps: the most pictures a second that are asked for. Raises SourceError where it answers with a
    page or not at all.
    """
    client = WebClient(url)
    try:
        began = time.monotonic()
        answer = client.get()
        if answer.is_picture or _is_page(answer):
            return SnapshotSource(client, answer, time.monotonic() - began, most_fps=fps)
    except BaseException:
        client.close()
        raise
    client.close()
    return StreamSource(url)


def _is_page(answer: WebAnswer) -> bool:
    return answer.kind.startswith(_PAGES) and not answer.body.lstrip().startswith(_PLAYLIST)


def _what_came(answer: WebAnswer) -> Sentence:
    if not answer.kind:
        return Sentence("it answers with something else")
    return Sentence("it answers with {}, which is no picture", answer.kind)
