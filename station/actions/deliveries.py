"""Tells the webhook, in a thread of its own, and keeps trying while the network is away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from common.errors import StationError
from common.sentence import Sentence
from common.sqlite_file import BUSY_S
from common.timed_condition import TimedCondition
from station.actions.backlog import Backlog
from station.actions.outbox import GIVE_UP
from station.actions.webhook_client import CLOSING_S, EXCHANGE_S, WebhookClient
from station.ledger.entry import Entry

PAUSES_S = (5.0, 15.0, 60.0, 300.0)
"""Seconds to wait before each further try; the last value goes on."""

CLOSE_S = CLOSING_S + 4 * BUSY_S
"""The longest time in seconds that close() takes: a try that is under way, then ledger and outbox,
each of which another program may hold, are read and written once more."""


@dataclass(frozen=True)
class Status:
    """How the deliveries stand. waiting: how many are waiting. last_failure: what went wrong at the
    last try; empty where it worked."""

    waiting: int = 0
    last_failure: str = ""


class Deliveries:
    """Sends the entries of a ledger in order: while the first one fails, the others wait.

    At the start, and whenever it is told of an entry, it takes over what is new in the ledger,
    whichever program wrote it; station.actions.backlog says how none is lost and none taken over
    twice. Any thread may use tell(), status and close().

    outbox, ledger: the files. on_trouble: called on the own thread, and while this is made; of a
    row of failures it is told the first alone. clock: returns the time now as an aware datetime.
    limit_s, closing_s: the limits of a try, see station.actions.webhook_client.
    """

    def __init__(
        self,
        outbox: Path,
        ledger: Path,
        url: str,
        secret_key: bytes,
        on_trouble: Callable[[Sentence], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        condition: TimedCondition | None = None,
        limit_s: float = EXCHANGE_S,
        closing_s: float = CLOSING_S,
    ) -> None:
        # Here, not on the thread: what is written after this was made must be delivered.
        self._backlog = Backlog(outbox, ledger, on_trouble, clock)
        self._client = WebhookClient(url, secret_key, limit_s, closing_s)
        self._on_trouble = on_trouble
        self._clock = clock
        self._condition = condition or TimedCondition()
        self._fresh: list[Entry] = []
        self._status = Status()
        self._closed = False
        # A daemon: a disk that never answers must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="webhook", daemon=True)
        self._thread.start()

    @property
    def status(self) -> Status:
        with self._condition:
            return self._status

    def tell(self, entry: Entry) -> None:
        """Tells of an entry that stands in the ledger. Returns at once."""
        with self._condition:
            self._fresh.append(entry)
            self._condition.notify_all()

    def close(self) -> None:
        """Ends the thread within CLOSE_S; what is not delivered is on the disk.

        A try that is under way gets `closing_s` to end; if it does not, its delivery is sent again
        at the next start. A disk that does not answer is not waited for.
        """
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        self._client.close()
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            logging.getLogger(__name__).warning("The outbox or the ledger does not answer.")

    # On the own thread.

    def _run(self) -> None:
        with closing(self._backlog) as backlog:
            self._deliver(backlog)

    def _deliver(self, backlog: Backlog) -> None:
        failures, failure = 0, ""
        try_at = self._condition.now()
        complete = backlog.take_over()
        while True:
            deadline = try_at if len(backlog) else None
            if not complete:
                again_at = self._condition.now() + PAUSES_S[0]
                deadline = min(again_at, again_at if deadline is None else deadline)
            fresh, closed = self._next(Status(len(backlog), failure), deadline)
            if fresh or not complete:
                complete = backlog.take_over(fresh)
            if closed:
                return
            one = backlog.first()
            if one is None or self._condition.now() < try_at:
                continue
            failure = self._client.post(one, int(self._clock().timestamp())) or ""
            if not failure:
                backlog.cross_out()
                failures = 0
                continue
            if failures == 0 and not self._closed:
                self._on_trouble(_told(failure))
            try_at = self._condition.now() + PAUSES_S[min(failures, len(PAUSES_S) - 1)]
            failures += 1
            backlog.give_up(GIVE_UP)

    def _next(self, status: Status, deadline: float | None) -> tuple[list[Entry], bool]:
        """Waits up to the deadline. Returns the entries that were told since, and whether close()
        was called."""
        with self._condition:
            self._status = status
            self._condition.notify_all()
            self._condition.wait_until(lambda: self._closed or bool(self._fresh), deadline)
            fresh, self._fresh = self._fresh, []
            return fresh, self._closed


def _told(failure: str) -> Sentence:
    error = StationError(
        "the webhook to take what it is told",
        Sentence("that failed: {}", failure),
        "It is tried again until it works; see to the network, the receiver and the setting "
        "station.webhook",
    )
    return error.sentence
