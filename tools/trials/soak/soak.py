"""Lets the live window's worker recognize a crowd while its gallery changes, and measures it."""

from __future__ import annotations

import gc
import os
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import cv2
import numpy as np

from capture.frame import Frame
from common.picture import RgbImage
from desktop.home import Home, user_home
from gallery.gallery import Gallery
from gallery.identity import Template
from gallery.store import Store
from recognition.assembly import RecognizerSpec, load_recognizer
from recognition.recognizer import Recognizer
from recognition.reembedding import Reembedded
from tools.trials.soak.painted import (
    MODEL,
    PEOPLE,
    Crowd,
    PaintedFaces,
    PaintedVectors,
    painted_face,
)
from tools.trials.table import TrialTally

KNOWN = 24
"""So many of the people are enrolled; the others stay unknown."""

CHANGE_EVERY, LOOK_EVERY = 100, 200
"""Frames."""

WARM_UP = 0.2
"""The share of the run that is not measured: what is used for the first time then is made."""

TIMED_FROM = 10_000
"""Frames. In a shorter run whatever else the computer does would decide."""

MOST_MORE_TIME = 1.5
"""How many times longer the slowest hundredth of the last third may take than of the first."""


@dataclass(frozen=True)
class Moment:
    """What the process has at one frame. p99_ms: of the processor, of the frames since the last."""

    frame: int
    megabytes: float
    threads: int
    files: int
    p99_ms: float


def soak(
    frames: int, seed: int, most_slope: float, minutes: float, *, real: bool
) -> tuple[TrialTally, list[Moment]]:
    """Recognize so many frames; return the row of the table, and what was measured.

    most_slope: megabytes for 10,000 frames. minutes: it ends after so long with what it has. real:
    with the program's own networks.
    """
    from PyQt5.QtCore import QCoreApplication

    app = QCoreApplication.instance() or QCoreApplication([])
    with tempfile.TemporaryDirectory(prefix="facedesk-trial-") as folder:
        home, rng = Home(Path(folder), user_home().cache), Random(seed)
        tally = TrialTally(f"soak with {'the' if real else 'painted'} networks, frames")
        run = _Soak(home, rng, tally, real=real)
        moments: list[Moment] = []
        times: list[float] = []
        end = time.monotonic() + 60 * minutes
        for number in range(frames):
            if time.monotonic() > end:
                break
            tally.attempts += 1
            times.append(run.next(number))
            if number % 30 == 0:
                app.processEvents()
            if number and number % CHANGE_EVERY == 0:
                run.change()
            if (number + 1) % LOOK_EVERY == 0:
                moments.append(_moment(number + 1, times))
                times = []
        run.close()
    tally.failures += judged(moments, most_slope)
    return tally, moments


class _Soak:
    """The worker with its recognizer, as the window has it, in this thread."""

    def __init__(self, home: Home, rng: Random, tally: TrialTally, *, real: bool) -> None:
        from desktop.live.worker import Worker

        self._rng, self._tally, self._number = rng, tally, 0
        self._recognizer, faces, size = (_with_networks if real else _painted)(home)
        self._crowd = Crowd(rng, faces, size)
        self._removed: list[str] = []
        self._worker = Worker(
            lambda: self._recognizer,
            self._take,
            home,
            _never,
            station_name="Soak",
            enrollment_frames=10,
        )
        self._worker.recognized.connect(self._count)
        for failed in (self._worker.failed, self._worker.unavailable, self._worker.rename_failed):
            failed.connect(lambda *said: tally.failures.append(" ".join(map(str, said))))
        self._worker.start()

    def next(self, number: int) -> float:
        """Recognize a frame; return the seconds of the processor that it took."""
        self._frame = Frame(self._crowd.frame(), number, number / 30)
        before = time.thread_time()
        self._worker.process_frame()
        return time.thread_time() - before

    def _take(self) -> Frame:
        return self._frame

    def _count(self, recognition: object) -> None:
        faces = recognition.faces  # type: ignore[attr-defined]
        self._tally.notes["faces"] += len(faces)
        self._tally.notes["names"] += sum(face.match is not None for face in faces)

    def change(self) -> None:
        """Change the gallery, as somebody at the window does, or another program."""
        gallery, worker = self._recognizer.gallery, self._worker
        people = gallery.identities
        self._tally.notes["changes"] += 1
        match self._rng.choice(("rename", "remove", "bring back", "add", "other program")):
            case "remove" if len(people) > 4:
                one = self._rng.choice(people)
                worker.remove(one.id)
                self._removed.append(one.id)
            case "bring back" if self._removed:
                worker.restore(self._removed.pop())
            case "add" if self._removed:
                # The same embeddings again: who was removed comes a second time.
                one = self._rng.choice(people)
                templates = gallery.templates(one.id)[:1]
                if gallery.template_count(one.id) < 12:
                    gallery.add_templates(one.id, templates)
                    worker.follow_gallery()
            case "other program":
                self._from_outside()
                worker.follow_gallery()
            case _:
                worker.rename(self._rng.choice(people).id, f"Name {self._rng.randrange(10**6)}")

    def _from_outside(self) -> None:
        gallery = self._recognizer.gallery
        other = Gallery(Store(self._worker._home.gallery), gallery.model_id, gallery.dimension)
        other.set_note(self._rng.choice(other.identities).id, f"{self._rng.random()}")
        other.close()

    def close(self) -> None:
        self._worker.finish()


def _never(*_: object) -> Reembedded:
    raise AssertionError("the gallery is the recognizer's")


Prepared = tuple[Recognizer, Sequence[RgbImage], tuple[int, int]]
"""The recognizer, the faces of the crowd, and the size of its pictures."""


def _painted(home: Home) -> Prepared:
    embedder = PaintedVectors()
    recognizer = Recognizer(PaintedFaces(), embedder, Gallery(Store(home.gallery), MODEL, PEOPLE))
    faces = [painted_face(person) for person in range(PEOPLE)]
    for person in range(KNOWN):
        row = embedder.embed([faces[person]])[0]
        template = Template(row, faces[person], 0.9, MODEL)
        recognizer.gallery.enroll(f"Person {person}", [template])
    return recognizer, faces, (480, 240)


def _with_networks(home: Home) -> Prepared:
    """The crowd are faces of the one portrait that comes with the program, in two sizes."""
    from capture.portrait import PORTRAIT
    from capture.stills import read_picture

    recognizer = load_recognizer(RecognizerSpec(), home.cache, home.gallery)
    portrait = read_picture(PORTRAIT)
    (face,) = recognizer.detector.detect(portrait)
    crop = recognizer.embedder.crop(portrait, face)
    row = recognizer.embedder.embed([crop])[0]
    for number in range(6):
        recognizer.gallery.enroll(
            f"Person {number}", [Template(row, crop, 0.9, recognizer.embedder.model_id)]
        )
    x1, y1, x2, y2 = face.box_xyxy.astype(int)
    head = portrait[max(y1 - 40, 0) : y2 + 20, max(x1 - 30, 0) : x2 + 30]
    faces = [cv2.resize(head, (side, side)) for side in (76, 80) for _ in range(5)]
    return recognizer, [np.asarray(one, np.uint8) for one in faces], (640, 480)


def _moment(frame: int, times: Sequence[float]) -> Moment:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Moment(
        frame,
        pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        max(threading.active_count(), _count_in("/proc/self/task")),
        _count_in("/proc/self/fd"),
        1000 * float(np.percentile(times, 99)),
    )


def _count_in(folder: str) -> int:
    return sum(1 for _ in Path(folder).iterdir())


def judged(moments: Sequence[Moment], most_slope: float) -> list[str]:
    """Return what has grown, in words."""
    steady = moments[int(len(moments) * WARM_UP) :]
    if len(steady) < 3:
        return ["too short to see anything grow"]
    told = []
    slope = slope_of(steady, lambda one: one.megabytes)
    if slope > most_slope:
        told.append(f"memory grows by {slope:.2f} MB for 10,000 frames")
    later = steady[len(steady) // 2 :]
    for name, first, last in (
        ("threads", steady[0].threads, max(one.threads for one in later)),
        ("open files", steady[0].files, max(one.files for one in later)),
    ):
        if last > first + 2:
            told.append(f"{name} grow from {first} to {last}")
    third = len(steady) // 3
    early, late = (
        float(np.median([one.p99_ms for one in part])) for part in (steady[:third], steady[-third:])
    )
    if steady[-1].frame >= TIMED_FROM and late > MOST_MORE_TIME * early:
        told.append(f"the slowest hundredth of frames grows from {early:.2f} to {late:.2f} ms")
    return told


def slope_of(moments: Sequence[Moment], of: Callable[[Moment], float]) -> float:
    """Return how much a value grows for 10,000 frames, by least squares."""
    frames = np.array([one.frame for one in moments], float)
    values = np.array([of(one) for one in moments], float)
    return float(np.polyfit(frames, values, 1)[0] * 10_000)


def report(moments: Sequence[Moment], rows: int = 20) -> str:
    """Return the course of a run as a table in Markdown, of some twenty rows."""
    steady = moments[int(len(moments) * WARM_UP) :]
    lines = [
        f"Memory grows by {slope_of(steady, lambda one: one.megabytes):.2f} MB for 10,000 frames.",
        "",
        "| Frame | MB | Threads | Open files | p99, ms of the processor |",
        "|---|---|---|---|---|",
    ]
    every = max(len(moments) // rows, 1)
    for one in moments[every - 1 :: every]:
        lines.append(
            f"| {one.frame:,} | {one.megabytes:.1f} | {one.threads} | {one.files}"
            f" | {one.p99_ms:.2f} |"
        )
    return "\n".join(lines)
