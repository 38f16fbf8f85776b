"""Arithmetic on boxes: (n, 4) float32 arrays of x1, y1, x2, y2 in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.engines.engine import FloatArray

SAME_FACE_IOU = 0.4
"""Overlap from which two boxes show the same face."""


NO_BOXES = np.empty((0, 4), np.float32)


def stacked(boxes: Sequence[FloatArray]) -> FloatArray:
    """Return n boxes, (4,) each, as one array: (n, 4)."""
    return np.stack(boxes) if boxes else NO_BOXES


def iou(boxes: FloatArray, others: FloatArray) -> FloatArray:
    """Return the intersection over union of boxes, (n, 4), with others, (m, 4): (n, m)."""
    a, b = boxes[:, np.newaxis], others[np.newaxis]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    shared = np.maximum(sides[..., 0], 0) * np.maximum(sides[..., 1], 0)
    return np.asarray(shared / (_areas(a) + _areas(b) - shared), dtype=np.float32)


def _areas(boxes: FloatArray) -> FloatArray:
    sides = boxes[..., 2:] - boxes[..., :2]
    return np.asarray(sides[..., 0] * sides[..., 1])


def squared(boxes: FloatArray) -> FloatArray:
    """Return each box, (n, 4), grown to a square about its centre."""
    size = boxes[:, 2:] - boxes[:, :2]
    side = size.max(axis=1, keepdims=True)
    corner = boxes[:, :2] + size * np.float32(0.5) - side * np.float32(0.5)
    return np.hstack([corner, corner + side])


def regressed(boxes: FloatArray, regression: FloatArray, *, inclusive: bool) -> FloatArray:
    """Return boxes, (n, 4), corrected by a network's regression, in shares of their size: (n, 4).

    inclusive: whether x2 and y2 are the last pixels within a box, which is then one pixel larger
    than the differences. facenet-pytorch holds that of R-Net's and O-Net's boxes, not of P-Net's.
    """
    size = boxes[:, 2:] - boxes[:, :2] + np.float32(inclusive)
    shift = regression.reshape(-1, 2, 2) * size[:, np.newaxis]
    return np.asarray(boxes + shift.reshape(-1, 4), dtype=np.float32)


def nms(boxes: FloatArray, scores: FloatArray, threshold: float) -> NDArray[np.intp]:
    """Do greedy non-maximum suppression; return the kept boxes' indices, best score first.

    A box is dropped where its IoU with a better one is above the threshold; of equal scores the
    earlier wins, as in torchvision.ops.nms. scores: (n,), above 0.
    """
    if not len(boxes):
        return np.empty(0, np.intp)
    # cv2's stubs know lists alone; it takes arrays as they are.
    corner_and_size: Any = boxes.astype(np.float64)
    corner_and_size[:, 2:] -= corner_and_size[:, :2]
    confidence: Any = scores
    # cv2 takes the threshold as float32 and compares in float64: an IoU of exactly 0.7 must
    # not be above 0.7.
    limit = float(np.nextafter(np.float32(threshold), np.float32(1)))
    return np.asarray(cv2.dnn.NMSBoxes(corner_and_size, confidence, 0.0, limit), np.intp).ravel()
