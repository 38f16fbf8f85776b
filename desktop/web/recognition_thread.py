"""The thread that owns the recognizer of `facedesk web`; requests wait for it in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from typing import TypeVar

from recognition.recognizer import Recognizer

MOST_WAITING = 16
"""Requests that may be under way or wait; a picture takes some tenths of a second."""

_Answer = TypeVar("_Answer")


class BusyError(Exception):
    """As many requests as may wait do so already."""


class RecognitionThread:
    """Runs tasks on one recognizer, one after another, in a thread of its own.

    opened: gives the recognizer; it is entered and left in that thread.
    """

    def __init__(self, opened: Callable[[], AbstractContextManager[Recognizer]]) -> None:
        self._opened = opened
        self._stack = ExitStack()
        self._executor = ThreadPoolExecutor(1, "recognition")
        self._waiting = 0

    def start(self) -> None:
        """Open the recognizer. Raises what opening it raises; then the thread has ended."""
        try:
            self._recognizer = self._executor.submit(self._open).result()
        except BaseException:
            self._executor.shutdown()
            raise

    def close(self) -> None:
        """Let the running task end, drop those that wait, and close the recognizer."""
        self._executor.submit(self._stack.close)
        self._executor.shutdown()

    async def run(self, task: Callable[[Recognizer], _Answer]) -> _Answer:
        """Return what the task returns for the recognizer, whose gallery is what the disk has now.

        Raises what the task raises, and BusyError.
        """
        if self._waiting >= MOST_WAITING:
            raise BusyError
        self._waiting += 1
        try:
            return await asyncio.wrap_future(self._executor.submit(self._done, task))
        finally:
            self._waiting -= 1

    def _open(self) -> Recognizer:
        return self._stack.enter_context(self._opened())

    def _done(self, task: Callable[[Recognizer], _Answer]) -> _Answer:
        if self._recognizer.catch_up():
            self._recognizer.gallery_changed()
        return task(self._recognizer)
