"""What a live run has seen, and how fast it was, in memory that does not grow with its length."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bench.sightings.series import Series, Spread
from bench.sightings.stays import Presence
from bench.sightings.unknowns import UnknownFace, UnknownFaces
from capture.frame import Frame
from common.picture import RgbImage
from models.crop import margin_crop
from recognition.recognizer import Recognition, RecognizedFace

MOST_PEOPLE = 100
"""People whose similarities are kept over time; of whoever comes later only the sums are."""

QUALITY_BINS = 20

CROP_SIZE = (112, 112)
_CROP_MARGIN = 0.2

Axis = Literal["clock", "film", "pictures"]
"""What a moment is: the time of day, a place in a film, or a picture's number."""


@dataclass(eq=False)
class SeenPerson:
    """Somebody enrolled who was seen. similarity: over time; None for whoever came too late."""

    name: str
    presence: Presence = field(default_factory=Presence)
    similarity: Series | None = None
    low: float = float("inf")
    high: float = float("-inf")
    total: float = 0.0

    @property
    def mean(self) -> float:
        return self.total / max(self.presence.frames, 1)


class SightingLog:
    """Adds up frames. One thread uses it.

    alike: see UnknownFaces. is_live: whether the frames' times are of `clock`. keeps_crops: whether
    a picture of each unknown face is kept.
    """

    def __init__(
        self,
        alike: float,
        *,
        is_live: bool,
        keeps_crops: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.axis: Axis = "clock" if is_live else "film"
        self.people: dict[str, SeenPerson] = {}
        self.quality = Series()
        self.qualities: dict[bool, NDArray[np.int64]] = {
            named: np.zeros(QUALITY_BINS, np.int64) for named in (True, False)
        }
        self.frame_s, self.work_ms = Series(), Series()
        self.works, self.latencies = Spread(), Spread()
        self.stages = {"detect_ms": 0.0, "embed_ms": 0.0, "search_ms": 0.0}
        self.frames = self.faces = 0
        self.threshold = float("nan")
        self.seconds = 0.0
        self._unknowns = UnknownFaces(alike)
        self._keeps_crops = keeps_crops
        self._clock = clock
        self._started_at: float | None = None
        self._last: float | None = None
        self._began = clock()

    def add(self, frame: Frame, recognition: Recognition, threshold: float) -> None:
        """Add a frame that was just recognized."""
        now = self._clock()
        if frame.still:
            self.axis = "pictures"
        at = self._time_of(recognition)
        self.threshold = threshold
        self._add_speed(recognition, at, now)
        self.faces += len(recognition.faces)
        for face in recognition.faces:
            self._add_face(face, at)
        if scores := [f.quality.score for f in recognition.faces if f.quality is not None]:
            self.quality.add(at, float(np.mean(scores)))
        self._unknowns.see(recognition.faces, at, partial(self._crop, frame.image))

    def unknown_faces(self) -> list[UnknownFace]:
        """Return the unknown faces, whoever was seen the longest first. The run has ended."""
        return self._unknowns.finish()

    @property
    def let_go(self) -> int:
        """How many unknown faces were too many to be told apart."""
        return self._unknowns.let_go

    @property
    def fps(self) -> float:
        """Frames a second of the whole run."""
        elapsed = (self._last if self._last is not None else self._began) - self._began
        return self.frames / elapsed if elapsed > 0 else 0.0

    def _time_of(self, recognition: Recognition) -> float:
        if self.axis == "pictures":
            at = float(recognition.frame_index)
        else:
            if self._started_at is None:
                self._started_at = recognition.captured_at
            at = recognition.captured_at - self._started_at
        self.seconds = max(self.seconds, at)
        return at

    def _add_speed(self, recognition: Recognition, at: float, now: float) -> None:
        work = recognition.times.total_ms
        if self._last is None:
            self._began = now - work / 1e3
        else:
            self.frame_s.add(at, now - self._last)
        self._last = now
        self.frames += 1
        self.work_ms.add(at, work)
        self.works.add(work)
        for stage in self.stages:
            self.stages[stage] += getattr(recognition.times, stage)
        if self.axis == "clock":
            self.latencies.add(max(now - recognition.captured_at, 0.0) * 1e3)

    def _add_face(self, face: RecognizedFace, at: float) -> None:
        if face.quality is not None:
            place = min(int(face.quality.score * QUALITY_BINS), QUALITY_BINS - 1)
            self.qualities[face.match is not None][place] += 1
        if face.match is None:
            return
        identity = face.match.identity
        person = self.people.get(identity.id)
        if person is None:
            series = Series() if len(self.people) < MOST_PEOPLE else None
            person = self.people[identity.id] = SeenPerson(identity.name, similarity=series)
        similarity = float(face.match.similarity)
        person.presence.add(at)
        person.total += similarity
        person.low, person.high = min(person.low, similarity), max(person.high, similarity)
        if person.similarity is not None:
            person.similarity.add(at, similarity)

    def _crop(self, image: RgbImage, face: RecognizedFace) -> RgbImage | None:
        if not self._keeps_crops:
            return None
        box = face.face.box_xyxy
        half = max(face.face.width, face.face.height) / 2
        centre = (box[:2] + box[2:]) / 2
        square = np.concatenate([centre - half, centre + half]).astype(np.float32)
        try:
            return margin_crop(image, replace(face.face, box_xyxy=square), CROP_SIZE, _CROP_MARGIN)
        except ValueError:  # it has left the picture
            return None
