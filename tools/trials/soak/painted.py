"""A crowd of painted faces that come and go, and stand-ins for the networks that see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

import cv2
import numpy as np

from common.picture import RgbImage
from models.crop import ALIGNED_LANDMARKS, ALIGNED_SIDE
from models.embedders.sface import FIGURES
from models.engines.engine import FloatArray
from models.face import Face

MODEL, PEOPLE = "painted", 32
"""One number of an embedding stands for each of so many people."""

_SIZE, _SIDE, _STEP = (480, 240), 64, 7
_MARK = 255
"""The blue of a face; its red says whose it is."""


class PaintedFaces:
    """The detector: finds the squares of the blue that marks a face."""

    name = "painted"

    def detect(self, image: RgbImage) -> list[Face]:
        mask = (image[..., 2] == _MARK).astype(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        return [_face(*stats[n, :4]) for n in range(1, count)]

    def parts(self, image: RgbImage) -> int:
        return 1

    def detect_part(self, image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        return self.detect(image)

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        return self.detect(image)


def _face(x: int, y: int, width: int, height: int) -> Face:
    box = np.array([x, y, x + width, y + height], np.float32)
    landmarks = ALIGNED_LANDMARKS * (width / ALIGNED_SIDE) + np.array([x, y], np.float32)
    return Face(box, 0.99, np.asarray(landmarks, np.float32))


class PaintedVectors:
    """The embedder: each person along an axis of their own, moved a little by the crop."""

    model_id = MODEL
    dimension = PEOPLE
    figures = replace(FIGURES, nonmated=(0.0, 0.1), nonmated_pairs=(0.0, 0.1))

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        x1, y1, x2, y2 = face.box_xyxy.astype(int)
        return np.ascontiguousarray(image[y1:y2, x1:x2])

    def embed_thoroughly(self, crops: Sequence[RgbImage]) -> FloatArray:
        return self.embed(crops)

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        rows = np.stack([_row(crop) for crop in crops])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _row(crop: RgbImage) -> FloatArray:
    who = round(float(np.median(crop[..., 0])) / _STEP)
    noise = np.random.default_rng(int(crop[..., 1].sum())).normal(0, 0.05, PEOPLE)
    return np.asarray(np.eye(PEOPLE)[min(who, PEOPLE - 1)] + noise, np.float32)


def painted_face(person: int) -> RgbImage:
    """Paint the face of one of PEOPLE: (64, 64, 3) uint8 RGB."""
    coarse = np.random.default_rng(person).integers(0, 256, (12, 12), np.uint8)
    face = np.empty((_SIDE, _SIDE, 3), np.uint8)
    face[..., 0], face[..., 2] = person * _STEP, _MARK
    face[..., 1] = cv2.resize(coarse, (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR)
    return face


@dataclass
class _Standing:
    person: int
    x: int
    y: int


class Crowd:
    """Paints frames of 0 to 10 faces; every five seconds others stand there.

    faces: (h, w, 3) uint8 RGB of each person, no larger than 80 pixels.
    """

    def __init__(self, rng: Random, faces: Sequence[RgbImage], size: tuple[int, int] = _SIZE):
        self._rng, self._faces, (self._width, self._height) = rng, faces, size
        self._empty = np.full((self._height, self._width, 3), (90, 110, 100), np.uint8)
        self._standing: list[_Standing] = []
        self._left = 0

    def frame(self) -> RgbImage:
        """Paint the next frame, (h, w, 3) uint8 RGB."""
        if not self._left:
            self._left = self._rng.randint(60, 240)
            self._standing = self._others()
        self._left -= 1
        image = self._empty.copy()
        for one in self._standing:
            face = self._faces[one.person]
            x, y = (at + self._rng.randint(-1, 1) for at in (one.x, one.y))
            image[y : y + face.shape[0], x : x + face.shape[1]] = face
        return image

    def _others(self) -> list[_Standing]:
        across, down = self._width // 96, self._height // 120
        places = [(8 + 96 * c, 8 + 120 * r) for c in range(across) for r in range(down)]
        count = self._rng.randint(0, min(10, len(places), len(self._faces)))
        people = self._rng.sample(range(len(self._faces)), count)
        return [
            _Standing(person, *place)
            for person, place in zip(people, self._rng.sample(places, count), strict=True)
        ]
