"""A condition variable that waits for an event up to a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class TimedCondition(threading.Condition):
    """A condition that knows the clock by which its deadlines count; tests give it their own."""

    def now(self) -> float:
        return time.monotonic()

    def wait_until(self, happened: Callable[[], bool], deadline: float | None) -> bool:
        """Wait until `happened()` or the deadline; return whether it happened.

        The caller must hold the lock.
        """
        while not happened():
            left = None if deadline is None else deadline - self.now()
            if left is not None and left <= 0:
                return False
            self.wait(left)
        return True
