"""Finds faces with MTCNN (Zhang et al. 2016): facenet-pytorch's weights and results, no torch.

Three networks in a row: P-Net proposes boxes on an image pyramid, R-Net refuses most of
them, O-Net refuses the rest and places five landmarks. The code follows
facenet_pytorch/models/utils/detect_face.py of release 2.5.3 step by step, its one-pixel
offsets included: boxes agree to rounding.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from models.detectors.boxes import NO_BOXES, SAME_FACE_IOU, iou, nms, regressed, squared
from models.detectors.mtcnn.area import IntArray, Integral, area_crops, integral, integral_of
from models.detectors.mtcnn.proposals import Proposals, QuickPNet
from models.detectors.mtcnn.pyramid import part_count, plan_canvas, plan_pieces
from models.engines.engine import FloatArray, Network, padded
from models.face import Face

FOLLOWED_SCORE = 0.5
"""Face probability asked for by O-Net where a face was seen a moment ago."""

LARGEST_BATCH = 64
"""The most crops that R-Net or O-Net gets at once."""

FOLLOWED_ROOM = 0.6
"""The room around a followed face's box that R-Net and O-Net may see, in its longer sides."""

THRESHOLDS = (0.7, 0.7, 0.8)
"""Face probability asked for by P-Net, R-Net and O-Net, as in the FaceNet tutorials."""

SAME_VIEW_IOU = 0.6
"""Overlap from which a followed face need not be looked at beside a proposed one."""

MIN_FACE_PX = 20.0
"""The smallest face, in pixels: facenet-pytorch's default. For a webcam 40 is enough, in a third of
the time."""


class LiveNetworks(NamedTuple):
    """Quicker and a little less exact networks, for detect_part() and for follow().

    following_rnet may be as exact as the usual R-Net: used for this alone, it sees batches of one
    size, for which it stays prepared.
    """

    pnet: QuickPNet
    onet: Network
    following_rnet: Network
    following_onet: Network


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
        live: LiveNetworks | None = None,
    ) -> None:
        self._proposals = Proposals(pnet, live.pnet if live else None, thresholds[0])
        self._rnet, self._onet = rnet, onet
        self._live_onet = live.onet if live else onet
        self._following_rnet = live.following_rnet if live else rnet
        self._following_onet = live.following_onet if live else onet
        self._min_face_px = min_face_px
        self._thresholds = thresholds

    def detect(self, image: RgbImage) -> list[Face]:
        """Return all faces of an (H, W, 3) uint8 RGB picture, best first."""
        canvases = plan_pieces(image.shape[0], image.shape[1], self._min_face_px)
        if not canvases:
            return []
        sums = integral(image)
        proposed = self._proposals.everywhere(canvases, sums)
        return self._placed(self._onet, sums, self._passed(sums, proposed), NO_BOXES)

    def parts(self, image: RgbImage) -> int:
        """Return into how many parts detect_part() cuts the work on pictures of this size."""
        return part_count(image.shape[0], image.shape[1], self._min_face_px)

    def detect_part(self, image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        """Return the faces of one part of the pyramid, and those near the given (n, 4) boxes.

        All parts together find what detect() finds, except newcomers of which P-Net is less
        sure. Each part takes a fraction of the time.
        """
        canvas = plan_canvas(*image.shape[:2], self._min_face_px, part, self.parts(image))
        if canvas is None:
            return self.follow(image, boxes)
        sums = integral(image)
        proposed = self._proposals.beside_known(canvas, sums, image, boxes)
        proposed = self._passed(sums, proposed)
        missing = boxes[~(iou(boxes, proposed) > SAME_VIEW_IOU).any(axis=1)]
        followed = _centred(self._rnet, sums, missing)
        return self._placed(self._live_onet, sums, proposed, followed)

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        """Return the faces near the given (n, 4) boxes, in a small part of detect()'s time.

        It runs R-Net and O-Net alone.

        Where a box reaches past the picture its crop is filled up in black instead of being
        squeezed, so landmarks hold for a face that fills the picture.
        """
        if not len(boxes):
            return []
        sums = _integral_around(image, boxes)
        followed = _centred(self._following_rnet, sums, boxes)
        return self._placed(self._following_onet, sums, NO_BOXES, followed)

    def _passed(self, sums: Integral, proposed: FloatArray) -> FloatArray:
        """Run R-Net on proposals, (n, 4); return those that pass, as squares for O-Net."""
        regions, seen = _regions(sums, proposed, clipped=True)
        if not len(regions):
            return NO_BOXES
        proposed = proposed[seen]
        regression, probabilities = _run(self._rnet, sums, regions, 24)
        scores = probabilities[:, 1]
        passed = np.flatnonzero(scores > self._thresholds[1])
        passed = passed[nms(proposed[passed], scores[passed], 0.7)]
        return squared(regressed(proposed[passed], regression[passed], inclusive=True))

    def _placed(
        self, onet: Network, sums: Integral, proposed: FloatArray, followed: FloatArray
    ) -> list[Face]:
        """Run O-Net on squares of proposals and of known faces: it decides and finds landmarks.

        Of a face that is found both ways the proposed one stays, since its box is better.
        """
        regions, seen = _regions(sums, proposed, clipped=True)
        more, seen_again = _regions(sums, followed, clipped=False)
        if not len(regions) + len(more):
            return []
        is_followed = np.repeat([False, True], [len(regions), len(more)])
        boxes = np.concatenate([proposed[seen], followed[seen_again]])
        regression, offsets, probabilities = _run(onet, sums, np.concatenate([regions, more]), 48)
        scores = probabilities[:, 1]
        passed = np.flatnonzero(scores > np.where(is_followed, FOLLOWED_SCORE, self._thresholds[2]))
        boxes, scores, is_followed = boxes[passed], scores[passed], is_followed[passed]
        size = boxes[:, 2:] - boxes[:, :2] + 1
        landmarks = offsets[passed].reshape(-1, 2, 5).transpose(0, 2, 1)
        landmarks = landmarks * size[:, np.newaxis] + boxes[:, np.newaxis, :2] - np.float32(1)
        boxes = regressed(boxes, regression[passed], inclusive=True)
        overlap = iou(boxes, boxes)
        kept: list[int] = []
        for group in (np.flatnonzero(~is_followed), np.flatnonzero(is_followed)):
            found_now = group[_nms_by_smaller(boxes[group], scores[group], 0.7)]
            kept += [i for i in found_now if not (overlap[i, kept] > SAME_FACE_IOU).any()]
        return [Face(boxes[i], float(scores[i]), landmarks[i]) for i in kept]


def _centred(rnet: Network, sums: Integral, known: FloatArray) -> FloatArray:
    """Run R-Net on known faces' boxes, (n, 4); return squares for O-Net. None is refused."""
    narrow, wide = _rnet_inputs(known)
    near, seen = _regions(sums, narrow, clipped=False)
    if not len(near):
        return NO_BOXES
    narrow, wide = narrow[seen], wide[seen]
    around, _ = _regions(sums, wide, clipped=False)
    regression, _ = _run(rnet, sums, np.concatenate([near, around]), 24)
    both = regressed(np.concatenate([narrow, wide]), regression, inclusive=True)
    return squared(both.reshape(2, -1, 4).mean(axis=0, dtype=np.float32))


def _run(network: Network, sums: Integral, regions: IntArray, side: int) -> tuple[FloatArray, ...]:
    """Run the network on the crops of n regions."""
    batches = []
    for start in range(0, len(regions), LARGEST_BATCH):
        crops = area_crops(sums, regions[start : start + LARGEST_BATCH], side)
        filled = padded(crops)
        batches.append([output[: len(crops)].copy() for output in network(filled)])
    return tuple(np.concatenate(outputs) for outputs in zip(*batches, strict=True))


def _integral_around(image: RgbImage, boxes: FloatArray) -> Integral:
    """Return the integral of the smallest part of the picture that holds all boxes, with room.

    boxes: (n, 4), n > 0.
    """
    room = FOLLOWED_ROOM * (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True)
    left, top = (boxes[:, :2] - room).min(axis=0)
    right, bottom = (boxes[:, 2:] + room).max(axis=0)
    return integral_of(image, int(left), int(top), int(right), int(bottom))


def _rnet_inputs(boxes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return squares for R-Net around faces that had these boxes, (n, 4), and may have moved.

    There are a narrow and a wide one for each face. The mean of R-Net's two results trembles less
    than either.

    0.65 and 0.85 of the box's longer side, a little below its centre, are about what P-Net
    proposes for a face, the kind of crop that the networks were trained on: from the box itself
    O-Net misses one face in six. Chosen on a street video, for recall and overlap with detection,
    which `facedesk bench` measures.
    """
    side = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True)
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2 + side * np.array([0, 0.045], np.float32)
    near, far = side * np.float32(0.65 / 2), side * np.float32(0.85 / 2)
    return np.hstack([centre - near, centre + near]), np.hstack([centre - far, centre + far])


def _regions(
    sums: Integral, boxes: FloatArray, *, clipped: bool
) -> tuple[IntArray, NDArray[np.intp]]:
    """Return the boxes' regions in pixels, (n, 4) as area_crops() takes them, and their indices.

    Boxes without any pixel of the picture are left out. clipped: whether to clip the regions at
    the picture's border.
    """
    regions = boxes.astype(np.int32)
    regions[:, :2] -= 1
    limits = np.array([sums.width, sums.height] * 2, np.int32)
    inside = np.minimum(np.maximum(regions, 0), limits)
    seen = np.flatnonzero((inside[:, 2] > inside[:, 0]) & (inside[:, 3] > inside[:, 1]))
    return (inside if clipped else regions)[seen], seen


def _nms_by_smaller(boxes: FloatArray, scores: FloatArray, threshold: float) -> NDArray[np.intp]:
    """Suppress by intersection over the smaller box; return kept indices, best score first.

    It removes a box inside another. As in facenet-pytorch, sides count one pixel more, and
    of equal scores (two boxes with the same crop) the one wins that numpy's default sort,
    which is not stable, puts last.
    """
    corner_min = np.maximum(boxes[:, np.newaxis, :2], boxes[:, :2])
    corner_max = np.minimum(boxes[:, np.newaxis, 2:], boxes[:, 2:])
    sides = np.maximum(corner_max - corner_min + 1, 0)
    overlap = sides[..., 0] * sides[..., 1]
    areas = overlap.diagonal()
    falls = overlap > threshold * np.minimum(areas[:, np.newaxis], areas)
    fallen = np.zeros(len(boxes), bool)
    kept: list[int] = []
    for i in np.argsort(scores)[::-1]:
        if not fallen[i]:
            kept.append(int(i))
            fallen |= falls[i]
    return np.array(kept, np.intp)
