"""Reads SCRFD (Guo et al. 2021): for each anchor a score, distances to four sides, five points."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

import numpy as np

from common.sentence import Sentence
from models.detectors.letterbox import InputForm, Size
from models.detectors.one_shot import (
    Candidates,
    DetectorFamily,
    activated,
    cells,
    grid,
    not_its_outputs,
)
from models.engines.engine import FloatArray

FIRST_STRIDE = 8
SCORE_THRESHOLD = 0.5
"""The least score of a face, as in the authors' code."""

CANDIDATE_SCORE = 0.3
"""Below it an anchor is not decoded at all."""

EXPECTED = Sentence(
    "for each of three strides a score (n, 1), distances (n, 4) and, in most files, landmarks "
    "(n, 10)"
)

_KINDS = (1, 4, 10)
"""Numbers for an anchor: its score, its distances, its landmarks."""


def decode(outputs: tuple[FloatArray, ...], size: Size) -> Candidates:
    """Read six outputs, or nine with landmarks, in any order: they are known by their shapes.

    Each is (n, k) or (1, n, k), or a map (1, anchors * k, h, w). With five strides, 8 to 128,
    there are ten or fifteen outputs, and one anchor for each cell. An anchor lies at its cell's
    upper left corner; distances and landmarks are from there, in strides.
    """
    levels = _levels(outputs, size)
    boxes, scores, marks = [], [], []
    for level, (score, distances, *landmarks) in enumerate(levels):
        stride = FIRST_STRIDE << level
        columns, rows = cells(size, stride)
        probability = activated(score[:, 0])
        kept = np.flatnonzero(probability >= CANDIDATE_SCORE)
        anchors = _anchors(columns, rows, len(score) // (columns * rows))[kept]
        near, far = distances[kept, :2], distances[kept, 2:]
        boxes.append(np.hstack([anchors - near, anchors + far]) * np.float32(stride))
        scores.append(probability[kept])
        for points in landmarks:
            shift = points[kept].reshape(-1, 5, 2)
            marks.append((anchors[:, np.newaxis] + shift) * np.float32(stride))
    return Candidates(
        np.concatenate(boxes), np.concatenate(scores), np.concatenate(marks) if marks else None
    )


@lru_cache(maxsize=32)
def _anchors(columns: int, rows: int, each: int) -> FloatArray:
    """Return where the anchors of a map lie, in cells: (n, 2)."""
    return np.repeat(grid(columns, rows), each, axis=0)


def _levels(outputs: tuple[FloatArray, ...], size: Size) -> list[list[FloatArray]]:
    """Return the outputs of each stride, the smallest first: (n, 1), (n, 4) and maybe (n, 10)."""
    by_kind: dict[int, list[FloatArray]] = defaultdict(list)
    for output in outputs:
        rows = _rows(output)
        if rows is None:
            raise not_its_outputs("SCRFD", EXPECTED, outputs)
        by_kind[rows.shape[1]].append(rows)
    kinds = [sorted(by_kind[kind], key=len, reverse=True) for kind in _KINDS if kind in by_kind]
    strides = len(kinds[0]) if kinds else 0
    counts = [[len(rows) for rows in kind] for kind in kinds]
    if (
        not {1, 4} <= by_kind.keys() <= set(_KINDS)
        or strides not in (3, 5)
        or any(count != counts[0] for count in counts)
        or not _fit(counts[0], size)
    ):
        raise not_its_outputs("SCRFD", EXPECTED, outputs)
    return [list(level) for level in zip(*kinds, strict=True)]


def _rows(output: FloatArray) -> FloatArray | None:
    """Return an output as (n, k); None where it has another shape."""
    if output.ndim == 4 and len(output) == 1:
        for kind in reversed(_KINDS):
            anchors, rest = divmod(output.shape[1], kind)
            if not rest and anchors in (1, 2):
                maps = output[0].reshape(anchors, kind, -1)
                return np.asarray(maps.transpose(2, 0, 1).reshape(-1, kind))
        return None
    rows = output[0] if output.ndim == 3 and len(output) == 1 else output
    return np.asarray(rows) if rows.ndim == 2 else None


def _fit(counts: list[int], size: Size) -> bool:
    """Return whether there are as many anchors as the canvas has cells, one or two in each."""
    of_cells = [
        columns * rows
        for columns, rows in (cells(size, FIRST_STRIDE << i) for i in range(len(counts)))
    ]
    return any(counts == [each * n for n in of_cells] for each in (1, 2))


SCRFD = DetectorFamily(
    "scrfd",
    InputForm(None, mean=(127.5,) * 3, scale=(128.0,) * 3),
    decode,
    SCORE_THRESHOLD,
    overlap=0.4,
)
