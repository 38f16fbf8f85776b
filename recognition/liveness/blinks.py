"""Notices a natural blink: both eyes shut and open again, within a moment.

A film of the person blinks as well, so that this speaks against a still picture alone.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from common.sentence import Sentence
from recognition.liveness.covering import contrasts, is_bare
from recognition.liveness.evidence import FindingKind, LivenessFinding
from recognition.liveness.observation import Observation

OPEN_S = 1.0
"""How wide open an eye is, is told by the last so many seconds."""

BARE_VIEWS = 15
"""What brows and eyes look like that nothing covers is told by the last so many views."""

FEWEST = 4
"""The least number of views that tell it."""

SHUT = 0.78
"""An eye is shut whose opening is at most this share of what it was. In the blinks of
../shared/video/webcam both eyes go down to 0.58 to 0.78, at 15 views a second."""

WIDE_OPEN = 0.18
"""Eyes that are opened less, in eye widths, are no measure: in a picture of somebody who smiles,
the openings of half shut eyes tremble by a quarter. Open ones have 0.2 in 19 of 20 pictures."""

CLEARLY = 4.0
"""They narrow by so many standard deviations of what they were."""

STILL_OPEN = 0.87

CLOSING_S = 0.21
"""From STILL_OPEN to SHUT a blink takes 0.1 s, three views at most. As a picture is tilted its eyes
seem to narrow as well, but in a longer time."""

REOPENED = 0.6
"""They open again by this share of what they narrowed: after a blink many look elsewhere."""

LONGEST_S = 0.5
"""Eyes that stay shut for longer do not blink: the person looks down, or something hides them."""

CLEAR = 0.97
"""The least presence of a face whose blink counts: a hand before the eyes lowers it."""

STRENGTH = 3.5


class NaturalBlink:
    """Watches the eyes of one face."""

    def __init__(self) -> None:
        self._open: deque[tuple[float, tuple[float, float]]] = deque()
        self._bare: deque[NDArray[np.float64]] = deque(maxlen=BARE_VIEWS)
        self._open_at = -np.inf
        self._shut_at: float | None = None
        self._shut = np.zeros(2)
        self._seen = False

    def see(self, observation: Observation) -> LivenessFinding | None:
        """Takes in a frame; see EvidenceCue."""
        mesh, eyes = observation.mesh, observation.eyes
        if self._seen or mesh is None or eyes is None:
            return None
        if mesh.presence < CLEAR:
            self._shut_at = None
            return None
        blinked = self._blinked(observation.at, eyes)
        self._watch_covering(contrasts(observation.image, mesh))
        if not blinked:
            return None
        self._seen = True
        return LivenessFinding(FindingKind.BLINK, STRENGTH, Sentence("Both eyes blinked."))

    def _watch_covering(self, seen: NDArray[np.float64]) -> None:
        """Forgets eyes that are shut where something covers them."""
        if self._shut_at is None:
            self._bare.append(seen)
        elif not is_bare(seen, self._bare):
            self._shut_at = -np.inf

    def _blinked(self, at: float, eyes: tuple[float, float]) -> bool:
        if self._shut_at is not None and at - self._shut_at > OPEN_S:  # so they look from now on
            self._shut_at = None
            self._open.clear()
        while self._open and self._shut_at is None and at - self._open[0][0] > OPEN_S:
            self._open.popleft()
        if len(self._open) < FEWEST:
            self._open.append((at, eyes))
            return False
        openings = np.array([opening for _, opening in self._open])
        before, trembles = np.median(openings, axis=0), openings.std(axis=0)
        shares = np.array(eyes) / np.maximum(before, 1e-3)
        narrowed = (before - eyes >= CLEARLY * trembles) & (before >= WIDE_OPEN)
        if self._shut_at is None and not (narrowed.all() and shares.max() <= SHUT):
            self._open.append((at, eyes))
        elif self._shut_at is None:
            self._shut_at = at if at - self._open_at <= CLOSING_S else -np.inf
            self._shut = np.array(eyes)
        if self._shut_at is None:
            self._open_at = at if shares.min() >= STILL_OPEN else self._open_at
            return False
        self._shut = np.minimum(self._shut, eyes)
        if (np.array(eyes) < self._shut + REOPENED * (before - self._shut)).any():
            return False
        lasted, self._shut_at, self._open_at = at - self._shut_at, None, at
        return lasted <= LONGEST_S
