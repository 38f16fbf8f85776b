"""MTCNN (Zhang et al. 2016) with facenet-pytorch's weights and results, without torch.

Three networks in a row: P-Net proposes boxes on an image pyramid, R-Net refuses most of
them, O-Net refuses the rest and places five landmarks. Follows
facenet_pytorch/models/utils/detect_face.py of release 2.5.3 step by step, its one-pixel
offsets included: boxes agree to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from models.detectors.boxes import nms
from models.detectors.pyramid import (
    PNET_SIDE,
    PNET_STRIDE,
    Canvas,
    IntArray,
    area_crops,
    integral,
    normalized,
    plan_canvas,
)
from models.engines.engine import FloatArray, Network
from models.face import Face, Image

THRESHOLDS = (0.7, 0.7, 0.8)
"""Face probability asked for by P-Net, R-Net and O-Net, as in the FaceNet tutorials."""

MIN_FACE_PX = 20.0
"""facenet-pytorch's default. A webcam does well with 40, at a third of the time."""


class _Proposals(NamedTuple):
    """boxes: (n, 4) float32 x1, y1, x2, y2; scores: (n,) float32."""

    boxes: FloatArray
    scores: FloatArray


class MtcnnDetector:
    """Finds all faces, with landmarks. One thread at a time may call it."""

    name = "mtcnn"

    def __init__(
        self,
        pnet: Network,
        rnet: Network,
        onet: Network,
        min_face_px: float = MIN_FACE_PX,
        thresholds: tuple[float, float, float] = THRESHOLDS,
    ) -> None:
        self._pnet, self._rnet, self._onet = pnet, rnet, onet
        self._min_face_px = min_face_px
        self._thresholds = thresholds

    def detect(self, image: Image) -> list[Face]:
        """All faces of an (H, W, 3) uint8 RGB picture, best first."""
        canvas = plan_canvas(image.shape[0], image.shape[1], self._min_face_px)
        if canvas is None:
            return []
        sums = integral(image)
        found = self._propose(canvas, sums)
        found = self._reject(sums, found)
        return self._place(sums, found, border=None)

    def refine(self, image: Image, boxes: FloatArray) -> list[Face]:
        """The faces near the given (n, 4) boxes: O-Net alone, a small part of detect()'s time.

        Where a box reaches past the picture its crop is filled up in black instead of being
        squeezed, so landmarks hold for a face that fills the picture.
        """
        if not len(boxes):
            return []
        boxes = _squared(boxes)
        # Only the part of the picture around the boxes is summed up.
        left, top = np.maximum(boxes[:, :2].min(axis=0).astype(int) - 1, 0)
        right, bottom = np.maximum(np.ceil(boxes[:, 2:].max(axis=0)).astype(int), (left, top))
        part = image[top : bottom + 1, left : right + 1]
        if not part.size:
            return []
        shift = np.array([left, top], np.float32)
        found = _Proposals(boxes - np.tile(shift, 2), np.ones(len(boxes), np.float32))
        return [
            Face(face.box_xyxy + np.tile(shift, 2), face.score, face.landmarks + shift)
            for face in self._place(integral(part), found, border=0.0)
        ]

    def _propose(self, canvas: Canvas, sums: IntArray) -> _Proposals:
        regression, probability = self._pnet(canvas.draw(sums), canvas.mask)
        boxes, scores, moves = [], [], []
        for level in canvas.levels:
            level_probability = probability[0, level.rows, level.columns]
            row, column = np.nonzero(level_probability >= self._thresholds[0])
            corner = np.stack([column, row], axis=1).astype(np.float32) * PNET_STRIDE
            scale = np.float32(level.scale)
            level_boxes = np.hstack(
                [np.floor((corner + 1) / scale), np.floor((corner + PNET_SIDE) / scale)]
            )
            level_scores = level_probability[row, column]
            kept = nms(level_boxes, level_scores, 0.5)
            boxes.append(level_boxes[kept])
            scores.append(level_scores[kept])
            moves.append(regression[0, :, level.rows, level.columns][:, row[kept], column[kept]].T)
        all_boxes, all_scores = np.concatenate(boxes), np.concatenate(scores)
        kept = nms(all_boxes, all_scores, 0.7)
        all_boxes, move = all_boxes[kept], np.concatenate(moves)[kept]
        size = np.tile(all_boxes[:, 2:] - all_boxes[:, :2], 2)
        return _Proposals(_squared(all_boxes + move * size), all_scores[kept])

    def _reject(self, sums: IntArray, found: _Proposals) -> _Proposals:
        crops, found = _crops(sums, found, 24, border=None)
        if not len(crops):
            return found
        regression, probabilities = self._rnet(normalized(crops))
        passed = np.flatnonzero(probabilities[:, 1] > self._thresholds[1])
        boxes, scores = found.boxes[passed], probabilities[passed, 1]
        kept = nms(boxes, scores, 0.7)
        moved = _moved(boxes[kept], regression[passed][kept])
        return _Proposals(_squared(moved), scores[kept])

    def _place(self, sums: IntArray, found: _Proposals, border: float | None) -> list[Face]:
        crops, found = _crops(sums, found, 48, border)
        if not len(crops):
            return []
        regression, offsets, probabilities = self._onet(normalized(crops))
        passed = np.flatnonzero(probabilities[:, 1] > self._thresholds[2])
        boxes, scores = found.boxes[passed], probabilities[passed, 1]
        size = boxes[:, 2:] - boxes[:, :2] + 1
        landmarks = offsets[passed].reshape(-1, 2, 5).transpose(0, 2, 1)
        landmarks = landmarks * size[:, np.newaxis] + boxes[:, np.newaxis, :2] - 1
        boxes = _moved(boxes, regression[passed])
        return [
            Face(boxes[i], float(scores[i]), landmarks[i].astype(np.float32))
            for i in _nms_by_smaller(boxes, scores, 0.7)
        ]


def _crops(
    sums: IntArray, found: _Proposals, side: int, border: float | None
) -> tuple[FloatArray, _Proposals]:
    """The crop of each proposal, and the proposals that have one: some lie outside."""
    regions = found.boxes.astype(np.int32)
    regions[:, :2] -= 1
    limits = (sums.shape[1] - 1, sums.shape[0] - 1)
    inside = np.minimum(regions[:, 2:], limits) > np.maximum(regions[:, :2], 0)
    kept = np.flatnonzero(inside.all(axis=1))
    crops = area_crops(sums, regions[kept], side, border)
    return crops, _Proposals(found.boxes[kept], found.scores[kept])


def _squared(boxes: FloatArray) -> FloatArray:
    """Each box grown to a square about its centre."""
    size = boxes[:, 2:] - boxes[:, :2]
    side = size.max(axis=1, keepdims=True)
    corner = boxes[:, :2] + size * np.float32(0.5) - side * np.float32(0.5)
    return np.hstack([corner, corner + side])


def _moved(boxes: FloatArray, regression: FloatArray) -> FloatArray:
    """Boxes corrected by a network's regression, given in shares of the box's size."""
    size = boxes[:, 2:] - boxes[:, :2] + 1
    return np.asarray(boxes + regression * np.tile(size, 2), dtype=np.float32)


def _nms_by_smaller(boxes: FloatArray, scores: FloatArray, threshold: float) -> Sequence[int]:
    """Suppression by intersection over the smaller box, best score first.

    It removes a box inside another. As in facenet-pytorch, sides count one pixel more, and
    of equal scores (two boxes with the same crop) that wins which numpy's default sort,
    not a stable one, puts last.
    """
    sides = boxes[:, 2:] - boxes[:, :2] + 1
    areas = sides[:, 0] * sides[:, 1]
    remaining = np.argsort(scores)[::-1]
    kept: list[int] = []
    while len(remaining):
        best, rest = remaining[0], remaining[1:]
        kept.append(int(best))
        corner_min = np.maximum(boxes[best, :2], boxes[rest, :2])
        corner_max = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        overlap = np.maximum(corner_max - corner_min + 1, 0).prod(axis=1)
        remaining = rest[overlap <= threshold * np.minimum(areas[best], areas[rest])]
    return kept
