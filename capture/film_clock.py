"""The time of a film's frames: its own stamps, as far as they can be believed."""

from __future__ import annotations

MAX_GAP_S = 3600.0
"""A stamp further than this behind the one before is damage: MPEG-TS stamps start over after 26.5
hours, and a film that is played at its own pace would show one picture for so long."""

_ROUNDING_S = 0.001
"""OpenCV gives stamps in whole milliseconds."""


class FilmClock:
    """Gives each frame its time in seconds from the first one, strictly increasing.

    A frame's own stamp counts where it comes later than the one before it, by no more than
    MAX_GAP_S; else the frame comes one period of the rate after the one before, and the stamps
    count on from there. Where the stamps only round what the rate says, the time is exact.

    fps: frames a second, above 0.
    """

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self._index = 0
        self._stamp_s = 0.0
        self._shift_s = 0.0
        self._time_s = 0.0

    def next_time(self, stamp_s: float) -> float:
        """Return the time of the next frame, whose own stamp is `stamp_s`, in seconds."""
        if self._index == 0:
            self._shift_s = -stamp_s
        elif not 0 < stamp_s - self._stamp_s <= MAX_GAP_S:
            self._shift_s = self._time_s + 1 / self._fps - stamp_s
        even = self._index / self._fps
        stamped = stamp_s + self._shift_s
        time_s = even if abs(stamped - even) <= _ROUNDING_S else stamped
        if self._index and time_s <= self._time_s:
            time_s = stamped
        self._index += 1
        self._stamp_s, self._time_s = stamp_s, time_s
        return time_s
