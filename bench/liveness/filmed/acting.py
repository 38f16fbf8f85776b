"""What somebody does when a movement is asked for: how soon, how far, and back again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BLINK_S = 0.3
"""How long a blink takes."""


@dataclass(frozen=True)
class Act:
    """How far a movement is made at a moment. turn, nod, closer, blink: 0..1; a turn to the
    person's right is negative."""

    turn: float = 0.0
    nod: float = 0.0
    closer: float = 0.0
    blink: float = 0.0

    @property
    def is_still(self) -> bool:
        return not (self.turn or self.nod or self.closer or self.blink)


class Actor:
    """Does what is asked for, once and again while it is still asked for."""

    def __init__(self, random: np.random.Generator) -> None:
        self._delay_s = random.uniform(0.6, 1.2)
        self._lasts_s = random.uniform(1.2, 1.8)
        self._asked: str | None = None
        self._since = 0.0

    def act(self, at: float, asked: str | None) -> Act:
        """Return what is done. asked: the name of the Action, None while nothing is asked for. What
        was begun is finished."""
        if asked is not None and asked != self._asked:
            self._asked, self._since = asked, at
        spent = at - self._since - self._delay_s
        if self._asked is None or spent < 0:
            return Act()
        if asked is None and spent >= self._lasts_s:
            self._asked = None
            return Act()
        spent %= self._lasts_s + self._delay_s
        if spent >= self._lasts_s:
            return Act()
        return _moved(self._asked, spent, self._lasts_s)


def _moved(asked: str, spent: float, lasts_s: float) -> Act:
    far = float(np.sin(np.pi * spent / lasts_s) ** 2 * 1.3)
    far = min(far, 1.0)
    if "LEFT" in asked:
        return Act(turn=far)
    if "RIGHT" in asked:
        return Act(turn=-far)
    if "NOD" in asked:
        return Act(nod=far)
    if "CLOSER" in asked:
        return Act(closer=far)
    if "BLINK" in asked:
        return Act(blink=max(blink(spent - 0.1), blink(spent - 0.1 - 1.8 * BLINK_S)))
    return Act()


def blink(since: float) -> float:
    """Return how far the eyes are closed so many seconds after a blink has begun: 0..1."""
    if not 0 < since < BLINK_S:
        return 0.0
    return float(np.clip(1.6 * np.sin(np.pi * since / BLINK_S), 0, 1))
