"""Notices frozen and looped frames: a camera replaced by a picture, or by a film that repeats.

A sensor never gives the same frame twice, not even of a still scene. Frames are compared by
single pixels of a coarse grid: averages would take their noise away.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from common.sentence import Sentence
from recognition.liveness.evidence import VETO, FindingKind, LivenessFinding
from recognition.liveness.observation import Observation

COLUMNS, ROWS = 32, 24

TILE = 8
"""The columns and rows of the grid that are looked at together, as a tile: where a person stands
still before a still wall, some tile still changes."""

FROZEN_LEVELS = 0.4
"""If the tile that changed most differs by no more than this, of 255 levels, the frame has not
changed. The same picture recompressed differs by 0 to 0.06 as MPEG-4 or Motion JPEG and by 0.14 to
0.5 as JPEG made of a noisy JPEG. Noise of half a level makes 0.47 and more, and a webcam has one to
three."""

FROZEN_SHARE = 0.8
"""The share of unchanged frames from which the camera is frozen: a key frame of a compressed film
differs a little from what it repeats. In poor light a camera repeats two frames of three, but not
more."""

FROZEN_S = 0.6
FROZEN_FRAMES = 6

KEPT_S = 60.0
"""The longest loop that is noticed, in seconds."""

SHORTEST_LOOP_S = 1.0

LOOPED = 0.5
"""A frame was shown before if an old one differs from it by less than this share of its difference
to the frame just before. Of a film of the street, looped, this share was 0.14 recompressed and 0
otherwise."""

LOOPED_FRAMES = 20
"""The camera loops if at least half of so many frames with movement were shown before, in the same
order."""

MOVED_LEVELS = 1.0

SAME_LAG_S = 0.15


class FrozenCamera:
    """A cue for one camera, kept from one attempt to the next."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()
        self._grids: deque[NDArray[np.uint8]] = deque()
        self._changes: deque[tuple[float, float]] = deque()
        self._lags: deque[float | None] = deque(maxlen=LOOPED_FRAMES)

    def see(self, observation: Observation) -> LivenessFinding | None:
        """Takes in a frame. Returns a veto, or None."""
        at, grid = observation.at, _grid(observation.image)
        if self._times and not 0 < at - self._times[-1] < FROZEN_S:
            self._changes.clear()
            self._lags.clear()
        elif self._times:
            self._compare(at, grid)
        self._times.append(at)
        self._grids.append(grid)
        while at - self._times[0] > KEPT_S:
            self._times.popleft()
            self._grids.popleft()
        if self._is_frozen(at):
            text = Sentence("The camera gives the same picture again and again.")
            return LivenessFinding(FindingKind.FROZEN, VETO, text)
        if self._is_looped():
            text = Sentence("The camera repeats what it showed before.")
            return LivenessFinding(FindingKind.LOOPED, VETO, text)
        return None

    def _compare(self, at: float, grid: NDArray[np.uint8]) -> None:
        change = np.abs(grid.astype(np.int16) - self._grids[-1])
        tiles = change.reshape(ROWS // TILE, TILE, COLUMNS // TILE, TILE).mean(axis=(1, 3))
        self._changes.append((at, float(tiles.max())))
        # Of a slow camera they last longer.
        while at - self._changes[0][0] > FROZEN_S and len(self._changes) > FROZEN_FRAMES:
            self._changes.popleft()
        if change.mean() >= MOVED_LEVELS:
            self._lags.append(self._lag(at, grid, float(change.mean())))

    def _lag(self, at: float, grid: NDArray[np.uint8], change: float) -> float | None:
        """Returns how many seconds ago this frame was seen before; None where it was not."""
        old = int(np.searchsorted(np.array(self._times), at - SHORTEST_LOOP_S))
        if not old:
            return None
        grids = np.stack([self._grids[i] for i in range(old)]).astype(np.int16)
        differences = np.abs(grids - grid).mean(axis=(1, 2))
        nearest = int(differences.argmin())
        return at - self._times[nearest] if differences[nearest] < LOOPED * change else None

    def _is_frozen(self, at: float) -> bool:
        changes = [change for _, change in self._changes]
        lasted = self._changes and at - self._changes[0][0] >= FROZEN_S * 0.8
        if not lasted or len(changes) < FROZEN_FRAMES:
            return False
        return bool(np.quantile(changes, FROZEN_SHARE) <= FROZEN_LEVELS)

    def _is_looped(self) -> bool:
        if len(self._lags) < LOOPED_FRAMES:
            return False
        lags = np.array([lag for lag in self._lags if lag is not None])
        if len(lags) < LOOPED_FRAMES / 2:
            return False
        agreeing = np.abs(lags - np.median(lags)) <= SAME_LAG_S
        return bool(agreeing.sum() >= LOOPED_FRAMES / 2)


def _grid(image: RgbImage) -> NDArray[np.uint8]:
    """Returns (ROWS, COLUMNS) uint8 grey values of single pixels."""
    height, width = image.shape[:2]
    rows = (np.arange(ROWS) + 0.5) * height / ROWS
    columns = (np.arange(COLUMNS) + 0.5) * width / COLUMNS
    pixels = image[rows.astype(int)[:, np.newaxis], columns.astype(int)]
    return np.asarray(pixels @ np.array([0.299, 0.587, 0.114]), np.uint8)
