"""Reads YOLOv5-face (Qi et al. 2021): for each anchor a box, two scores and five landmarks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from common.sentence import Sentence
from models.detectors.letterbox import InputForm, Size
from models.detectors.one_shot import (
    Candidates,
    DetectorFamily,
    are_logits,
    cells,
    grid,
    not_its_outputs,
    sigmoid,
)
from models.engines.engine import FloatArray

ANCHORS = {
    3: (
        ((4, 5), (8, 10), (13, 16)),
        ((23, 29), (43, 55), (73, 105)),
        ((146, 217), (231, 300), (335, 433)),
    ),
    4: (
        ((6, 7), (9, 11), (13, 16)),
        ((18, 23), (26, 33), (37, 47)),
        ((54, 67), (77, 104), (112, 154)),
        ((174, 238), (258, 355), (445, 568)),
    ),
}
"""Widths and heights of the anchors, in pixels of the canvas, for the strides 8, 16, 32, and 64 of
the models with four heads, as the authors' model files have them."""

FIRST_STRIDE = 8
NUMBERS = 16
"""For an anchor: centre, size, whether there is a face, five landmarks, and the face's class."""

SCORE_THRESHOLD = 0.5
"""The least score of a face. The authors show faces from 0.3 to 0.6 on."""

CANDIDATE_SCORE = 0.3
"""Below it an anchor is not decoded at all."""

EXPECTED = Sentence(
    "heads (1, 3, h, w, 16) or (1, 48, h, w) for each stride, or all in one, (1, n, 16)"
)


@dataclass(frozen=True, eq=False)
class _Anchors:
    """The anchors of a canvas: cell (n, 2) of each in its map, stride (n, 1), size (n, 2)."""

    cell: FloatArray
    stride: FloatArray
    size: FloatArray


def decode(outputs: tuple[FloatArray, ...], size: Size) -> Candidates:
    """Read the heads, decoded by the network or not, with the sigmoid or without it.

    Which it is, is seen in the numbers: probabilities are never negative, and decoded centres are
    pixels, beyond 1 in some cell. A network that gives all in one and the heads beside it is read
    by the one.
    """
    rows, is_one = _rows(outputs, size)
    anchors = _anchors(size, _count_of_heads(len(rows), size, outputs))
    scored = rows[:, [4, 15]]
    is_raw = are_logits(scored)
    is_decoded = is_one and not is_raw and bool((rows[:, :4] > 1).any())
    scores = (sigmoid(scored) if is_raw else scored).prod(axis=1)
    kept = np.flatnonzero(scores >= CANDIDATE_SCORE)
    rows = rows[kept]
    box, marks = rows[:, :4], rows[:, 5:15].reshape(-1, 5, 2)
    if not is_decoded:
        cell, stride, side = anchors.cell[kept], anchors.stride[kept], anchors.size[kept]
        share = sigmoid(box) if is_raw else box
        centre = (share[:, :2] * 2 - np.float32(0.5) + cell) * stride
        box = np.hstack([centre, (share[:, 2:] * 2) ** 2 * side])
        marks = marks * side[:, np.newaxis] + (cell * stride)[:, np.newaxis]
    half = box[:, 2:] / 2
    boxes = np.hstack([box[:, :2] - half, box[:, :2] + half])
    return Candidates(boxes.astype(np.float32), scores[kept], marks)


def _rows(outputs: tuple[FloatArray, ...], size: Size) -> tuple[FloatArray, bool]:
    """Return all anchors' numbers, (n, 16), and whether they came in one output."""
    for output in outputs:
        if output.ndim == 3 and output.shape[::2] == (1, NUMBERS):
            return output[0], True
    heads = [_head(output) for output in outputs]
    fitting = [head for head in heads if head is not None]
    if len(fitting) < len(heads) or len(heads) not in ANCHORS:
        raise not_its_outputs("YOLOv5-face", EXPECTED, outputs)
    fitting.sort(key=lambda head: head.shape[1] * head.shape[2], reverse=True)
    for level, head in enumerate(fitting):
        if head.shape[1:3] != cells(size, FIRST_STRIDE << level)[::-1]:
            raise not_its_outputs("YOLOv5-face", EXPECTED, outputs)
    return np.concatenate([head.reshape(-1, NUMBERS) for head in fitting]), False


def _head(output: FloatArray) -> FloatArray | None:
    """Return a head as (3, h, w, 16); None where the output is none."""
    if output.ndim == 5 and (*output.shape[:2], output.shape[4]) == (1, 3, NUMBERS):
        return np.asarray(output[0])
    if output.ndim == 4 and output.shape[:2] == (1, 3 * NUMBERS):
        maps = output[0].reshape(3, NUMBERS, *output.shape[2:])
        return np.ascontiguousarray(maps.transpose(0, 2, 3, 1))
    return None


def _count_of_heads(rows: int, size: Size, outputs: tuple[FloatArray, ...]) -> int:
    for count in ANCHORS:
        if len(_anchors(size, count).cell) == rows:
            return count
    raise not_its_outputs("YOLOv5-face", EXPECTED, outputs)


@lru_cache(maxsize=32)
def _anchors(size: Size, heads: int) -> _Anchors:
    """Return the anchors of a canvas, in the order of the heads' numbers."""
    cell, strides, sides = [], [], []
    for level, anchors in enumerate(ANCHORS[heads]):
        stride = FIRST_STRIDE << level
        places = grid(*cells(size, stride))
        for side in anchors:
            cell.append(places)
            strides.append(np.full((len(places), 1), stride, np.float32))
            sides.append(np.tile(np.array(side, np.float32), (len(places), 1)))
    return _Anchors(np.concatenate(cell), np.concatenate(strides), np.concatenate(sides))


YOLOV5_FACE = DetectorFamily(
    "yolov5-face",
    InputForm(None, stride=64, scale=(255.0,) * 3, border=114, centred=True),
    decode,
    SCORE_THRESHOLD,
    overlap=0.5,
)
