"""MTCNN (Zhang et al. 2016) with facenet-pytorch's weights and results, without torch.

Three networks in a row: P-Net proposes boxes on an image pyramid, R-Net refuses most of
them, O-Net refuses the rest and places five landmarks. Follows
facenet_pytorch/models/utils/detect_face.py of release 2.5.3 step by step, its one-pixel
offsets included: boxes agree to rounding.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.detectors.boxes import SAME_FACE_IOU, iou, nms
from models.detectors.pyramid import (
    PNET_SIDE,
    PNET_STRIDE,
    Canvas,
    IntArray,
    area_crops,
    integral,
    normalized,
    part_count,
    plan_canvas,
)
from models.engines.engine import FloatArray, Network
from models.face import Face, Image

FOLLOWED_SCORE = 0.5
"""Face probability asked for by O-Net where a face was seen a moment ago."""

NO_BOXES = np.empty((0, 4), np.float32)

THRESHOLDS = (0.7, 0.7, 0.8)
"""Face probability asked for by P-Net, R-Net and O-Net, as in the FaceNet tutorials."""

MIN_FACE_PX = 20.0
"""facenet-pytorch's default. A webcam does well with 40, at a third of the time."""


class _Candidates(NamedTuple):
    """Squares for O-Net, (n, 4) float32 each: of proposals, and of faces known before."""

    proposed: FloatArray
    followed: FloatArray


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
        return self._find(image, self._canvas(image, 0, 1), NO_BOXES)

    def parts(self, image: Image) -> int:
        """Into how many parts detect_part() cuts the work on pictures of this size."""
        return part_count(image.shape[0], image.shape[1], self._min_face_px)

    def detect_part(self, image: Image, part: int, boxes: FloatArray) -> list[Face]:
        """The faces of one part of the sizes and places, and those near the given (n, 4) boxes.

        Over all parts it finds what detect() finds, at a fraction of the time for each.
        """
        return self._find(image, self._canvas(image, part, self.parts(image)), boxes)

    def follow(self, image: Image, boxes: FloatArray) -> list[Face]:
        """The faces near the given (n, 4) boxes: R-Net and O-Net alone, a small part of
        detect()'s time.

        Where a box reaches past the picture its crop is filled up in black instead of being
        squeezed, so landmarks hold for a face that fills the picture.
        """
        return self._find(image, None, boxes)

    def _canvas(self, image: Image, part: int, parts: int) -> Canvas | None:
        return plan_canvas(image.shape[0], image.shape[1], self._min_face_px, part, parts)

    def _find(self, image: Image, canvas: Canvas | None, boxes: FloatArray) -> list[Face]:
        if canvas is None and not len(boxes):
            return []
        sums = integral(image)
        proposed = self._propose(canvas, sums) if canvas else NO_BOXES
        return self._place(sums, self._reject(sums, proposed, boxes))

    def _propose(self, canvas: Canvas, sums: IntArray) -> FloatArray:
        regression, probability = self._pnet(canvas.draw(sums), canvas.mask)
        boxes, scores, moves = [], [], []
        for band, cells in canvas.bands:
            band_probability = probability[0, *cells]
            row, column = np.nonzero(band_probability >= self._thresholds[0])
            corner = np.stack([column, row + band.first], axis=1).astype(np.float32) * PNET_STRIDE
            scale = np.float32(band.scale)
            band_boxes = np.hstack(
                [np.floor((corner + 1) / scale), np.floor((corner + PNET_SIDE) / scale)]
            )
            band_scores = band_probability[row, column]
            kept = nms(band_boxes, band_scores, 0.5)
            boxes.append(band_boxes[kept])
            scores.append(band_scores[kept])
            moves.append(regression[0, :, *cells][:, row[kept], column[kept]].T)
        all_boxes, all_scores = np.concatenate(boxes), np.concatenate(scores)
        kept = nms(all_boxes, all_scores, 0.7)
        all_boxes, move = all_boxes[kept], np.concatenate(moves)[kept]
        size = np.tile(all_boxes[:, 2:] - all_boxes[:, :2], 2)
        return _squared(all_boxes + move * size)

    def _reject(self, sums: IntArray, proposed: FloatArray, known: FloatArray) -> _Candidates:
        """R-Net on proposals, (n, 4), and on the boxes of known faces, (m, 4), at once.

        Known faces are only centred, not refused.
        """
        crops, proposed = _crops(sums, proposed, 24, border=None)
        more, followed = _crops(sums, _rnet_inputs(known), 24, border=0.0)
        count = len(crops)
        if not count + len(more):
            return _Candidates(NO_BOXES, NO_BOXES)
        regression, probabilities = _run(self._rnet, np.concatenate([crops, more]), 8)
        scores = probabilities[:count, 1]
        passed = np.flatnonzero(scores > self._thresholds[1])
        passed = passed[nms(proposed[passed], scores[passed], 0.7)]
        return _Candidates(
            _squared(_moved(proposed[passed], regression[passed])),
            _squared(_moved(followed, regression[count:])),
        )

    def _place(self, sums: IntArray, found: _Candidates) -> list[Face]:
        """O-Net: the last word, and the landmarks. A face found both ways is the proposed one,
        whose box is the better."""
        crops, boxes = _crops(sums, found.proposed, 48, border=None)
        more, followed = _crops(sums, found.followed, 48, border=0.0)
        if not len(crops) + len(more):
            return []
        is_followed = np.repeat([False, True], [len(boxes), len(followed)])
        boxes = np.concatenate([boxes, followed])
        regression, offsets, probabilities = _run(self._onet, np.concatenate([crops, more]), 2)
        scores = probabilities[:, 1]
        passed = np.flatnonzero(scores > np.where(is_followed, FOLLOWED_SCORE, self._thresholds[2]))
        boxes, scores, is_followed = boxes[passed], scores[passed], is_followed[passed]
        size = boxes[:, 2:] - boxes[:, :2] + 1
        landmarks = offsets[passed].reshape(-1, 2, 5).transpose(0, 2, 1)
        landmarks = landmarks * size[:, np.newaxis] + boxes[:, np.newaxis, :2] - 1
        boxes = _moved(boxes, regression[passed])
        kept: list[int] = []
        for group in (np.flatnonzero(~is_followed), np.flatnonzero(is_followed)):
            found_now = group[_nms_by_smaller(boxes[group], scores[group], 0.7)]
            kept += [i for i in found_now if not (iou(boxes[i], boxes[kept]) > SAME_FACE_IOU).any()]
        return [Face(boxes[i], float(scores[i]), landmarks[i].astype(np.float32)) for i in kept]


def _run(network: Network, crops: FloatArray, multiple: int) -> tuple[FloatArray, ...]:
    """The network on n crops, normalized, filled up to a multiple: every new batch size costs
    the runtime some milliseconds, once."""
    batch = np.zeros((-(-len(crops) // multiple) * multiple, *crops.shape[1:]), np.float32)
    batch[: len(crops)] = normalized(crops)
    return tuple(output[: len(crops)] for output in network(batch))


def _rnet_inputs(boxes: FloatArray) -> FloatArray:
    """Squares for R-Net around faces with these boxes, (n, 4), wherever they have moved since.

    Three quarters of the box's longer side, a little below its centre, is about what P-Net
    proposes for a face. Chosen on a street video, for recall and overlap with detection.
    """
    size = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True)
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2 + size * np.array([0, 0.045], np.float32)
    half = size * np.float32(0.75 / 2)
    return np.hstack([centre - half, centre + half])


def _crops(
    sums: IntArray, boxes: FloatArray, side: int, border: float | None
) -> tuple[FloatArray, FloatArray]:
    """The crop of each box, and the boxes that have one: some lie outside."""
    regions = boxes.astype(np.int32)
    regions[:, :2] -= 1
    limits = (sums.shape[1] - 1, sums.shape[0] - 1)
    inside = np.minimum(regions[:, 2:], limits) > np.maximum(regions[:, :2], 0)
    kept = np.flatnonzero(inside.all(axis=1))
    return area_crops(sums, regions[kept], side, border), boxes[kept]


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


def _nms_by_smaller(boxes: FloatArray, scores: FloatArray, threshold: float) -> NDArray[np.intp]:
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
    return np.array(kept, np.intp)
