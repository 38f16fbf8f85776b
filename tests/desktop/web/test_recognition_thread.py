"""The thread that owns the recognizer bears what requests do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from common.errors import GalleryError
from desktop.web.recognition_thread import MOST_WAITING, BusyError, RecognitionThread
from recognition.recognizer import Recognizer


@pytest.fixture
def thread(opened: Callable[[], AbstractContextManager[Recognizer]]) -> Iterator[RecognitionThread]:
    thread = RecognitionThread(opened)
    thread.start()
    yield thread
    thread.close()


def test_a_task_that_raises_leaves_it_at_work(thread: RecognitionThread) -> None:
    async def ask() -> str:
        with pytest.raises(ZeroDivisionError):
            await thread.run(lambda recognizer: 1 // 0)
        return await thread.run(lambda recognizer: threading.current_thread().name)

    assert asyncio.run(ask()).startswith("recognition")


def test_of_too_many_requests_the_last_are_told(thread: RecognitionThread) -> None:
    go_on = threading.Event()

    async def ask() -> None:
        waiting = [
            asyncio.create_task(thread.run(lambda recognizer: go_on.wait(30)))
            for _ in range(MOST_WAITING)
        ]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await thread.run(lambda recognizer: None)
        go_on.set()
        assert all(await asyncio.gather(*waiting))
        await thread.run(lambda recognizer: None)

    asyncio.run(ask())


def test_a_recognizer_that_cannot_be_opened_leaves_no_thread() -> None:
    @contextmanager
    def opened() -> Iterator[Recognizer]:
        raise GalleryError("a gallery", "it is damaged", "Restore it")
        yield

    with pytest.raises(GalleryError):
        RecognitionThread(opened).start()
    assert not [one for one in threading.enumerate() if one.name.startswith("recognition")]
