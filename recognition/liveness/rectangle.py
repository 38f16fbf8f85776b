"""Notices a rectangle around the face: the edges of a sheet, or of a phone.

Lines are found by LSD (Grompone von Gioi et al. 2010) in a part of the frame that is scaled so
that every face has the same size. Three of them make a rectangle: one on either side of the face,
and one above or below it that joins them, for which the picture's border will do. How well they do
is the least share of a side that lines cover.

A door frame or a board on the wall behind a person may look the same: a rectangle that stands still
refuses nobody, it lets what a film shows as well count for nothing. One that moves while the rest
of the room does not is held by a hand, and refused (recognition/liveness/moving_lines.py).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from common.sentence import Sentence
from models.face import Face
from recognition.liveness.evidence import VETO, FindingKind, LivenessFinding
from recognition.liveness.moving_lines import MovingLines
from recognition.liveness.observation import Observation

FACE_PX = 56
"""The height of the face in the scaled part: lines are found as well as at its own size."""

REACH = 2.6
"""The part reaches so many face heights from the middle of the face."""

SHORTEST = 0.12
"""Shorter lines, in face heights, are left out: hair and clothes are full of them."""

NEAREST, FARTHEST = 0.45, 2.2
"""Where a side may be, in face heights from the middle of the face."""

LEAN = 30.0
"""How far a rectangle may lean, in degrees."""

SKEW = 10.0
"""How far its sides may be from right angles, in degrees: a sheet may be tilted."""

STEP = 0.06
"""Lines within one step of a side, in face heights, belong to it."""

BEYOND = 0.15
"""Lines so far beyond a side, in face heights, are the room's."""

BESIDE = 0.3
"""A side goes on at least to so many face heights beyond the middle of the face."""

EVERY_S = 0.25
"""A look takes several milliseconds; so there is one every so many seconds."""

LOOKS = 3
"""The finding is the median over so many looks."""

COVERED = 0.78
"""From this share on it is a rectangle."""

STRENGTH = -2.5
"""So strong that one answer is not enough: two of a person on a film are rarely what is asked."""

_Table = NDArray[np.float64]
_NO_LINES = np.empty((0, 4))
_SIDES = np.arange(NEAREST, FARTHEST, STEP)
_PLACES = np.arange(-REACH, REACH, STEP)


@dataclass(frozen=True, eq=False)
class LineRectangle:
    """The best rectangle of lines around a face.

    share: of its least covered side, 0..1. sides: the (n, 4) lines of its sides, and others: those
    beyond them, x1, y1, x2, y2 in pixels of the picture.
    """

    share: float
    sides: _Table
    others: _Table


class RectangleAround:
    """Watches one face for a rectangle around it."""

    def __init__(self) -> None:
        self._shares: deque[float] = deque(maxlen=LOOKS)
        self._moving = MovingLines()
        self._next_at = -np.inf
        self._found = self._moves = False

    def see(self, observation: Observation) -> LivenessFinding | None:
        """Takes in a frame; see EvidenceCue. What was found once stays: a phone may be moved so
        that its edges are out of the picture."""
        if self._moves or observation.at < self._next_at:
            return None
        self._next_at = observation.at + EVERY_S
        image, face = observation.image, observation.face
        best = best_rectangle(image, face)
        self._shares.append(best.share)
        is_one = best.share >= COVERED
        sides, others = (best.sides, best.others) if is_one else (_NO_LINES, _NO_LINES)
        self._moves = self._moving.see(image, sides, others, face.height / FACE_PX)
        if self._moves:
            text = Sentence("A rectangle around the face moves, and the room behind it does not.")
            return LivenessFinding(FindingKind.RECTANGLE, VETO, text)
        enough = len(self._shares) == LOOKS and float(np.median(self._shares)) >= COVERED
        if self._found or not enough:
            return None
        self._found = True
        text = Sentence("A rectangle surrounds the face, as the edge of a sheet or a phone does.")
        return LivenessFinding(FindingKind.RECTANGLE, STRENGTH, text)


def best_rectangle(image: RgbImage, face: Face) -> LineRectangle:
    """Return the rectangle that lines around a face in an (H, W, 3) uint8 RGB picture make best."""
    lines = _lines(image, face)
    found = [_best_rectangle(lines, lean) for lean in _leans(lines)]
    share, is_side, is_beyond = max(
        found, key=lambda one: one[0], default=(0.0, np.zeros(0, bool), np.zeros(0, bool))
    )
    if not share:
        return LineRectangle(0.0, _NO_LINES, _NO_LINES)
    middle = (face.box_xyxy[:2] + face.box_xyxy[2:]) / 2
    pixels = lines * face.height + np.tile(middle, 2)
    # The last two are the picture's borders, which do not move.
    is_side[-2:] = is_beyond[-2:] = False
    return LineRectangle(share, pixels[is_side], pixels[is_beyond])


def _lines(image: RgbImage, face: Face) -> _Table:
    """Return the (n, 4) ends of lines, x1, y1, x2, y2, in face heights from the middle of the
    face."""
    x1, y1, x2, y2 = (float(edge) for edge in face.box_xyxy)
    x, y, height = (x1 + x2) / 2, (y1 + y2) / 2, max(y2 - y1, 1.0)
    reach = REACH * height
    rows, columns = image.shape[:2]
    left, right = max(int(x - reach), 0), min(int(x + reach), columns)
    top, bottom = max(int(y - reach), 0), min(int(y + reach), rows)
    if right - left < 2 or bottom - top < 2:
        return np.empty((0, 4))
    scale = FACE_PX / height
    size = max(round((right - left) * scale), 2), max(round((bottom - top) * scale), 2)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    part = cv2.resize(image[top:bottom, left:right], size, interpolation=way)
    border = _border(image, (x, y, height))
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE).detect(
        cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    )[0]
    if found is None:
        return border
    ends = found.reshape(-1, 4).astype(np.float64) / FACE_PX
    ends += np.tile([(left - x) / height, (top - y) / height], 2)
    long = np.hypot(*(ends[:, 2:] - ends[:, :2]).T) >= SHORTEST
    return np.vstack([ends[long], border])


def _border(image: RgbImage, face: tuple[float, float, float]) -> _Table:
    """Return the picture's upper and lower edges as lines: a large phone may reach beyond both."""
    x, y, height = face
    rows, columns = image.shape[:2]
    left, right = -x / height, (columns - x) / height
    return np.array([[left, edge, right, edge] for edge in (-y / height, (rows - y) / height)])


def _leans(lines: _Table) -> list[float]:
    """Return the two angles in radians at which most lines are, or at right angles to which."""
    across, down = (lines[:, 2:] - lines[:, :2]).T
    angles = (np.degrees(np.arctan2(down, across)) + 45) % 90 - 45
    bins = np.arange(-LEAN, LEAN + 1, 5.0)
    near = np.abs(angles[:, np.newaxis] - bins) <= 5
    weight = (near * np.hypot(across, down)[:, np.newaxis]).sum(axis=0)
    first = int(weight.argmax())
    second = int(np.where(np.abs(np.arange(len(bins)) - first) > 1, weight, -1).argmax())
    return [float(np.radians(bins[i])) for i in (first, second) if weight[i] > 0]


def _best_rectangle(
    lines: _Table, lean: float
) -> tuple[float, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the share of the best one that leans so, which lines are its sides, and which lie
    beyond them."""
    cos, sin = np.cos(lean), np.sin(lean)
    upright = lines.reshape(-1, 2, 2) @ np.array([[cos, -sin], [sin, cos]])
    across, down = np.abs(upright[:, 1] - upright[:, 0]).T
    slope = np.tan(np.radians(SKEW))
    is_vertical, is_level = across <= slope * down, down <= slope * across
    vertical, level = upright[is_vertical], upright[is_level]
    left, right = (_covered(vertical, 0, sign) for sign in (-1, 1))
    best, at = 0.0, (0.0, 0.0, 0.0)
    for sign in (-1, 1):
        # A side is looked at from beside the face to where the third one is.
        joined = _covered(level, 1, sign)
        ends = sign * _SIDES
        begin = np.full_like(ends, -sign * BESIDE)
        sides = [_shares(table, begin, ends) for table in (left, right)]
        share, places = _least(sides[0], sides[1], joined)
        if share > best:
            best, at = share, (-_SIDES[places[1]], _SIDES[places[2]], ends[places[0]])
    x, y = upright.mean(axis=1).T
    is_side = is_vertical & ((np.abs(x - at[0]) <= STEP) | (np.abs(x - at[1]) <= STEP))
    is_side |= is_level & (np.abs(y - at[2]) <= STEP) & (x > at[0]) & (x < at[1])
    is_beyond = (x < at[0] - BEYOND) | (x > at[1] + BEYOND) | (np.abs(y) > abs(at[2]) + BEYOND)
    return best, is_side, is_beyond


def _covered(lines: _Table, axis: int, sign: int) -> _Table:
    """Return the (n, m) running sums, for each of _SIDES, of the _PLACES along it that lines cover.

    lines: (k, 2, 2), those along the other axis. axis: on which a side's distance is.
    """
    middle = lines[:, :, axis].mean(axis=1) * sign
    begin, end = (lines[:, :, 1 - axis].min(axis=1), lines[:, :, 1 - axis].max(axis=1))
    belongs = np.abs(middle[np.newaxis] - _SIDES[:, np.newaxis]) <= STEP
    along = (begin[:, np.newaxis] - STEP / 2 <= _PLACES) & (
        end[:, np.newaxis] + STEP / 2 >= _PLACES
    )
    covered = belongs.astype(np.float32) @ along.astype(np.float32) > 0
    sums = np.zeros((len(_SIDES), len(_PLACES) + 1))
    np.cumsum(covered, axis=1, out=sums[:, 1:])
    return sums


def _shares(sums: _Table, begin: _Table, end: _Table) -> _Table:
    """Return the share of each side, (n, m), that is covered between m pairs of places."""
    first, last = (np.searchsorted(_PLACES, np.sort([begin, end], axis=0)[i]) for i in (0, 1))
    return np.asarray((sums[:, last] - sums[:, first]) / np.maximum(last - first, 1))


def _least(left: _Table, right: _Table, joined: _Table) -> tuple[float, tuple[int, int, int]]:
    """Return the best share of the least covered side, and which of _SIDES the third, the left and
    the right one are at. left, right: (n, m) by their place and that of the third side. joined: the
    running sums of that one, (m, places)."""
    ends = [np.searchsorted(_PLACES, sign * _SIDES) for sign in (-1, 1)]
    from_left, to_right = joined[:, ends[0]], joined[:, ends[1]]
    length = (ends[1][np.newaxis, :] - ends[0][:, np.newaxis])[np.newaxis]
    third = (to_right[:, np.newaxis, :] - from_left[:, :, np.newaxis]) / length
    both = np.minimum(left.T[:, :, np.newaxis], right.T[:, np.newaxis, :])
    least = np.minimum(both, third)
    where = np.unravel_index(int(least.argmax()), least.shape)
    return float(least[where]), (int(where[0]), int(where[1]), int(where[2]))
