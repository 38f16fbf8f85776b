"""Measures how much each device gets done, and whether it gives what the processor gives."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from bench.evaluation.embedding import embed_pictures
from capture.demo import DemoSource
from capture.frame import Frame
from capture.stills import picture_paths
from common.errors import EngineError
from common.picture import RgbImage
from common.sealing.key_ring import begin_briefly
from gallery.gallery import Gallery
from gallery.store import Store
from models.detectors.boxes import iou, stacked
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder, embed_face
from models.engines.engine import FloatArray
from models.face import Face
from recognition.enrollment.photos import read_photos
from recognition.recognizer import Recognizer

CROWDS = (1, 10, 50)
"""Numbers of faces in a frame."""

FRAME_SIZE = (1280, 720)
"""Width and height: fifty faces of 60 pixels have room in it."""

FRAMES = 48
"""For each crowd. They are shown once before they count: sizes that are new to a device cost
time."""

FPS = 30.0

PEOPLE, PICTURES = 4, 12
"""Of the folder that is imported and evaluated."""

Load = Callable[[str], tuple[Detector, Embedder]]
"""Loads the models on the device of the given name. Raises EngineError where it cannot."""


@dataclass(frozen=True)
class CrowdSpeed:
    """Frames a second with so many faces in each.

    found: faces found in a frame, in the mean. live: as in the window, where faces are followed and
    looked at in turn. whole: each frame for itself, every face found anew and embedded.
    """

    faces: int
    found: float
    live: float
    whole: float


@dataclass(frozen=True)
class DeviceSpeed:
    """What one device gets done.

    imported, evaluated: pictures a second, from the file to the template. box_px: the farthest that
    any side of a box, or a landmark, lies from where the first device has it. cosine: the least
    between an embedding and the first device's of the same crop. embedding: the largest
    difference of a number in it. missed: faces of the first device that this one has not, and the
    other way round.
    """

    device: str
    crowds: tuple[CrowdSpeed, ...]
    imported: float
    evaluated: float
    box_px: float
    cosine: float
    embedding: float
    missed: int


@dataclass(frozen=True)
class RefusedDevice:
    """A device that cannot be used, and why."""

    device: str
    reason: str


@dataclass(frozen=True, eq=False)
class _DeviceResults:
    """What a device finds on one frame of each crowd, and makes of the first device's crops."""

    faces: tuple[list[Face], ...]
    crops: tuple[RgbImage, ...]
    embeddings: FloatArray


def measure_devices(
    devices: Sequence[str], load: Load, progress: Callable[[str], None]
) -> Iterator[DeviceSpeed | RefusedDevice]:
    """Measure one device after the other; the first is what the others are compared with.

    progress: called with what runs now. Raises EngineError where the first cannot be used.
    """
    crowds = {faces: crowd_frames(faces, FRAMES) for faces in CROWDS}
    reference: _DeviceResults | None = None
    with tempfile.TemporaryDirectory() as folder:
        people = Path(folder) / "people"
        _write_people(people)
        for device in devices:
            progress(device)
            try:
                detector, embedder = load(device)
                results = _results(detector, embedder, crowds, reference)
                reference = reference or results
                yield DeviceSpeed(
                    device,
                    _crowd_speeds(detector, embedder, crowds, Path(folder)),
                    _imported(detector, embedder, people),
                    _evaluated(detector, embedder, people),
                    *_differences(results, reference),
                )
            except EngineError as error:
                if reference is None:
                    raise
                yield RefusedDevice(device, error.found)


def crowd_frames(faces: int, count: int) -> list[RgbImage]:
    """Return frames with so many faces side by side, each moving in its own way.

    Each is (720, 1280, 3) uint8 RGB.
    """
    width, height = FRAME_SIZE
    side, columns = max(
        (min(width // columns, height // -(-faces // columns)), columns)
        for columns in range(1, faces + 1)
    )
    with DemoSource(frames=count + 7 * faces) as demo:
        tiles = [_tile(frame.image, side) for frame in iter(demo.read, None)]
    frames = []
    for index in range(count):
        frame = np.full((height, width, 3), 128, np.uint8)
        for face in range(faces):
            row, column = divmod(face, columns)
            top, left = row * side, column * side
            frame[top : top + side, left : left + side] = tiles[index + 7 * face]
        frames.append(frame)
    return frames


def _tile(image: RgbImage, side: int) -> RgbImage:
    """Return the square middle of a demo frame, (side, side, 3)."""
    height, width = image.shape[:2]
    left = (width - height) // 2
    square = image[:, left : left + height]
    return np.asarray(cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _write_people(folder: Path) -> None:
    """Write a folder of people, all of whom are the demo's: only the time counts."""
    with DemoSource(frames=PEOPLE * PICTURES * 5) as demo:
        frames = [frame.image for frame in iter(demo.read, None)][::5]
    for number, image in enumerate(frames):
        path = folder / f"person {number // PICTURES}" / f"{number:03}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path, quality=95)


@contextmanager
def _recognizer(detector: Detector, embedder: Embedder, folder: Path) -> Iterator[Recognizer]:
    """Give a recognizer with an empty gallery."""
    with tempfile.TemporaryDirectory(dir=folder) as home:
        begin_briefly(Path(home))
        store = Store(Path(home) / "gallery.db")
        recognizer = Recognizer(
            detector, embedder, Gallery(store, embedder.model_id, embedder.dimension)
        )
        try:
            yield recognizer
        finally:
            recognizer.gallery.close()


def _crowd_speeds(
    detector: Detector, embedder: Embedder, crowds: dict[int, list[RgbImage]], folder: Path
) -> tuple[CrowdSpeed, ...]:
    return tuple(
        _crowd_speed(detector, embedder, faces, frames, folder) for faces, frames in crowds.items()
    )


def _crowd_speed(
    detector: Detector, embedder: Embedder, faces: int, frames: list[RgbImage], folder: Path
) -> CrowdSpeed:
    some = frames[: FRAMES // 4]

    def whole() -> int:
        found = 0
        for image in some:
            crops = [embedder.crop(image, face) for face in detector.detect(image)]
            embedder.embed(crops)
            found += len(crops)
        return found

    with _recognizer(detector, embedder, folder) as recognizer:

        def live() -> None:
            recognizer.restart()
            for index, image in enumerate(frames):
                recognizer.recognize(Frame(image, index, index / FPS))

        live_s = _seconds(live)
    return CrowdSpeed(faces, whole() / len(some), len(frames) / live_s, len(some) / _seconds(whole))


def _seconds(work: Callable[[], object]) -> float:
    """Return how long it takes the second time."""
    work()
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def _imported(detector: Detector, embedder: Embedder, people: Path) -> float:
    """Return how many pictures a second `facedesk import` reads."""
    paths = [path for person in sorted(people.iterdir()) for path in picture_paths(person)]
    with _recognizer(detector, embedder, people.parent) as recognizer:
        return len(paths) / _seconds(lambda: read_photos(recognizer, paths))


def _evaluated(detector: Detector, embedder: Embedder, people: Path) -> float:
    """Return how many pictures a second `facedesk evaluate` embeds."""
    paths = [path for person in sorted(people.iterdir()) for path in picture_paths(person)]
    seconds = _seconds(lambda: embed_pictures(paths, [(detector, embedder)], lambda: None))
    return PEOPLE * PICTURES / seconds


def _results(
    detector: Detector,
    embedder: Embedder,
    crowds: dict[int, list[RgbImage]],
    reference: _DeviceResults | None,
) -> _DeviceResults:
    firsts = [frames[0] for frames in crowds.values()]
    faces = tuple(detector.detect(image) for image in firsts)
    if reference is not None:
        crops = reference.crops
    else:
        crops = tuple(
            embed_face(embedder, image, face).crop
            for image, found in zip(firsts, faces, strict=True)
            for face in found
        )
    return _DeviceResults(faces, crops, embedder.embed(crops))


def _differences(
    results: _DeviceResults, reference: _DeviceResults
) -> tuple[float, float, float, int]:
    """Return box_px, cosine, embedding and missed of DeviceSpeed."""
    farthest, missed = 0.0, 0
    for own, others in zip(results.faces, reference.faces, strict=True):
        missed += abs(len(own) - len(others))
        if not own or not others:
            continue
        overlaps = iou(stacked([f.box_xyxy for f in own]), stacked([f.box_xyxy for f in others]))
        for face, nearest in zip(own, overlaps.argmax(axis=1), strict=True):
            other = others[int(nearest)]
            farthest = max(
                farthest,
                float(np.abs(face.box_xyxy - other.box_xyxy).max()),
                float(np.abs(face.landmarks - other.landmarks).max()),
            )
    both = results.embeddings, reference.embeddings
    cosine = float((both[0] * both[1]).sum(axis=1).min()) if len(both[0]) else inf
    return farthest, cosine, float(np.abs(both[0] - both[1]).max(initial=0.0)), missed
