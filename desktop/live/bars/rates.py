"""Turns counted events into a rate, for the line of statistics."""

from __future__ import annotations

import time
from collections.abc import Callable


class Rate:
    """Measures how often a counter has gone up for each second since the last call."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._count = 0
        self._asked_at = clock()

    def since_last(self, count: int) -> float:
        """Return the events per second since the last call.

        count: the counter's value now; a counter that was reset counts from 0.
        """
        now = self._clock()
        moved = count - self._count if count >= self._count else count
        elapsed = now - self._asked_at
        self._count, self._asked_at = count, now
        return moved / elapsed if elapsed > 0 else 0.0
