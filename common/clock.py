"""The two clocks of the station: one counts seconds, one tells the time of day."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo


def _seconds() -> float:
    """Return monotonic seconds that also count while a computer sleeps.

    Linux's usual monotonic clock stands still then.
    """
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """The clocks that a part of the program reads.

    seconds: monotonic, to measure how long something lasts; nobody can set this clock.
    now: the time of day, an aware datetime in UTC.
    zone: the time zone whose day and hours count; None is the computer's own.
    """

    seconds: Callable[[], float] = _seconds
    now: Callable[[], datetime] = _now
    zone: tzinfo | None = None

    def local(self, at: datetime) -> datetime:
        """Return the naive local datetime that a clock on the wall showed at an aware one."""
        return at.astimezone(self.zone).replace(tzinfo=None)
