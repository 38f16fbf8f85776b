"""Waiting for what happens, up to a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class TimedCondition(threading.Condition):
    """A condition with the clock that its deadlines stand on; tests bring their own."""

    def now(self) -> float:
        return time.monotonic()

    def wait_until(self, happened: Callable[[], bool], deadline: float | None) -> bool:
        """Waits, its lock held, until `happened()` or the deadline; says whether it happened."""
        while not happened():
            left = None if deadline is None else deadline - self.now()
            if left is not None and left <= 0:
                return False
            self.wait(left)
        return True
