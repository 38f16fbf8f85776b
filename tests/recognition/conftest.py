"""A world whose faces are painted squares, so that everything but the networks is real."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from capture.frame import Frame
from common.picture import RgbImage
from gallery.gallery import Gallery
from gallery.identity import Identity, Template
from gallery.store import Store
from models.crop import ALIGNED_LANDMARKS, ALIGNED_SIDE
from models.embedders.sface import FIGURES
from models.engines.engine import FloatArray
from models.face import Face
from recognition.recognizer import Recognizer

PEOPLE = {"an": 40, "binh": 80, "chi": 120, "dung": 160}
"""The green that a person is painted in."""

FPS = 30.0


class PaintedDetector:
    """Finds painted faces: blue marks one, green tells whose. Counts how often it is asked.

    yaw: how far every head is turned, as Quality.yaw.
    """

    name = "painted"

    def __init__(self) -> None:
        self.yaw = 0.0
        self.detections = 0
        self.followings = 0

    def detect(self, image: RgbImage) -> list[Face]:
        self.detections += 1
        return self._faces(image)

    def parts(self, image: RgbImage) -> int:
        return 1

    def detect_part(self, image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        return self.detect(image)

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        """A face whose centre is in one of the boxes."""
        self.followings += 1
        centres = [
            (face, (face.box_xyxy[:2] + face.box_xyxy[2:]) / 2) for face in self._faces(image)
        ]
        return [
            face
            for face, (x, y) in centres
            if any(x1 < x < x2 and y1 < y < y2 for x1, y1, x2, y2 in boxes)
        ]

    def _faces(self, image: RgbImage) -> list[Face]:
        marked = image[..., 2] == 255
        faces = []
        for green in sorted(set(image[marked, 1].tolist())):
            rows, columns = np.nonzero(marked & (image[..., 1] == green))
            x1, y1, x2, y2 = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
            landmarks = ALIGNED_LANDMARKS.copy()
            middle, across = landmarks[:2].mean(axis=0), landmarks[1] - landmarks[0]
            landmarks[2] = middle + self.yaw * across + (0, 20)
            landmarks = landmarks * np.float32((x2 - x1) / ALIGNED_SIDE) + np.float32((x1, y1))
            box = np.array([x1, y1, x2, y2], np.float32)
            faces.append(Face(box, 0.99, landmarks.astype(np.float32)))
        return faces


class PaintedEmbedder:
    """A person's vector, moved a little by the crop's texture. Counts the crops it has seen."""

    model_id = "painted-16"
    dimension = 16
    figures = replace(FIGURES, nonmated=(0.1, 0.08), nonmated_pairs=(0.1, 0.08))

    def __init__(self) -> None:
        self.crops_seen = 0
        self.vectors = {name: np.eye(16)[i] for i, name in enumerate(PEOPLE)}

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        x1, y1, x2, y2 = face.box_xyxy.astype(int)
        return np.asarray(cv2.resize(image[y1:y2, x1:x2], (24, 24), interpolation=0), np.uint8)

    def embed_thoroughly(self, crops: Sequence[RgbImage]) -> FloatArray:
        return self.embed(crops)

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        self.crops_seen += len(crops)
        rows = np.stack([self._row(crop) for crop in crops])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def _row(self, crop: RgbImage) -> FloatArray:
        (name,) = (name for name, green in PEOPLE.items() if green == crop[12, 12, 1])
        texture = np.random.default_rng(zlib.crc32(crop.tobytes()))
        return np.asarray(self.vectors[name] + texture.normal(0, 0.05, 16), np.float32)


class World:
    """Paints pictures, and keeps time at 30 frames a second."""

    def __init__(self, recognizer: Recognizer, detector: PaintedDetector) -> None:
        self.recognizer = recognizer
        self.detector = detector
        self.frames = 0

    def picture(
        self, *, seed: int = 0, side: int = ALIGNED_SIDE, **corners: tuple[int, int]
    ) -> RgbImage:
        """(300, 640, 3) uint8 RGB: picture(an=(20, 50)) has An's face there, `side` pixels wide."""
        image = np.zeros((300, 640, 3), np.uint8)
        rng = np.random.default_rng(seed)
        for name, (x, y) in corners.items():
            face = image[y : y + side, x : x + side]
            noise = 12 * rng.integers(0, 2, face.shape[:2])  # a camera's
            face[..., 0] = _features(name, face.shape[:2]) + noise
            face[..., 1:] = PEOPLE[name], 255
        return image

    def frame(self, *, side: int = ALIGNED_SIDE, **corners: tuple[int, int]) -> Frame:
        """The next frame; each has another texture, as noise gives it."""
        index, self.frames = self.frames, self.frames + 1
        return Frame(self.picture(seed=index, side=side, **corners), index, index / FPS)

    def templates(self, name: str, count: int = 3) -> list[Template]:
        pictures = [self.picture(seed=1000 + i, **{name: (200, 100)}) for i in range(count)]
        embedder = self.recognizer.embedder
        crops = [embedder.crop(p, self.detector._faces(p)[0]) for p in pictures]
        rows = embedder.embed(crops)
        return [
            Template(row, crop, 0.5, embedder.model_id)
            for row, crop in zip(rows, crops, strict=True)
        ]

    def enroll(self, name: str, as_name: str | None = None) -> Identity:
        """Straight into the gallery; the recognizer is not told."""
        return self.recognizer.gallery.enroll(as_name or name.title(), self.templates(name))


def _features(name: str, shape: tuple[int, int]) -> FloatArray:
    """A person's own pattern of red, 0..240: what is neither blurred nor noisy."""
    pattern = np.random.default_rng(PEOPLE[name]).integers(0, 2, (14, 14)) * np.float32(240)
    height, width = shape
    return np.asarray(cv2.resize(pattern, (width, height), interpolation=cv2.INTER_LINEAR))


@pytest.fixture
def painted_embedder() -> PaintedEmbedder:
    return PaintedEmbedder()


@pytest.fixture
def gallery(tmp_path: Path, painted_embedder: PaintedEmbedder) -> Iterator[Gallery]:
    opened = Gallery(
        Store(tmp_path / "gallery.db"), painted_embedder.model_id, painted_embedder.dimension
    )
    yield opened
    opened.close()


@pytest.fixture
def world(gallery: Gallery, painted_embedder: PaintedEmbedder) -> World:
    detector = PaintedDetector()
    return World(Recognizer(detector, painted_embedder, gallery), detector)
