"""When somebody was in view: stretches of time, in bounded memory."""

from __future__ import annotations

MOST_STRETCHES = 200
"""Stretches that are kept of one face. Of more, those are joined that lie nearest together."""

GAP_S = 2.0
"""Who is out of sight for less was there all the time."""


class Presence:
    """The stretches of time in which a face was in view, and in how many frames.

    stretches: (begin, end) in seconds, in order.
    """

    def __init__(self) -> None:
        self.stretches: list[tuple[float, float]] = []
        self.frames = 0
        self.visits = 0

    def add(self, at: float) -> None:
        """Count a frame in which the face is in view. at: not before those that were added."""
        self.frames += 1
        if self.stretches and at - self.stretches[-1][1] <= GAP_S:
            self.stretches[-1] = self.stretches[-1][0], at
            return
        self.visits += 1
        self.stretches.append((at, at))
        if len(self.stretches) > MOST_STRETCHES:
            self._join_nearest()

    def join(self, other: Presence) -> None:
        """Take over what is known of another face, which was the same."""
        self.frames += other.frames
        merged: list[tuple[float, float]] = []
        for begin, end in sorted((*self.stretches, *other.stretches)):
            if merged and begin - merged[-1][1] <= GAP_S:
                merged[-1] = merged[-1][0], max(end, merged[-1][1])
            else:
                merged.append((begin, end))
        self.visits = max(len(merged), self.visits)
        self.stretches = merged
        while len(self.stretches) > MOST_STRETCHES:
            self._join_nearest()

    @property
    def first(self) -> float:
        return self.stretches[0][0]

    @property
    def last(self) -> float:
        return self.stretches[-1][1]

    @property
    def seconds(self) -> float:
        return sum(end - begin for begin, end in self.stretches)

    def _join_nearest(self) -> None:
        pairs = zip(self.stretches, self.stretches[1:], strict=False)
        gaps = [after[0] - before[1] for before, after in pairs]
        place = gaps.index(min(gaps))
        after = self.stretches.pop(place + 1)
        self.stretches[place] = self.stretches[place][0], after[1]
