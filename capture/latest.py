"""Keeps the newest frame: a thread reads the source, and a consumer slower than the source misses
frames."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Self

import numpy as np

from capture.frame import Frame
from capture.source import FrameSource, Paced
from common.errors import SourceError
from common.picture import RgbImage
from common.sentence import Sentence, joined
from common.timed_condition import TimedCondition

FREEZE_S = 5.0
"""After so many seconds without a picture a live source counts as frozen: even 1 fps at night stays
below."""

SAME_PICTURE_S = 15.0
"""A live source also counts as frozen when its picture stays the same to the last bit for so many
seconds: a sensor's noise never does that, and a stream's next key frame comes sooner."""

OPEN_S = 20.0
"""The limit in seconds for opening and the first picture; some cameras take over 10 s to wake up on
Windows."""

PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds to wait before each further try to open; the last value goes on."""

MAX_STUCK = 3
"""The most readers that may hang in a driver; no further one is started until one comes out."""

JOIN_S = 2.0
"""Seconds for which close() waits for a reader that hangs in a driver."""


class SourceState(Enum):
    OPENING = "opening"
    LIVE = "live"
    FROZEN = "frozen"
    LOST = "lost"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True)
class SourceStatus:
    """The state of the source. `message` is for the window; ENDED and FAILED are final."""

    state: SourceState
    message: Sentence
    retry_in_s: float | None = None


@dataclass(eq=False)
class _Attempt:
    """One opening of the source and the reading after it; the slot's condition guards it.

    abandoned: set by the supervisor; a reader that comes out of a hanging read then stops.
    over: the reader has closed the source. If it has neither `ended` nor `error`, it has crashed.
    """

    first_index: int
    arrived_at: float
    changed_at: float
    thread: threading.Thread = field(init=False)
    source: FrameSource | None = None
    arrived: int = 0
    changed: int = 0
    last_image: RgbImage | None = None
    abandoned: bool = False
    over: bool = False
    ended: bool = False
    error: SourceError | None = None


class LatestFrame:
    """Reads a source in the background and keeps its newest frame.

    A live source that fails, freezes or is pulled out is opened again after growing pauses;
    a file is played once, at its own pace. The frames' indexes go on when it is opened again. The
    owner calls start() or `with`, and close(); any thread may call the rest.

    open_source: opens the source; raises SourceError where it cannot.
    live: whether it is a camera or a stream (`is_live_spec`), which is watched and opened again.
    on_status: called with each change of status on the supervising thread; must not call close().
    on_frame: called on the reader's thread after each frame that take() may now get. The reader
        waits for it, so it only passes the news on.
    """

    def __init__(
        self,
        open_source: Callable[[], FrameSource],
        *,
        live: bool,
        on_status: Callable[[SourceStatus], None] | None = None,
        on_frame: Callable[[], None] | None = None,
        condition: TimedCondition | None = None,
    ) -> None:
        self._open_source = open_source
        self._live = live
        self._on_status = on_status
        self._on_frame = on_frame
        self._condition = condition or TimedCondition()
        self._status = _OPENING
        self._newest: Frame | None = None
        self._taken = True
        self._next_index = 0
        self._dropped = 0
        self._closed = False
        self._finished = False
        self._attempts: list[_Attempt] = []
        self._supervisor = threading.Thread(target=self._supervise, name="source supervisor")

    def start(self) -> None:
        self._supervisor.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def dropped(self) -> int:
        """How many frames were replaced by a newer one before they were taken."""
        with self._condition:
            return self._dropped

    @property
    def status(self) -> SourceStatus:
        with self._condition:
            return self._status

    def take(self, timeout: float | None = None) -> Frame | None:
        """Returns the newest frame that was not taken yet; waits up to `timeout` seconds for it
        (None: for ever).

        Returns None when the time is up, after the source's last frame, and after close().
        """
        with self._condition:
            deadline = None if timeout is None else self._condition.now() + timeout
            self._condition.wait_until(
                lambda: not self._taken or self._finished or self._closed, deadline
            )
            if self._taken or self._closed:
                return None
            self._taken = True
            return self._newest

    def peek(self) -> Frame | None:
        """Returns the newest frame, taken or not; None before the first one."""
        with self._condition:
            return self._newest

    def close(self) -> None:
        """Stops reading and joins the threads, within MAX_STUCK + 1 times JOIN_S.

        A read that hangs in a driver, or on a file that never comes, cannot be interrupted. After
        JOIN_S
        its thread is not waited for any longer: it closes the source once it comes out, and keeps
        no program alive.
        """
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        if self._supervisor.ident is not None:
            self._supervisor.join()
        for attempt in self._attempts:
            if isinstance(attempt.source, Paced):
                attempt.source.interrupt()
            attempt.thread.join(JOIN_S)

    def _supervise(self) -> None:
        failures = 0
        try:
            while not self._closed:
                attempt = self._begin()
                self._watch(attempt)
                if self._closed:
                    break
                failures = 0 if attempt.changed > 1 else failures
                status = self._outcome(attempt, PAUSES_S[min(failures, len(PAUSES_S) - 1)])
                failures += 1
                retry_at = self._condition.now() + (status.retry_in_s or 0.0)
                self._announce(status)
                if status.retry_in_s is None:
                    break
                self._wait_to_retry(retry_at)
        finally:
            with self._condition:
                self._finished = True
                self._condition.notify_all()

    def _begin(self) -> _Attempt:
        self._announce(_OPENING)
        with self._condition:
            now = self._condition.now()
            attempt = _Attempt(self._next_index, arrived_at=now, changed_at=now)
            # A daemon: a driver that never returns must not keep the program from ending.
            attempt.thread = threading.Thread(
                target=self._read, args=(attempt,), name="source reader", daemon=True
            )
            self._attempts.append(attempt)
        attempt.thread.start()
        return attempt

    def _watch(self, attempt: _Attempt) -> None:
        """Watches an attempt until it is over, frozen or no longer wanted, and then abandons it."""
        self._wait_while_healthy(attempt, lambda: attempt.arrived > 0)
        if attempt.source is not None and attempt.arrived > 0:
            self._announce(SourceStatus(SourceState.LIVE, _describe(attempt.source)))
            self._wait_while_healthy(attempt, lambda: False)
        with self._condition:
            attempt.abandoned = True

    def _wait_while_healthy(self, attempt: _Attempt, happened: Callable[[], bool]) -> None:
        condition = self._condition
        with condition:
            while not condition.wait_until(
                lambda: happened() or attempt.over or self._closed, self._deadline(attempt)
            ):
                deadline = self._deadline(attempt)
                if deadline is not None and condition.now() >= deadline:
                    return

    def _deadline(self, attempt: _Attempt) -> float | None:
        if not self._live:
            return None
        if attempt.arrived == 0:
            return attempt.arrived_at + OPEN_S
        return min(attempt.arrived_at + FREEZE_S, attempt.changed_at + SAME_PICTURE_S)

    def _outcome(self, attempt: _Attempt, pause_s: float) -> SourceStatus:
        with self._condition:
            name = attempt.source.name.capitalized() if attempt.source else Sentence("The source")
            if attempt.over and not attempt.ended and attempt.error is None:
                return SourceStatus(
                    SourceState.FAILED, Sentence("{} cannot be read: a fault in the program.", name)
                )
            if not self._live:
                if attempt.error is not None:
                    return SourceStatus(SourceState.FAILED, attempt.error.sentence)
                notes = attempt.source.notes if attempt.source else ()
                ended = Sentence("{} has ended.", name)
                return SourceStatus(SourceState.ENDED, joined(ended, *notes))
            if attempt.arrived == 0:
                silent = Sentence("{} does not answer.", name)
                found = silent if attempt.error is None else attempt.error.sentence
            elif attempt.over or self._condition.now() >= attempt.arrived_at + FREEZE_S:
                found = Sentence("{} stopped giving pictures.", name)
            else:
                found = Sentence("{} gives the same picture again and again.", name)
            state = SourceState.LOST if attempt.over else SourceState.FROZEN
            return SourceStatus(
                state, Sentence("{} Trying again in {} s.", found, f"{pause_s:g}"), pause_s
            )

    def _wait_to_retry(self, retry_at: float) -> None:
        with self._condition:
            self._condition.wait_until(lambda: self._closed, retry_at)
            self._condition.wait_until(lambda: self._closed or len(self._stuck()) < MAX_STUCK, None)
            self._attempts = self._stuck()

    def _stuck(self) -> list[_Attempt]:
        return [attempt for attempt in self._attempts if not attempt.over]

    def _announce(self, status: SourceStatus) -> None:
        with self._condition:
            self._status = status
            self._condition.notify_all()
        if self._on_status is not None:
            self._on_status(status)

    # On the reader's thread.

    def _read(self, attempt: _Attempt) -> None:
        try:
            opened = self._open_source()
            with opened if self._live else Paced(opened) as source:
                with self._condition:
                    attempt.source = source
                while (frame := source.read()) is not None:
                    if not self._deliver(attempt, frame):
                        break
            attempt.ended = True
        except SourceError as error:
            attempt.error = error
        finally:
            with self._condition:
                attempt.over = True
                self._condition.notify_all()

    def _deliver(self, attempt: _Attempt, frame: Frame) -> bool:
        last, attempt.last_image = attempt.last_image, frame.image
        same = self._live and last is not None and np.array_equal(last, frame.image)
        with self._condition:
            if attempt.abandoned or self._closed:
                return False
            attempt.arrived += 1
            attempt.arrived_at = self._condition.now()
            if not same:
                attempt.changed += 1
                attempt.changed_at = attempt.arrived_at
            self._dropped += not self._taken
            self._newest = replace(frame, index=attempt.first_index + frame.index)
            self._next_index = self._newest.index + 1
            self._taken = False
            self._condition.notify_all()
        if self._on_frame is not None:
            self._on_frame()
        return True


_OPENING = SourceStatus(SourceState.OPENING, Sentence("Opening the source."))


def _describe(source: FrameSource) -> Sentence:
    name, size = source.name.capitalized(), source.size
    if not size:
        described = Sentence("{}.", name)
    elif not source.fps:
        described = Sentence("{}, {}x{}.", name, *size)
    else:
        described = Sentence("{}, {}x{} at {} fps.", name, *size, f"{source.fps:g}")
    return joined(described, *source.notes)
