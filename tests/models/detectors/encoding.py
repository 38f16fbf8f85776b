"""Writes faces into the heads of detectors, by the formulas of their authors read backwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from models.face import Face

Heads = list[NDArray[np.float32]]
FAR_FROM_ONE = 9.0
"""A logit: its probability is 0.9999, that of its negative 0.0001."""


@dataclass(frozen=True)
class Fitted:
    """A canvas on which a picture was drawn: its size, and the picture's scale and corner there."""

    width: int
    height: int
    scale: float
    left: int
    top: int

    def face(self, face: Face) -> Face:
        """The face of the picture as it is on the canvas."""
        corner = np.array([self.left, self.top], np.float32)
        moved = face.scaled(self.scale, self.scale)
        return Face(moved.box_xyxy + np.tile(corner, 2), face.score, moved.landmarks + corner)


def _centre_and_size(face: Face) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return (face.box_xyxy[:2] + face.box_xyxy[2:]) / 2, face.box_xyxy[2:] - face.box_xyxy[:2]


def _level(face: Face, last: int = 2) -> int:
    """The level of the pyramid on which a face of this size is found: 0, 1, 2 and so on."""
    side = max(face.width, face.height)
    return min(int(side > 48) + int(side > 160) + int(side > 300), last)


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


Anchors = Sequence[Sequence[tuple[int, int]]]

YOLO_ANCHORS = (
    ((4, 5), (8, 10), (13, 16)),
    ((23, 29), (43, 55), (73, 105)),
    ((146, 217), (231, 300), (335, 433)),
)


P6_ANCHORS = (
    ((6, 7), (9, 11), (13, 16)),
    ((18, 23), (26, 33), (37, 47)),
    ((54, 67), (77, 104), (112, 154)),
    ((174, 238), (258, 355), (445, 568)),
)


def yolo_heads(
    faces: Sequence[Face], canvas: Fitted, each_anchors: Anchors = YOLO_ANCHORS
) -> Heads:
    """Heads (1, 3, h, w, 16), all logits but the landmarks."""
    heads = []
    for level, anchors in enumerate(each_anchors):
        stride = 8 << level
        head = np.zeros((1, 3, canvas.height // stride, canvas.width // stride, 16), np.float32)
        head[..., [4, 15]] = -FAR_FROM_ONE
        for face in (face for face in faces if _level(face, len(each_anchors) - 1) == level):
            centre, size = _centre_and_size(face)
            column, row = (centre // stride).astype(int)
            best = int(np.abs(np.log(np.array(anchors) / size)).sum(axis=1).argmin())
            anchor = np.array(anchors[best], np.float32)
            cell = head[0, best, row, column]
            share = (centre / stride - (column, row) + 0.5) / 2
            cell[:2] = [_logit(value) for value in share]
            cell[2:4] = [_logit(value) for value in np.sqrt(size / anchor) / 2]
            cell[4], cell[15] = _logit(face.score), 20
            cell[5:15] = ((face.landmarks - np.array([column, row]) * stride) / anchor).ravel()
        heads.append(head)
    return heads


def yolo_decoded(faces: Sequence[Face], canvas: Fitted) -> Heads:
    """One output (1, n, 16) in pixels and probabilities."""
    rows = []
    for level, head in enumerate(yolo_heads(faces, canvas)):
        stride = 8 << level
        for anchor, maps in zip(YOLO_ANCHORS[level], head[0], strict=True):
            y, x = np.mgrid[: maps.shape[0], : maps.shape[1]]
            cell = np.stack([x, y], axis=-1)
            row = maps.copy()
            row[..., [0, 1, 2, 3, 4, 15]] = 1 / (1 + np.exp(-row[..., [0, 1, 2, 3, 4, 15]]))
            row[..., :2] = (row[..., :2] * 2 - 0.5 + cell) * stride
            row[..., 2:4] = (row[..., 2:4] * 2) ** 2 * anchor
            points = row[..., 5:15].reshape(*cell.shape[:2], 5, 2)
            row[..., 5:15] = (points * anchor + cell[:, :, np.newaxis] * stride).reshape(
                *cell.shape[:2], 10
            )
            rows.append(row.reshape(-1, 16))
    return [np.concatenate(rows)[np.newaxis]]


def scrfd_heads(faces: Sequence[Face], canvas: Fitted, levels: int = 3, each: int = 2) -> Heads:
    """Scores (n, 1), distances (n, 4) and landmarks (n, 10) for so many strides.

    each: how many anchors there are in a cell; the last one has the face.
    """
    scores, distances, marks = [], [], []
    for level in range(levels):
        stride = 8 << level
        columns, rows = ceil(canvas.width / stride), ceil(canvas.height / stride)
        score = np.zeros((rows * columns * each, 1), np.float32)
        distance = np.zeros((len(score), 4), np.float32)
        points = np.zeros((len(score), 10), np.float32)
        for face in (face for face in faces if _level(face) == level):
            centre, _ = _centre_and_size(face)
            column, row = (centre // stride).astype(int)
            place = (row * columns + column) * each + each - 1
            anchor = np.array([column, row], np.float32) * stride
            score[place] = face.score
            near, far = anchor - face.box_xyxy[:2], face.box_xyxy[2:] - anchor
            distance[place] = np.concatenate([near, far]) / stride
            points[place] = ((face.landmarks - anchor) / stride).ravel()
        scores.append(score)
        distances.append(distance)
        marks.append(points)
    return [*scores, *distances, *marks]


def retina_heads(faces: Sequence[Face], canvas: Fitted) -> Heads:
    """Offsets (1, n, 4), probabilities (1, n, 2) and landmarks (1, n, 10)."""
    offsets, classes, marks = [], [], []
    for level, sides in enumerate(((16, 32), (64, 128), (256, 512))):
        stride = 8 << level
        columns, rows = ceil(canvas.width / stride), ceil(canvas.height / stride)
        offset = np.zeros((rows * columns * 2, 4), np.float32)
        face_class = np.tile(np.float32([0.98, 0.02]), (len(offset), 1))
        points = np.zeros((len(offset), 10), np.float32)
        for face in (face for face in faces if _level(face) == level):
            centre, size = _centre_and_size(face)
            column, row = (centre // stride).astype(int)
            second = int(abs(np.log(sides[1] / size.max())) < abs(np.log(sides[0] / size.max())))
            place, side = (row * columns + column) * 2 + second, sides[second]
            prior = (np.array([column, row], np.float32) + 0.5) * stride
            offset[place, :2] = (centre - prior) / side / 0.1
            offset[place, 2:] = np.log(size / side) / 0.2
            face_class[place] = 1 - face.score, face.score
            points[place] = ((face.landmarks - prior) / side / 0.1).ravel()
        offsets.append(offset)
        classes.append(face_class)
        marks.append(points)
    return [np.concatenate(rows)[np.newaxis] for rows in (offsets, classes, marks)]


def center_heads(faces: Sequence[Face], canvas: Fitted) -> Heads:
    """Heatmap (1, 1, h, w), scale and offset (1, 2, h, w), landmarks (1, 10, h, w)."""
    rows, columns = canvas.height // 4, canvas.width // 4
    heat, scale, offset, marks = (
        np.zeros((1, channels, rows, columns), np.float32) for channels in (1, 2, 2, 10)
    )
    for face in faces:
        centre, size = _centre_and_size(face)
        column, row = (centre // 4).astype(int)
        heat[0, 0, row, column] = face.score
        scale[0, :, row, column] = np.log(size[::-1] / 4)
        offset[0, :, row, column] = (centre / 4 - (column, row) - 0.5)[::-1]
        marks[0, :, row, column] = ((face.landmarks - face.box_xyxy[:2]) / size)[:, ::-1].ravel()
    return [heat, scale, offset, marks]


ENCODE: dict[str, Callable[[Sequence[Face], Fitted], Heads]] = {
    "yolov5-face": yolo_heads,
    "scrfd": scrfd_heads,
    "retinaface": retina_heads,
    "centerface": center_heads,
}
