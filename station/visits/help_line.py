"""The one short line of help, kept long enough to be read."""

from __future__ import annotations

from station.screen import Help

SHOWN_S = 0.8
"""A line stays at least so long."""

WANTED_S = 0.25
"""So long another must have been wanted, without a break, before it takes its place."""


class HelpLine:
    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Nobody is helped now."""
        self._shown: Help | None = None
        self._wanted: Help | None = None
        self._shown_at = self._wanted_at = 0.0

    def want(self, help: Help, now: float) -> Help:
        """The line to show, where `help` is what would help now. now: monotonic seconds."""
        if help is not self._wanted:
            self._wanted, self._wanted_at = help, now
        waited = now - self._shown_at >= SHOWN_S and now - self._wanted_at >= WANTED_S
        if self._shown is None or (help is not self._shown and waited):
            self._shown, self._shown_at = help, now
        return self._shown
