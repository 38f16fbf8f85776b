"""Chooses the device for `device = auto`: the one that runs the user's models best, measured once
and remembered."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from capture.demo import DemoSource
from common.errors import EngineError
from common.picture import RgbImage
from common.sentence import Sentence
from models.detectors.boxes import iou
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder, embed_face
from models.engines.devices import DEFAULT, available_devices, surroundings
from models.engines.engine import FloatArray

FORMAT = 2
"""The version of the remembered file; raised whenever what is measured changes."""

ROUNDS = 7
"""The rounds of the measurement; their median counts. All devices take turns, so that whatever else
the computer is doing slows down all of them alike."""

CLEARLY = 0.9
"""Another device is picked only if it needs less than this share of DEFAULT's time: DEFAULT starts
quickest and needs the least memory."""

FOLLOWED_FACES = 5

WORK = "a live detection at 640x480, five faces followed and one embedding"
"""What one round of the measurement does."""

SAME_BOX_IOU = 0.99
SAME_EMBEDDING_COSINE = 0.999
"""The least cosine between a device's embedding and DEFAULT's; a device further off is not picked,
however quick. On processors that round to bfloat16 DEFAULT's own embeddings turn by up to
0.0003."""

Load = Callable[[str], tuple[Detector, Embedder]]
"""Loads the models on the device of the given name. Raises EngineError where it cannot."""


@dataclass(frozen=True)
class Trial:
    """The result of measuring a device. ms: for one round; None where it was refused, with the
    reason."""

    device: str
    ms: float | None
    refused: str = ""


@dataclass(frozen=True)
class Pick:
    """The device that is used.

    trials: the devices from which it was picked. Empty where nothing was measured: the user named
    the device, or it is the only one.
    """

    device: str
    trials: tuple[Trial, ...] = ()


def pick_device(record: Path, load: Load) -> Pick:
    """Returns the remembered pick, or a new one where the computer or its software has changed.

    record: a file in the cache, one for each set of models. Raises EngineError where not even
    DEFAULT works.
    """
    now = {"format": FORMAT, **surroundings()}
    with suppress(OSError, ValueError, LookupError, TypeError):  # not there, damaged, or older
        kept = json.loads(record.read_text("utf-8"))
        if kept["surroundings"] == now:
            return Pick(kept["device"], tuple(Trial(**trial) for trial in kept["trials"]))
    devices = available_devices()
    if devices == [DEFAULT]:
        return Pick(DEFAULT)
    pick = measure(devices, load)
    with suppress(OSError):  # then it is measured again at the next start
        record.parent.mkdir(parents=True, exist_ok=True)
        fresh = record.with_suffix(".new")
        fresh.write_text(json.dumps({"surroundings": now, **asdict(pick)}, indent=1), "utf-8")
        fresh.replace(record)
    return pick


def measure(devices: list[str], load: Load) -> Pick:
    """Picks the quickest of the devices, DEFAULT first among them, whose results are the same as
    DEFAULT's."""
    image = _picture()
    runs: dict[str, _DeviceRun] = {}
    refused: dict[str, str] = {}
    for device in devices:
        try:
            run = _DeviceRun(*load(device), image)
            if device == DEFAULT or run.agrees_with(runs[DEFAULT]):
                runs[device] = run
            else:
                refused[device] = f"its results are not those of {DEFAULT}"
        except EngineError as error:
            if device == DEFAULT:
                raise
            refused[device] = error.found
    seconds = np.array([[run.round() for run in runs.values()] for _ in range(ROUNDS)])
    ms = dict(zip(runs, (float(v) for v in np.median(seconds, axis=0) * 1e3), strict=True))
    quickest = min(ms, key=lambda device: ms[device])
    trials = (Trial(device, ms.get(device), refused.get(device, "")) for device in devices)
    return Pick(quickest if ms[quickest] < CLEARLY * ms[DEFAULT] else DEFAULT, tuple(trials))


class _DeviceRun:
    """Does WORK on one picture: what live recognition does."""

    def __init__(self, detector: Detector, embedder: Embedder, image: RgbImage) -> None:
        self._detector, self._embedder, self._image = detector, embedder, image
        faces = detector.detect(image)
        if len(faces) != 1:
            raise EngineError(
                "the one face of the trial's picture to be found",
                Sentence("{} were found", len(faces)),
                Sentence("Set device to {}", DEFAULT),
            )
        self._face = faces[0]
        self._crop, self._embedding = embed_face(embedder, image, self._face)
        beside = np.arange(FOLLOWED_FACES, dtype=np.float32)[:, np.newaxis]
        self._boxes: FloatArray = self._face.box_xyxy + 4 * beside
        self.round()  # the first use of a size is slow

    def round(self) -> float:
        """Does one round. Returns its duration in seconds."""
        start = perf_counter()
        self._detector.detect_part(self._image, 0, self._boxes)
        self._detector.follow(self._image, self._boxes)
        self._embedder.embed([self._crop])
        return perf_counter() - start

    def agrees_with(self, other: _DeviceRun) -> bool:
        overlap = iou(self._face.box_xyxy[np.newaxis], other._face.box_xyxy[np.newaxis])[0, 0]
        cosine = self._embedding @ other._embedding
        return bool(overlap > SAME_BOX_IOU and cosine > SAME_EMBEDDING_COSINE)


def _picture() -> RgbImage:
    """Returns a picture of 640x480 pixels with one face."""
    frame = DemoSource().read()
    assert frame is not None, "the demo has no end"
    return frame.image
