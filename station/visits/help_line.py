"""Chooses the one short line of help, and keeps it long enough to be read."""

from __future__ import annotations

from station.screen import Help

SHOWN_S = 0.8
"""Seconds for which a line stays at least."""

WANTED_S = 0.25
"""Seconds for which another line must be wanted without a break before it replaces the first."""


class HelpLine:
    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forgets the line: nobody is helped now."""
        self._shown: Help | None = None
        self._wanted: Help | None = None
        self._shown_at = self._wanted_at = 0.0

    def want(self, help: Help, now: float) -> Help:
        """Returns the line to show. help: what would help now. now: monotonic seconds."""
        if help is not self._wanted:
            self._wanted, self._wanted_at = help, now
        waited = now - self._shown_at >= SHOWN_S and now - self._wanted_at >= WANTED_S
        if self._shown is None or (help is not self._shown and waited):
            self._shown, self._shown_at = help, now
        return self._shown
