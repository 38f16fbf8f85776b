"""Finds places for the labels of faces, so that none covers another or anybody's face."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PyQt5.QtCore import QPointF, QRectF, QSizeF

FloatArray = npt.NDArray[np.float64]

FACE_SHARE = 0.08
"""The share of a box, on each side, that is border and no face: a label may touch it."""

GAP = 0.3
"""The gap between box and label, in heights of the label."""

TIGHT, EASE = 0.15, 0.5
"""So much room around it, in heights of the label, a place needs before a label is put there, or
moves there from another: else it would jump to and fro with each tremble of a box."""


ABOVE_AND_BELOW = 4
"""The number of places above and under the box, which come first."""


@dataclass(frozen=True)
class WantedLabel:
    """A label that is to be placed.

    key: of the face, the same in each frame. box: of the face. sizes: of the label's forms, from
    the one that says most to the one that says least. is_first: has its place before the others.
    """

    key: int
    box: QRectF
    sizes: Sequence[QSizeF]
    is_first: bool


@dataclass(frozen=True)
class PlacedLabel:
    """form: the index of its size. side: the index of its place among those around the box."""

    form: int
    side: int
    plate: QRectF

    @property
    def rank(self) -> tuple[int, int]:
        """Lower is better."""
        return self.form, self.side


class LabelPlaces:
    """Places the labels of each frame. A label stays at its side of the box while that is free."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[int, int]] = {}
        self._asked: tuple[list[WantedLabel], QRectF] | None = None
        self._placed: Mapping[int, PlacedLabel] = {}

    def forget(self) -> None:
        self._last.clear()
        self._asked = None

    def place(self, wanted: Sequence[WantedLabel], bounds: QRectF) -> Mapping[int, PlacedLabel]:
        """Return the labels by their keys; none for a face that has no room for any form.

        bounds: where the picture is. The result depends on the boxes and on the frame before, and
        not on the order of the faces.
        """
        asked = (list(wanted), QRectF(bounds))
        if asked != self._asked:  # the same faces are painted several times
            self._asked, self._placed = asked, self._place(wanted, bounds)
        return self._placed

    def _place(self, wanted: Sequence[WantedLabel], bounds: QRectF) -> Mapping[int, PlacedLabel]:
        faces = np.array([_edges(_inner(one.box)) for one in wanted]).reshape(-1, 4)
        ways = {one.key: list(_candidates(one, bounds)) for one in wanted}
        placed: dict[int, PlacedLabel] = {}

        def put(key: int, candidates: Sequence[PlacedLabel], ease: float) -> None:
            """Take the first candidate that is free, with this ease around it."""
            plates = [_edges(label.plate) for other, label in placed.items() if other != key]
            taken = np.concatenate([faces, np.array(plates).reshape(-1, 4)])
            free = _free(candidates, taken, ease)
            if free is not None:
                placed[key] = free

        ordered = [w.key for w in sorted(wanted, key=lambda one: (not one.is_first, one.key))]
        for key in ordered:  # whoever had a place keeps it
            put(key, [way for way in ways[key] if way.rank == self._last.get(key)], 0.0)
        for key in ordered:  # then everybody a short label, rather than some a long one
            if key not in placed:
                shortest = max((way.form for way in ways[key]), default=0)
                put(key, [way for way in ways[key] if way.form == shortest], TIGHT)
        for key in ordered:  # and then as long and as near as it can be
            if key in placed:
                better = [way for way in ways[key] if way.rank < placed[key].rank]
                put(key, better, EASE if key in self._last else TIGHT)
        self._last = {key: label.rank for key, label in placed.items()}
        return placed


def _candidates(one: WantedLabel, bounds: QRectF) -> Iterator[PlacedLabel]:
    """Yield all forms at all sides that lie within the bounds, the best first."""
    for form, size in enumerate(one.sizes):
        for side, corner in enumerate(_corners(one.box, size)):
            plate = QRectF(corner, size)
            if side < ABOVE_AND_BELOW:  # slid along the box, rather than out of the picture
                plate.moveLeft(max(bounds.left(), min(plate.left(), bounds.right() - size.width())))
            if bounds.contains(plate):
                yield PlacedLabel(form, side, plate)


def _corners(box: QRectF, size: QSizeF) -> Iterator[QPointF]:
    """Yield the label's upper left corner at each side of the box: above and below first."""
    gap = GAP * size.height()
    above, below = box.top() - gap - size.height(), box.bottom() + gap
    right = box.right() - size.width()
    yield QPointF(box.left(), above)
    yield QPointF(right, above)
    yield QPointF(box.left(), below)
    yield QPointF(right, below)
    for y in (box.top(), box.center().y() - size.height() / 2, box.bottom() - size.height()):
        yield QPointF(box.right() + gap, y)
        yield QPointF(box.left() - gap - size.width(), y)


def _inner(box: QRectF) -> QRectF:
    x, y = FACE_SHARE * box.width(), FACE_SHARE * box.height()
    return box.adjusted(x, y, -x, -y)


def _edges(rect: QRectF) -> tuple[float, float, float, float]:
    return rect.left(), rect.top(), rect.right(), rect.bottom()


def _free(candidates: Sequence[PlacedLabel], taken: FloatArray, ease: float) -> PlacedLabel | None:
    """Return the first that meets none of the rectangles. taken: (n, 4) edges."""
    if not candidates:
        return None
    edges = np.array([_edges(label.plate) for label in candidates])
    grown = ease * (edges[:, 3] - edges[:, 1])
    left, top = edges[:, :1] - grown[:, None], edges[:, 1:2] - grown[:, None]
    right, bottom = edges[:, 2:3] + grown[:, None], edges[:, 3:] + grown[:, None]
    meets = (left < taken[:, 2]) & (right > taken[:, 0])
    meets &= (top < taken[:, 3]) & (bottom > taken[:, 1])
    free = np.flatnonzero(~meets.any(axis=1))
    return candidates[int(free[0])] if free.size else None
