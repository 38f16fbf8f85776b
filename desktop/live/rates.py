"""Events counted into a rate, for the line of statistics."""

from __future__ import annotations

import time
from collections.abc import Callable


class Rate:
    """How often a counter moved on, each second since the last question."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._count = 0
        self._asked_at = clock()

    def since_last(self, count: int) -> float:
        """count: where the counter stands now; one that began anew counts from 0."""
        now = self._clock()
        moved = count - self._count if count >= self._count else count
        elapsed = now - self._asked_at
        self._count, self._asked_at = count, now
        return moved / elapsed if elapsed > 0 else 0.0
