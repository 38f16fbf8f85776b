"""Measures how fast the live pipeline is, beside that of the well-known tutorials.

All variants run in one process on the same frames, taking turns, so that a machine whose
speed drifts is slow or fast for all of them alike.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from capture.frame import Frame
from capture.latest import LatestFrame
from capture.network.addresses import shown_address
from capture.opening import is_live_spec, open_source
from capture.source import FrameSource
from common.errors import SourceError
from common.extras import needing
from common.picture import RgbImage
from common.sealing.key_ring import begin_briefly
from common.sentence import Sentence
from gallery.gallery import Gallery
from gallery.store import Store
from models.conversion.compiled import compiled
from models.conversion.facenet_layers import export_facenet
from models.crop import margin_crop
from models.detectors.boxes import iou, stacked
from models.detectors.loading import load_detector
from models.detectors.protocol import Detector
from models.embedders.described import DescribedEmbedder
from models.embedders.loading import facenet_description, load_embedder
from models.engines.engine import Engine, FloatArray
from models.face import Face
from recognition.recognizer import Recognizer

TURN = 15
"""Frames that a variant runs before the next has its turn."""

MOST_FRAMES = 600
"""The most frames of a video. All are kept in memory: 550 MB at 640x480. The demo source has no
end."""

CAMERA_FPS = 30.0

CAMERA_S = 10.0
"""Seconds of paced running, for steady percentiles."""

FOUND_IOU = 0.5


@dataclass(frozen=True, eq=False)
class Run:
    """One variant's times. ms: wall time of each frame. cpu_ms: mean CPU time of all threads."""

    name: str
    ms: FloatArray
    cpu_ms: float
    boxes: list[FloatArray] = field(default_factory=list)

    @property
    def fps(self) -> float:
        return float(1e3 / self.ms.mean())


@dataclass(frozen=True)
class Agreement:
    """How well the loop's boxes match those of a detection on every frame.

    recall: share of the detected faces that the loop has with an IoU of 0.5 or more. mean_iou:
    the mean IoU of these. extra: boxes of the loop without a detected face, for each frame.
    """

    recall: float
    mean_iou: float
    extra: float


@dataclass(frozen=True, eq=False)
class Live:
    """The loop at a camera's pace. latency_ms: time from a frame's capture to its result."""

    fps: float
    dropped: int
    cores: float
    latency_ms: FloatArray
    captured_at: FloatArray
    embeddings_per_frame: float


@dataclass(frozen=True, eq=False)
class RealtimeReport:
    """All that was measured.

    runs: the tutorial, the same work on our engine, and the loop as fast as it can.
    """

    size: tuple[int, int]
    frames: int
    runs: tuple[Run, ...]
    agreement: Agreement
    live: Live

    @property
    def ratios(self) -> list[float]:
        """Return how many times as fast as the tutorial each run is, by mean time for a frame."""
        return [float(self.runs[0].ms.mean() / run.ms.mean()) for run in self.runs]


def read_frames(spec: str, size: tuple[int, int]) -> tuple[list[RgbImage], float]:
    """Read at most MOST_FRAMES frames of a video, scaled to `size` (width, height).

    Returns the frames and the frame rate per second.

    Raises SourceError.
    """
    if is_live_spec(spec):
        raise SourceError(
            "a video file to measure on", f"{shown_address(spec)} is live", "Give a file"
        )
    with open_source(spec) as source:
        frames = [
            np.asarray(cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA), np.uint8)
            for frame in islice(iter(source.read, None), MOST_FRAMES)
        ]
        return frames, source.fps or CAMERA_FPS


def measure(
    frames: Sequence[RgbImage],
    fps: float,
    engine: Engine,
    cache: Path,
    smallest_face_px: float,
    progress: Callable[[str], None],
    detector_name: str = "mtcnn",
) -> RealtimeReport:
    """Run everything.

    progress: called with the name of what runs now. detector_name: of the detector that does the
    same work on our engine, and that the loop has; the tutorials' is MTCNN in any case.
    """
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "facenet.pt"
        progress("Preparing the networks")
        tutorial, facenet = _tutorial(smallest_face_px, weights, engine, Path(folder))
        detector = load_detector(detector_name, engine, cache, smallest_face_px)
        with _recognizer(detector, engine, cache, Path(folder)) as recognizer:
            loop_boxes: list[FloatArray] = []
            engine_boxes: list[FloatArray] = []

            def same_work(index: int) -> None:
                faces = detector.detect(frames[index])
                facenet.embed([margin_crop(frames[index], face) for face in faces])
                engine_boxes.append(stacked([face.box_xyxy for face in faces]))

            def loop(index: int) -> None:
                frame = Frame(frames[index], index, index / fps)
                faces = recognizer.recognize(frame).faces
                loop_boxes.append(stacked([face.face.box_xyxy for face in faces]))

            variants = {
                "tutorial pipeline": lambda index: tutorial(frames[index]),
                "same work, our engine": same_work,
                "realtime loop": loop,
            }
            for variant in variants.values():
                for index in range(min(TURN, len(frames))):
                    variant(index)
            recognizer.restart()
            loop_boxes.clear()
            engine_boxes.clear()
            runs = _in_turns(variants, len(frames), progress)
            progress("realtime loop, at a camera's pace")
            live = _live(recognizer, frames)
    agreement = agree(engine_boxes, loop_boxes)
    height, width = frames[0].shape[:2]
    return RealtimeReport((width, height), len(frames), runs, agreement, live)


def agree(reference: Sequence[FloatArray], found: Sequence[FloatArray]) -> Agreement:
    """Match boxes, (n, 4) for each frame: each box at most once, the best overlaps first."""
    overlaps: list[float] = []
    extra = 0
    for wanted, got in zip(reference, found, strict=True):
        matrix = iou(wanted, got)
        matched = 0
        while matrix.size and (best := float(matrix.max())) >= FOUND_IOU:
            row, column = np.unravel_index(int(matrix.argmax()), matrix.shape)
            matrix[row, :] = matrix[:, column] = -1
            overlaps.append(best)
            matched += 1
        extra += len(got) - matched
    faces = sum(map(len, reference))
    return Agreement(
        recall=len(overlaps) / max(faces, 1),
        mean_iou=float(np.mean(overlaps)) if overlaps else 0.0,
        extra=extra / max(len(found), 1),
    )


def _in_turns(
    variants: Mapping[str, Callable[[int], None]], frames: int, progress: Callable[[str], None]
) -> tuple[Run, ...]:
    ms: dict[str, list[float]] = {name: [] for name in variants}
    cpu_s = dict.fromkeys(variants, 0.0)
    for start in range(0, frames, TURN):
        for name, variant in variants.items():
            progress(f"{name}, frame {start} of {frames}")
            cpu_before = time.process_time()
            for index in range(start, min(start + TURN, frames)):
                before = time.perf_counter()
                variant(index)
                ms[name].append((time.perf_counter() - before) * 1e3)
            cpu_s[name] += time.process_time() - cpu_before
    return tuple(
        Run(name, np.array(times, np.float32), cpu_s[name] / frames * 1e3)
        for name, times in ms.items()
    )


def _live(recognizer: Recognizer, frames: Sequence[RgbImage]) -> Live:
    latency, captured_at = [], []
    embeddings = 0
    recognizer.restart()
    total = int(CAMERA_S * CAMERA_FPS)
    with LatestFrame(lambda: ToAndFro(frames, total), live=False) as latest:
        latest.take()  # the first frame is in memory before the clock starts
        wall, cpu = time.perf_counter(), time.process_time()
        for frame in iter(latest.take, None):
            recognition = recognizer.recognize(frame)
            latency.append((time.monotonic() - frame.captured_at) * 1e3)
            captured_at.append(frame.captured_at)
            embeddings += recognition.times.embed_ms > 0
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        dropped = latest.dropped
    return Live(
        fps=len(latency) / wall,
        dropped=dropped,
        cores=cpu / wall,
        latency_ms=np.array(latency, np.float32),
        captured_at=np.array(captured_at, np.float32) - np.float32(captured_at[0]),
        embeddings_per_frame=embeddings / len(latency),
    )


class ToAndFro(FrameSource):
    """A source that plays frames from memory forward and backward, so without a jump.

    Their times are those of a camera.
    """

    name = Sentence("memory")
    is_live = False
    fps = CAMERA_FPS

    def __init__(self, frames: Sequence[RgbImage], total: int) -> None:
        self._frames = frames
        self._total = total
        self._index = 0

    def read(self) -> Frame | None:
        if self._index == self._total:
            return None
        last = len(self._frames) - 1
        place = last - abs(last - self._index % max(2 * last, 1))
        frame = Frame(self._frames[place], self._index, self._index / CAMERA_FPS)
        self._index += 1
        return frame

    def close(self) -> None:
        self._total = self._index


@contextmanager
def _recognizer(
    detector: Detector, engine: Engine, cache: Path, folder: Path
) -> Iterator[Recognizer]:
    """Give a recognizer with an empty gallery.

    Everybody is unknown to it, which makes it look at faces most often.
    """
    embedder = load_embedder("sface", engine, cache)
    begin_briefly(folder)
    gallery = Gallery(
        Store(folder / "gallery.db"),
        embedder.model_id,
        embedder.dimension,
        represented=embedder.figures.represented,
    )
    try:
        yield Recognizer(detector, embedder, gallery)
    finally:
        gallery.close()


def _tutorial(
    smallest_face_px: float, weights: Path, engine: Engine, folder: Path
) -> tuple[Callable[[RgbImage], Any], DescribedEmbedder]:
    """Return facenet-pytorch's pipeline as its users run it, and the same FaceNet on our engine.

    The weights are random: time does not depend on them, and no download is needed.
    """
    with needing("torch", Sentence("which has the tutorials' pipeline")):
        import torch
        from facenet_pytorch import MTCNN, InceptionResnetV1

    mtcnn = MTCNN(
        keep_all=True,
        min_face_size=int(smallest_face_px),
        thresholds=[0.7, 0.7, 0.8],
        device="cpu",
    )
    torch.manual_seed(0)
    resnet = InceptionResnetV1(pretrained=None).eval()
    torch.save(resnet.state_dict(), weights)
    model = compiled(folder, "facenet", "random", lambda target: export_facenet(weights, target))

    def tutorial(image: RgbImage) -> None:
        with torch.no_grad():
            boxes, scores, landmarks = mtcnn.detect(image, landmarks=True)
            for found in zip(boxes, scores, landmarks, strict=True) if boxes is not None else ():
                scaled = (margin_crop(image, Face(*found)).astype(np.float32) - 127.5) / 128
                resnet(torch.from_numpy(scaled).permute(2, 0, 1)[None].contiguous())

    described = facenet_description("facenet-vggface2", model.name, "random")
    return tutorial, DescribedEmbedder(engine.load(model), described)
