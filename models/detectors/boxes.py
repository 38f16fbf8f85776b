"""Arithmetic on boxes: (n, 4) float32 arrays of x1, y1, x2, y2 in pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.engines.engine import FloatArray


def iou(box: FloatArray, others: FloatArray) -> FloatArray:
    """Intersection over union of one box, (4,), with each of the others, (n, 4): (n,)."""
    corner_min = np.maximum(box[:2], others[:, :2])
    corner_max = np.minimum(box[2:], others[:, 2:])
    intersection = np.prod(np.maximum(corner_max - corner_min, 0), axis=1)
    area = np.prod(box[2:] - box[:2])
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1)
    return np.asarray(intersection / (area + areas - intersection), dtype=np.float32)


def nms(boxes: FloatArray, scores: FloatArray, threshold: float) -> NDArray[np.intp]:
    """Greedy non-maximum suppression: indices of the kept boxes, best score first.

    A box falls where its IoU with a better one is above the threshold; of equal scores the
    earlier wins, as in torchvision.ops.nms.
    """
    order = np.argsort(-scores, kind="stable")
    x1, y1, x2, y2 = boxes[order].T
    areas = (x2 - x1) * (y2 - y1)
    alive = np.ones(len(order), dtype=bool)
    kept: list[int] = []
    for i in range(len(order)):
        if not alive[i]:
            continue
        kept.append(i)
        rest = slice(i + 1, None)
        width = np.minimum(x2[i], x2[rest]) - np.maximum(x1[i], x1[rest])
        height = np.minimum(y2[i], y2[rest]) - np.maximum(y1[i], y1[rest])
        intersection = np.maximum(width, 0) * np.maximum(height, 0)
        alive[rest] &= intersection <= threshold * (areas[i] + areas[rest] - intersection)
    return order[kept]
