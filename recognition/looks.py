"""Decides which face is looked at next: a look costs as much as following all faces in a frame."""

from __future__ import annotations

from collections import deque

from models.quality import view_px
from recognition.tracks import Track

SHARE = 0.05
"""The share of a core that looks may take in the long run."""

BURST_S = 0.05
"""Seconds of a core that may be saved for a moment at which many faces come into view."""

FEWEST_A_SECOND = 2.0
"""So many looks a second are made in any case, however slow the embedder is."""

CONFIRM_S = 0.25
"""Seconds from one look to the next at a named face."""

SOON_S = 0.1
LATER_S = 1.0
"""Seconds from one look to the next at a face without a name: they double from SOON_S to LATER_S
with each moment at which it was not known."""

HIDDEN_S = 0.1
"""Seconds from one try to the next at a face that was turned away or too blurred to compare."""

BETTER = 1.15
"""A face without a name is looked at again when its view is larger than its best one by this
factor."""

FIRST_LOOKS = 2
"""So many looks at a new face are not put off, nor is one that may show somebody else."""


class LookBudget:
    """Saves up time for looks and spends it. Time is in seconds."""

    def __init__(self) -> None:
        self._saved = BURST_S
        self._costs: deque[float] = deque(maxlen=15)

    def earn(self, passed: float) -> None:
        """Takes in that so much time has passed since the last frame."""
        share = max(SHARE, FEWEST_A_SECOND * self._cost)
        self._saved = min(self._saved + share * passed, max(BURST_S, self._cost))

    def spend(self, took: float) -> None:
        """Takes in that a look took so long."""
        self._costs.append(took)
        self._saved = max(self._saved - self._cost, -max(BURST_S, self._cost))

    @property
    def allows(self) -> bool:
        """Whether there is time for a look that could wait."""
        return self._saved > 0

    @property
    def _cost(self) -> float:
        # The quickest of the last ones: whatever else the computer does is no reason to look less.
        return min(self._costs, default=0.0)


def urgency(track: Track, now: float) -> float:
    """Returns how urgent a look at the face is: 0 where none is due, 2 or more where it cannot
    wait.

    now: in the seconds of Frame.captured_at.
    """
    if track.looked_at is None:
        return 4.0
    waited = now - track.looked_at
    if waited == 0:  # the same picture tells nothing more
        return 0.0
    if track.hidden:
        return 3.0 if waited >= HIDDEN_S else 0.0
    if track.doubtful and track.is_named:
        return 5.0 + waited
    if track.contradictions or len(track.evidence.looks) < FIRST_LOOKS:
        return 3.0 + waited
    if waited < _pause(track):
        return 0.0
    # Below 2: the longest unconfirmed first.
    return 1.0 + waited / (1.0 + waited)


def _pause(track: Track) -> float:
    """Returns the seconds from one look to the next."""
    if track.is_named:
        return 0.0 if track.changed else CONFIRM_S
    if view_px(track.face) > BETTER * track.best_view:
        return 0.0
    if track.doubtful:
        return SOON_S
    return min(SOON_S * 2.0 ** (len(track.evidence.moments) - 1), LATER_S)
