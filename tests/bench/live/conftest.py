"""Films of painted people, with a detector and an embedder that know them, however they are shown.

A face is a square with a lot of blue; how much green is beside it tells whose it is, so that it is
known darkened, mirrored and small, too. All but the networks is real.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from common.picture import RgbImage
from gallery.gallery import Gallery
from gallery.store import Store
from models.crop import ALIGNED_LANDMARKS, ALIGNED_SIDE
from models.embedders.sface import FIGURES
from models.engines.engine import FloatArray
from models.face import Face
from recognition.recognizer import Recognizer

GREENS = {"an": 0.1, "binh": 0.3, "chi": 0.5, "dung": 0.7, "nobody": 0.9}
"""A person's green as a share of the blue."""

CORNER = (24, 20)
"""Of a face in its picture, (x, y)."""

Paint = Callable[..., Path]


class FilmDetector:
    """Finds the painted squares."""

    name = "painted films"

    def detect(self, image: RgbImage) -> list[Face]:
        mask = (image[..., 2] > 80).astype(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        return [self._face(*stats[i, :3]) for i in range(1, count)]

    def parts(self, image: RgbImage) -> int:
        return 1

    def detect_part(self, image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        return self.detect(image)

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        return self.detect(image) if len(boxes) else []

    def _face(self, x: int, y: int, side: int) -> Face:
        box = np.array([x, y, x + side, y + side], np.float32)
        landmarks = ALIGNED_LANDMARKS * np.float32(side / ALIGNED_SIDE) + np.float32([x, y])
        return Face(box, 0.99, landmarks.astype(np.float32))


class GreenEmbedder:
    """A person's own axis, moved a little by the crop's texture."""

    model_id = "painted-films"
    dimension = 16
    figures = replace(FIGURES, nonmated=(0.1, 0.08), nonmated_pairs=(0.1, 0.08))

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        x1, y1, x2, y2 = face.box_xyxy.astype(int)
        return np.asarray(cv2.resize(image[y1:y2, x1:x2], (24, 24), interpolation=0), np.uint8)

    def embed_thoroughly(self, crops: Sequence[RgbImage]) -> FloatArray:
        return self.embed(crops)

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        rows = np.stack([self._row(crop) for crop in crops])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def _row(self, crop: RgbImage) -> FloatArray:
        share = crop[..., 1].mean() / crop[..., 2].mean()
        axis = int(np.abs(np.array(list(GREENS.values())) - share).argmin())
        texture = np.random.default_rng(zlib.crc32(crop.tobytes())).normal(0, 0.05, 16)
        return np.asarray(np.eye(16)[axis] + texture, np.float32)


def picture(*people: str, seed: int = 0, side: int = ALIGNED_SIDE) -> RgbImage:
    """(150, 320, 3) uint8 RGB: the people's faces side by side, with a texture of their own."""
    image = np.zeros((150, 320, 3), np.uint8)
    rng = np.random.default_rng(seed)
    x, y = CORNER
    for person in people:
        face = image[y : y + side, x : x + side]
        face[..., 0] = 255 * rng.integers(0, 2, face.shape[:2])
        face[..., 1:] = 250 * GREENS[person], 250
        x += side + 30
    return image


@pytest.fixture
def paint(tmp_path: Path) -> Paint:
    """paint("An-ja.mkv", ["an"] * 9): a film of nine frames without loss, beside all others."""
    folder = tmp_path / "phim – 映画"
    folder.mkdir()

    def paint(
        name: str,
        frames: Sequence[str | Sequence[str]],
        fps: float = 30,
        scale: float = 1,
        side: int = ALIGNED_SIDE,
    ) -> Path:
        path = folder / name
        size = round(320 * scale), round(150 * scale)
        lossless = cv2.VideoWriter.fourcc(*"FFV1")
        writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, lossless, fps, size)
        for place, people in enumerate(frames):
            shown = [people] if isinstance(people, str) else people
            image = picture(*shown, seed=zlib.crc32(name.encode()) + place, side=side)
            scaled = cv2.resize(image, size, interpolation=cv2.INTER_NEAREST)
            writer.write(cv2.cvtColor(scaled, cv2.COLOR_RGB2BGR))
        writer.release()
        return path

    return paint


@pytest.fixture
def recognizer(tmp_path: Path) -> Iterator[Recognizer]:
    embedder = GreenEmbedder()
    gallery = Gallery(Store(tmp_path / "gallery.db"), embedder.model_id, embedder.dimension)
    yield Recognizer(FilmDetector(), embedder, gallery)
    gallery.close()
