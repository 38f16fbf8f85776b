"""Detectors that are one network: a picture goes in, boxes and landmarks come out.

What differs between them is how their outputs are read: each has a module of its own for that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from common.errors import WeightsError
from common.picture import RgbImage
from common.sentence import Sentence
from models.detectors.boxes import SAME_FACE_IOU, iou, nms, stacked
from models.detectors.letterbox import InputForm, Letterbox, Size
from models.engines.engine import FloatArray, Network
from models.face import Face

MOST_CANDIDATES, MOST_FACES = 5000, 750
"""The most candidates of which faces are chosen, and the most faces, as in RetinaFace's code. A
network gone wrong gives tens of thousands."""

LEAST_SPREAD = 0.1
"""The least extent of a face's landmarks, in sides of its box: less is no face, and cannot be
aligned."""

LARGEST = 4.0
"""The longest side of a box, in sides of the canvas; a longer one is of a network gone wrong."""

ROUNDING = 0.01
"""By so much a probability may pass 0 or 1: in a network of eight bits, for example."""

LANDMARKS_IOU = 0.3
"""The least overlap of a box without landmarks with the one that the follower finds for it."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """The faces that a network proposes, many for each face, in pixels of the canvas.

    boxes: (n, 4). scores: (n,), 0..1. landmarks: (n, 5, 2); None where it places none.
    """

    boxes: FloatArray
    scores: FloatArray
    landmarks: FloatArray | None


Decode = Callable[[tuple[FloatArray, ...], Size], Candidates]
"""Reads the outputs for a canvas of that size. Raises WeightsError where they are of another
kind."""


@dataclass(frozen=True)
class DetectorFamily:
    """Networks whose outputs are read alike.

    form: what they read, as their authors trained them. score: the least one of a face.
    overlap: the IoU from which a worse box is dropped.
    """

    name: str
    form: InputForm
    decode: Decode
    score: float
    overlap: float


class Follower(Protocol):
    """Finds again, in a small part of a detection's time, faces that were seen a moment ago."""

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        """Return the faces near the given (n, 4) boxes."""


class OneShotDetector:
    """Finds all faces, with landmarks. One thread at a time may call it."""

    def __init__(
        self,
        name: str,
        network: Network,
        family: DetectorFamily,
        form: InputForm,
        min_face_px: float,
        follower: Follower,
    ) -> None:
        """form: what this very network reads; it may differ from the family's."""
        self.name = name
        self._network, self._family, self._form = network, family, form
        self._min_face_px = min_face_px
        self._follower = follower

    def detect(self, image: RgbImage) -> list[Face]:
        """Return all faces of an (H, W, 3) uint8 RGB picture, best first."""
        height, width = image.shape[:2]
        size = self._form.canvas_size(width, height, self._min_face_px)
        drawn = Letterbox.of(image, size, self._form)
        outputs = self._network(drawn.blob)
        found = read(self._family, outputs, size)
        boxes = drawn.in_picture(found.boxes.reshape(-1, 2, 2)).reshape(-1, 4)
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2
        inside = ((middle >= 0) & (middle < (width, height))).all(axis=1) & (
            (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) >= self._min_face_px
        )
        boxes, scores = boxes[inside], found.scores[inside]
        if found.landmarks is None:
            return self._with_landmarks(image, boxes, scores)
        landmarks = drawn.in_picture(found.landmarks[inside])
        return [Face(boxes[i], float(scores[i]), landmarks[i]) for i in range(len(boxes))]

    def parts(self, image: RgbImage) -> int:
        return 1

    def detect_part(self, image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        """Return all faces, and those near the given (n, 4) boxes that detect() does not find.

        The follower looks at all of them, as in the frames in between: boxes and landmarks that
        came from the one and the other in turn would jump: YuNet's landmarks then by 3 and 5 % of
        the face's width in two films, against 1. A face that the follower refuses stays as it is.
        """
        faces = self.detect(image)
        found = stacked([face.box_xyxy for face in faces])
        missing = boxes[~(iou(boxes, found) > SAME_FACE_IOU).any(axis=1)]
        followed = self.follow(image, np.concatenate([found, missing]))
        overlaps = iou(found, stacked([face.box_xyxy for face in followed]))
        refused = np.flatnonzero(~(overlaps > SAME_FACE_IOU).any(axis=1))
        return followed + [faces[i] for i in refused]

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        """Return the faces near the given (n, 4) boxes, in a small part of detect()'s time."""
        return self._follower.follow(image, boxes)

    def _with_landmarks(self, image: RgbImage, boxes: FloatArray, scores: FloatArray) -> list[Face]:
        """Return the faces of boxes whose landmarks the follower finds; the others are left out."""
        placed = self._follower.follow(image, boxes)
        if not placed:
            return []
        overlaps = iou(boxes, stacked([face.box_xyxy for face in placed]))
        return [
            Face(box, float(score), placed[int(row.argmax())].landmarks)
            for box, score, row in zip(boxes, scores, overlaps, strict=True)
            if row.max() >= LANDMARKS_IOU
        ]


def read(family: DetectorFamily, outputs: tuple[FloatArray, ...], size: Size) -> Candidates:
    """Return the best candidate of each face, best first. Raises what decode raises.

    Those are left out that are no boxes: a network that is damaged, or was made for other inputs,
    gives numbers that are none, or are huge.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        numbers = tuple(np.asarray(output, np.float32) for output in outputs)
        return _chosen(family.decode(numbers, size), family, size)


def _chosen(candidates: Candidates, family: DetectorFamily, size: Size) -> Candidates:
    boxes, scores, landmarks = candidates.boxes, candidates.scores, candidates.landmarks
    sides = boxes[:, 2:] - boxes[:, :2]
    are_boxes = (
        (scores >= family.score)
        & np.isfinite(boxes).all(axis=1)
        & (sides > 0).all(axis=1)
        & (sides <= LARGEST * max(size)).all(axis=1)
        & (np.abs(boxes) <= 2 * LARGEST * max(size)).all(axis=1)
    )
    if landmarks is not None:
        within = np.abs(landmarks) <= 2 * LARGEST * max(size)
        extent = (landmarks.max(axis=1) - landmarks.min(axis=1)).max(axis=1)
        are_boxes &= within.all(axis=(1, 2)) & (extent >= LEAST_SPREAD * sides.max(axis=1))
    best = np.flatnonzero(are_boxes)
    best = best[np.argsort(-scores[best], kind="stable")][:MOST_CANDIDATES]
    kept = best[nms(boxes[best], scores[best], family.overlap)][:MOST_FACES]
    return Candidates(
        boxes[kept].astype(np.float32),
        np.minimum(scores[kept], 1).astype(np.float32),
        None if landmarks is None else landmarks[kept].astype(np.float32),
    )


def activated(scores: FloatArray) -> FloatArray:
    """Return scores as probabilities: a network may give their logits instead.

    Of the thousands of cells of a picture some show no face, and their logits are negative.
    """
    return sigmoid(scores) if are_logits(scores) else scores


def are_logits(scores: FloatArray) -> bool:
    """Return whether scores cannot be probabilities, beyond what rounding explains."""
    return bool((scores < -ROUNDING).any() or (scores > 1 + ROUNDING).any())


def sigmoid(values: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-x)); of numbers too large for exp(), 0 or 1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -80, 80))), np.float32)


def exponential(values: FloatArray) -> FloatArray:
    """Return exp(x), at most 3e34: more is no size of a face."""
    return np.asarray(np.exp(np.minimum(values, 80)), np.float32)


def shapes_of(outputs: tuple[FloatArray, ...]) -> str:
    """Return the shapes of a network's outputs as they are written in an error."""
    return ", ".join(str(tuple(int(n) for n in output.shape)) for output in outputs)


def not_its_outputs(
    family: str, expected: Sentence, outputs: tuple[FloatArray, ...]
) -> WeightsError:
    """Return the error of a network whose outputs a family's module cannot read."""
    return WeightsError(
        Sentence("the outputs of {}: {}", family, expected),
        Sentence("those of this network are {}", shapes_of(outputs)),
        "Name the family that the file is of, or get another file",
    )


def cells(size: Size, stride: int) -> Size:
    """Return columns and rows of a stride's map on a canvas of that size."""
    return -(-size[0] // stride), -(-size[1] // stride)


def grid(columns: int, rows: int) -> NDArray[np.float32]:
    """Return the (column, row) of each cell of a map, row by row: (columns * rows, 2)."""
    row, column = np.divmod(np.arange(columns * rows), columns)
    return np.stack([column, row], axis=1).astype(np.float32)
