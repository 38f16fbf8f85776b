from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil

import numpy as np
import pytest

from capture import latest
from capture.frame import Frame
from capture.latest import (
    FREEZE_S,
    MAX_STUCK,
    OPEN_S,
    PAUSES_S,
    SAME_PICTURE_S,
    LatestFrame,
    SourceState,
    SourceStatus,
)
from capture.source import FrameSource
from common.errors import SourceError
from common.sentence import Sentence
from common.timed_condition import TimedCondition

LOST = SourceError("pictures", "it has stopped", "Check its cable")
WAIT_S = 30  # for what comes at once; only a failing test waits so long


class HandClock(TimedCondition):
    """Time stands still until advance()."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(WAIT_S)

    def advance(self, seconds: float) -> None:
        with self:
            self.seconds += seconds
            self.notify_all()


class FakeCamera(FrameSource):
    """Gives what is put into it: a brightness is a frame, an error is raised, None ends it."""

    name = Sentence("camera {}", 0)
    is_live = True
    fps = 30.0
    size = (4, 4)

    def __init__(self) -> None:
        self.feed: queue.SimpleQueue[int | Exception | None] = queue.SimpleQueue()
        self.reads = 0
        self.closed = threading.Event()

    def read(self) -> Frame | None:
        given = self.feed.get()
        if isinstance(given, Exception):
            raise given
        if given is None:
            return None
        frame = Frame(np.full((4, 4, 3), given, np.uint8), self.reads, 0.0)
        self.reads += 1
        return frame

    def close(self) -> None:
        self.closed.set()

    def give(self, *items: int | Exception | None) -> FakeCamera:
        for item in items:
            self.feed.put(item)
        return self


class Bench:
    """A slot on a hand-wound clock whose source is opened from a queue."""

    def __init__(self, *, live: bool = True) -> None:
        self.clock = HandClock()
        self.opens: queue.SimpleQueue[FrameSource | Exception] = queue.SimpleQueue()
        self.statuses: queue.Queue[SourceStatus] = queue.Queue()
        self.slot = LatestFrame(
            self.open, live=live, on_status=self.statuses.put, condition=self.clock
        )

    def open(self) -> FrameSource:
        opened = self.opens.get()
        if isinstance(opened, Exception):
            raise opened
        return opened

    def next_status(self) -> SourceStatus:
        return self.statuses.get(timeout=WAIT_S)

    def expect(self, *states: SourceState) -> SourceStatus:
        for state in states:
            status = self.next_status()
            assert status.state is state
        return status

    def wait_for(self, happened: Callable[[], bool]) -> None:
        with self.clock:
            assert self.clock.wait_until(happened, None)

    def taken(self) -> Frame:
        frame = self.slot.take()
        assert frame is not None
        return frame


@contextmanager
def running(bench: Bench, *cameras: FakeCamera) -> Iterator[LatestFrame]:
    """Runs the slot; at the end lets out of their reads the readers of these cameras."""
    bench.slot.start()
    try:
        yield bench.slot
    finally:
        for camera in cameras:
            camera.give(None)
        bench.opens.put(LOST)  # for a reader that waits to open
        bench.slot.close()


def test_take_gives_each_frame_once_and_peek_leaves_it() -> None:
    bench, camera = Bench(), FakeCamera()
    bench.opens.put(camera)
    with running(bench, camera) as slot:
        assert slot.peek() is None
        camera.give(10)
        bench.wait_for(lambda: slot.peek() is not None)
        frame = bench.taken()
        assert slot.peek() is frame
        assert frame.image[0, 0, 0] == 10
        assert slot.take(timeout=0.0) is None
        camera.give(11)
        assert bench.taken().index == 1
        assert slot.dropped == 0


def test_frames_nobody_took_are_dropped_and_counted() -> None:
    bench, camera = Bench(), FakeCamera()
    bench.opens.put(camera.give(1, 2, 3))
    with running(bench, camera) as slot:
        bench.wait_for(lambda: getattr(slot.peek(), "index", None) == 2)
        assert slot.dropped == 2
        assert bench.taken().index == 2
        assert slot.dropped == 2


def test_whoever_asked_is_told_of_each_frame_once_it_can_be_taken() -> None:
    camera = FakeCamera().give(1, 2, LOST)
    told: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
    slot = LatestFrame(
        lambda: camera, live=False, on_frame=lambda: told.put(slot.take(timeout=0.0))
    )
    with slot:
        frames = [told.get(timeout=WAIT_S) for _ in range(2)]
    assert [frame.index for frame in frames if frame] == [0, 1]


def test_a_lost_camera_is_opened_again_and_indexes_go_on() -> None:
    bench, first, second = Bench(), FakeCamera(), FakeCamera()
    bench.opens.put(first.give(1, 2, LOST))
    with running(bench, second) as slot:
        status = bench.expect(SourceState.OPENING, SourceState.LIVE)
        assert status.message == "Camera 0, 4x4 at 30 fps."
        status = bench.expect(SourceState.LOST)
        assert status.message == "Camera 0 stopped giving pictures. Trying again in 0.5 s."
        assert status.retry_in_s == 0.5
        assert first.closed.is_set()
        assert bench.taken().index == 1
        bench.opens.put(second.give(3))
        bench.clock.advance(0.5)
        bench.expect(SourceState.OPENING, SourceState.LIVE)
        assert bench.taken().index == 2
        assert slot.status.state is SourceState.LIVE


def test_the_pauses_grow_to_a_bound_and_start_anew_once_it_works() -> None:
    bench, camera = Bench(), FakeCamera()
    with running(bench, camera):
        for pause in (*PAUSES_S, PAUSES_S[-1]):
            bench.opens.put(SourceError("a camera", "there is none", "Plug it in"))
            status = bench.expect(SourceState.OPENING, SourceState.LOST)
            assert status.retry_in_s == pause
            assert "there is none. Plug it in. Trying again" in status.message
            bench.clock.advance(pause)
        bench.opens.put(camera.give(1, 2, LOST))
        bench.expect(SourceState.OPENING, SourceState.LIVE)
        assert bench.expect(SourceState.LOST).retry_in_s == PAUSES_S[0]
        bench.opens.put(LOST)


def test_a_camera_that_hangs_is_frozen_and_its_late_frame_unwanted() -> None:
    bench, hung, second = Bench(), FakeCamera(), FakeCamera()
    bench.opens.put(hung.give(1))
    with running(bench, hung, second):
        bench.expect(SourceState.OPENING, SourceState.LIVE)
        assert bench.taken().index == 0
        bench.clock.advance(FREEZE_S)
        status = bench.expect(SourceState.FROZEN)
        assert status.message.startswith("Camera 0 stopped giving pictures.")
        bench.opens.put(second.give(7))
        bench.clock.advance(PAUSES_S[0])
        bench.expect(SourceState.OPENING, SourceState.LIVE)
        hung.give(99)
        assert hung.closed.wait(WAIT_S)
        frame = bench.taken()
        assert (frame.index, int(frame.image[0, 0, 0])) == (1, 7)


def test_the_same_picture_again_and_again_is_frozen() -> None:
    bench, camera = Bench(), FakeCamera()
    bench.opens.put(camera.give(5))
    with running(bench, camera) as slot:
        bench.expect(SourceState.OPENING, SourceState.LIVE)
        bench.taken()
        step = FREEZE_S - 1
        for _ in range(ceil(SAME_PICTURE_S / step) - 1):
            bench.clock.advance(step)
            camera.give(5)
            bench.taken()
        assert slot.status.state is SourceState.LIVE
        bench.clock.advance(step)
        status = bench.expect(SourceState.FROZEN)
        assert status.message.startswith("Camera 0 gives the same picture again and again.")
        camera.give(5)
        assert camera.closed.wait(WAIT_S)


def test_a_camera_that_never_answers_is_frozen_too() -> None:
    bench = Bench()
    with running(bench):
        bench.expect(SourceState.OPENING)
        bench.clock.advance(OPEN_S)
        assert bench.expect(SourceState.FROZEN).message.startswith("The source does not answer.")


def test_hanging_readers_do_not_pile_up() -> None:
    bench, camera = Bench(), FakeCamera()
    with running(bench, camera):
        for pause in PAUSES_S[:MAX_STUCK]:
            bench.expect(SourceState.OPENING)
            bench.clock.advance(OPEN_S)
            bench.expect(SourceState.FROZEN)
            bench.clock.advance(pause)
        readers = [t for t in threading.enumerate() if t.name == "source reader"]
        assert len(readers) == MAX_STUCK
        bench.opens.put(LOST)  # one comes out of the driver, and a further try begins
        bench.expect(SourceState.OPENING)
        for _ in range(MAX_STUCK):
            bench.opens.put(LOST)


def test_close_interrupts_a_pause_at_once() -> None:
    bench = Bench()
    bench.opens.put(LOST)
    with running(bench) as slot:
        bench.expect(SourceState.OPENING, SourceState.LOST)
        slot.close()
        assert slot.take() is None


def test_a_file_is_played_once_and_ends() -> None:
    bench, file = Bench(live=False), FakeCamera()
    file.name = Sentence("video {}", "a.mp4")
    bench.opens.put(file.give(1, None))
    with running(bench) as slot:
        bench.expect(SourceState.OPENING, SourceState.LIVE)
        status = bench.expect(SourceState.ENDED)
        assert (status.message, status.retry_in_s) == ("Video a.mp4 has ended.", None)
        assert bench.taken().index == 0
        assert slot.take() is None
        assert slot.status.state is SourceState.ENDED
        assert file.closed.is_set()


def test_a_file_is_not_taken_for_frozen() -> None:
    bench, file = Bench(live=False), FakeCamera()
    bench.opens.put(file.give(1))
    with running(bench, file) as slot:
        bench.expect(SourceState.OPENING, SourceState.LIVE)
        bench.clock.advance(1000)
        file.give(1, None)
        bench.expect(SourceState.ENDED)
        assert slot.peek() is not None


def test_a_file_that_cannot_be_opened_has_failed() -> None:
    bench = Bench(live=False)
    bench.opens.put(SourceError("a video file", "it is a text", "Choose another"))
    with running(bench) as slot:
        status = bench.expect(SourceState.OPENING, SourceState.FAILED)
        assert status.message == "Expected a video file, but it is a text. Choose another."
        assert slot.take() is None


def test_closing_does_not_wait_for_a_file_that_never_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a network's disk that is gone: whoever releases it would wait for the read."""

    class Gone(FakeCamera):
        is_live = False

        def __init__(self) -> None:
            super().__init__()
            self.lock = threading.Lock()

        def read(self) -> Frame | None:
            with self.lock:
                return super().read()

        def close(self) -> None:
            with self.lock:
                super().close()

    monkeypatch.setattr(latest, "JOIN_S", 0.05)
    bench, file = Bench(live=False), Gone().give(10)
    bench.opens.put(file)
    bench.slot.start()
    assert bench.taken().image[0, 0, 0] == 10
    while not file.lock.locked():  # the next read has begun
        threading.Event().wait(0.01)
    bench.slot.close()
    assert not file.closed.is_set()
    file.give(None)
    assert file.closed.wait(WAIT_S)
    bench.slot._attempts[0].thread.join(WAIT_S)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_our_own_fault_is_neither_retried_nor_hidden() -> None:
    bench, camera = Bench(), FakeCamera()
    bench.opens.put(camera.give(1, ZeroDivisionError()))
    with running(bench) as slot:
        bench.expect(SourceState.OPENING, SourceState.LIVE)
        assert "a fault in the program" in bench.expect(SourceState.FAILED).message
        bench.taken()
        assert slot.take() is None


def test_closing_a_slot_that_was_never_started_does_nothing() -> None:
    LatestFrame(FakeCamera, live=True).close()


def test_it_runs_on_the_real_clock() -> None:
    camera = FakeCamera().give(*range(20), LOST)
    with LatestFrame(lambda: camera, live=True) as slot:
        indexes: list[int] = []
        while not indexes or indexes[-1] < 19:
            frame = slot.take(timeout=WAIT_S)
            assert frame is not None
            indexes.append(frame.index)
        assert indexes == sorted(set(indexes))
        assert len(indexes) + slot.dropped == 20
        camera.give(None, None)
