"""Tells the webhook, in a thread of its own, and goes on trying while the network is away."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from capture.waiting import TimedCondition
from facedesk_errors import StationError
from station.entry import Entry
from station.outbox import Delivery, Outbox
from station.webhook import delivery, post

PAUSES_S = (5.0, 15.0, 60.0, 300.0)
"""Before each further try; the last one goes on."""

GIVE_UP = timedelta(days=3)
"""After so long nobody asks for it any more. The ledger has it still."""


@dataclass(frozen=True)
class Status:
    """waiting: deliveries. last_failure: what happened at the last try; empty where it worked."""

    waiting: int = 0
    last_failure: str = ""


class Deliveries:
    """Sends in order: while the first one fails, the others wait behind it.

    They are on the disk while they wait; where the disk fails, in memory alone, which is told.
    One may be sent twice, where a crash or the disk kept it from being crossed out; its id is
    the same. tell(), status and close() belong to any thread.

    on_trouble: called on the own thread when a row of failures begins, not at each of them.
    clock: aware datetime.
    """

    def __init__(
        self,
        path: Path,
        url: str,
        secret_key: bytes,
        on_trouble: Callable[[str], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        condition: TimedCondition | None = None,
    ) -> None:
        self._path = path
        self._url = url
        self._key = secret_key
        self._on_trouble = on_trouble
        self._clock = clock
        self._condition = condition or TimedCondition()
        self._fresh: deque[Delivery] = deque()
        self._status = Status()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="webhook")
        self._thread.start()

    @property
    def status(self) -> Status:
        with self._condition:
            return self._status

    def tell(self, entry: Entry) -> None:
        """Returns at once."""
        with self._condition:
            self._fresh.append(delivery(entry))
            self._condition.notify_all()

    def close(self) -> None:
        """Waits for a try that is under way; what is not delivered is on the disk."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        self._thread.join()

    # On the own thread.

    def _run(self) -> None:
        with ExitStack() as at_the_end:
            outbox, waiting = self._opened(at_the_end)
            self._deliver(outbox, waiting)

    def _deliver(self, outbox: Outbox | None, waiting: deque[Delivery]) -> None:
        failures = 0
        failure: str | None = None
        try_at = self._condition.now()
        while True:
            status = Status(len(waiting), failure or "")
            fresh, closed = self._next(status, try_at if waiting else None)
            for one in fresh:
                self._on_disk(outbox, Outbox.put, one)
                waiting.append(one)
            if closed:
                return
            if not waiting or self._condition.now() < try_at:
                continue
            failure = post(self._url, self._key, waiting[0], int(self._clock().timestamp()))
            if failure is None:
                self._on_disk(outbox, Outbox.remove, waiting.popleft())
                failures = 0
                continue
            if failures == 0:
                self._on_trouble(_told(failure))
            try_at = self._condition.now() + PAUSES_S[min(failures, len(PAUSES_S) - 1)]
            failures += 1
            self._give_up(outbox, waiting)

    def _next(self, status: Status, deadline: float | None) -> tuple[deque[Delivery], bool]:
        """Waits up to the deadline; what there is to tell since, and whether it is the last."""
        with self._condition:
            self._status = status
            self._condition.notify_all()
            self._condition.wait_until(lambda: self._closed or bool(self._fresh), deadline)
            fresh, self._fresh = self._fresh, deque()
            return fresh, self._closed

    def _opened(self, at_the_end: ExitStack) -> tuple[Outbox | None, deque[Delivery]]:
        """The outbox, and what has been waiting in it."""
        try:
            outbox = at_the_end.enter_context(closing(Outbox(self._path)))
            return outbox, deque(outbox.all())
        except StationError as error:
            self._on_trouble(f"{error} Until the next start what waits is in memory alone.")
            return None, deque()

    def _on_disk(
        self, outbox: Outbox | None, change: Callable[[Outbox, Delivery], None], one: Delivery
    ) -> None:
        if outbox is None:
            return
        try:
            change(outbox, one)
        except StationError as error:
            self._on_trouble(str(error))

    def _give_up(self, outbox: Outbox | None, waiting: deque[Delivery]) -> None:
        old = []
        while waiting and self._clock() - waiting[0].at > GIVE_UP:
            old.append(waiting.popleft())
            self._on_disk(outbox, Outbox.remove, old[-1])
        if old:
            self._on_trouble(
                f"The webhook was not told of what happened from {old[0].at:%Y-%m-%d %H:%M} to "
                f"{old[-1].at:%Y-%m-%d %H:%M} UTC, {len(old)} in number, and will not be: "
                f"{GIVE_UP.days} days of trying are over. The ledger has it."
            )


def _told(failure: str) -> str:
    error = StationError(
        "the webhook to take what it is told",
        f"that failed: {failure}",
        "It is tried again until it works; see to the network, the receiver and the setting "
        "station.webhook",
    )
    return str(error)
