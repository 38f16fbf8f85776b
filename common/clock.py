"""The two clocks of the station: one counts seconds, one tells the time of day."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo


def _seconds() -> float:
    """Monotonic. Linux's own monotonic clock stands still while a computer sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """seconds: monotonic, for whatever lasts: nobody sets it. now: aware datetime, UTC.
    zone: whose day and hours count; None is the computer's own.
    """

    seconds: Callable[[], float] = _seconds
    now: Callable[[], datetime] = _now
    zone: tzinfo | None = None

    def local(self, at: datetime) -> datetime:
        """What the clock on the wall showed at an aware datetime; naive."""
        return at.astimezone(self.zone).replace(tzinfo=None)
