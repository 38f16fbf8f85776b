from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import count

import numpy as np
import pytest

from bench.report.sighting_page import sighting_page
from bench.sightings.log import SightingLog
from bench.sightings.unknowns import MOST_CLUSTERS
from capture.frame import Frame
from common.sentence import Sentence
from gallery.identity import Identity, Match
from models.face import Face
from models.quality import Quality
from recognition.decision import Decision
from recognition.recognizer import Recognition, RecognizedFace, StageTimes

FPS = 10.0
ALIKE = 0.6
BEGAN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def frames() -> Iterator[tuple[Frame, float]]:
    """Frames with their times, as fast as a camera gives them."""
    picture = np.full((120, 160, 3), 90, np.uint8)
    return ((Frame(picture, n, 50 + n / FPS), 50 + n / FPS) for n in count())


class Run:
    """Feeds a log; each frame takes 20 ms, and its result comes 30 ms after its capture."""

    def __init__(self, frames: Iterator[tuple[Frame, float]], **options: bool) -> None:
        self._frames = frames
        self._now = 0.0
        self.log = SightingLog(ALIKE, clock=lambda: self._now, **{"is_live": True, **options})

    def show(self, *faces: RecognizedFace, times: int = 1, skip: int = 0) -> None:
        for _ in range(skip):
            next(self._frames)
        for _ in range(times):
            frame, at = next(self._frames)
            self._now = at + 0.030
            found = Recognition(frame.index, at, faces, StageTimes(12, 6, 2))
            self.log.add(frame, found, 0.42)


def face(
    name: str = "", similarity: float = 0.8, *, track: int | None = 1, looks: int = 0, seed: int = 0
) -> RecognizedFace:
    """A face; looks: a number that makes its embedding another look at the person of that seed."""
    person = np.random.default_rng(seed).normal(size=64)
    look = person + 0.3 * np.random.default_rng((seed, looks)).normal(size=64)
    look = (look / np.linalg.norm(look)).astype(np.float32)
    who = Identity("id-" + name, name, BEGAN) if name else None
    match = Match(who, similarity, 0.42, None) if who else None
    decision = Decision(match, None, None, 0.42, 1, 1, 1, Sentence("x"))
    box = np.array([40, 30, 90, 90], np.float32)
    quality = Quality(60, 200, 120, 40, 0, 0, False)
    return RecognizedFace(
        Face(box, 1.0, np.zeros((5, 2), np.float32)), quality, track, decision, look
    )


def test_who_was_seen_when(frames: Iterator[tuple[Frame, float]]) -> None:
    run = Run(frames)
    run.show(face("Ann", 0.7), times=20)
    run.show(face("Ann", 0.9), times=10, skip=50)
    (ann,) = run.log.people.values()
    assert (ann.presence.frames, ann.presence.visits) == (30, 2)
    assert ann.presence.stretches == [pytest.approx((0, 1.9)), pytest.approx((7, 7.9))]
    assert (ann.low, ann.high) == (0.7, 0.9)
    assert ann.mean == pytest.approx((20 * 0.7 + 10 * 0.9) / 30)
    assert run.log.unknown_faces() == []


def test_speed_and_latency(frames: Iterator[tuple[Frame, float]]) -> None:
    run = Run(frames)
    run.show(times=100)
    assert run.log.works.percentile(50) == pytest.approx(20, rel=0.03)
    assert run.log.latencies.percentile(99) == pytest.approx(30, rel=0.03)
    assert run.log.fps == pytest.approx(10, rel=0.02)
    film = Run(iter([(Frame(np.zeros((9, 9, 3), np.uint8), 0, 0.0), 0.0)]), is_live=False)
    film.show()
    assert film.log.latencies.count == 0, "a film's frames come when they are asked for"


def test_unknown_faces_that_look_alike_are_one(frames: Iterator[tuple[Frame, float]]) -> None:
    run = Run(frames)
    for track, seed in ((1, 7), (2, 8), (3, 7)):
        for look in range(4):
            run.show(face(track=track, seed=seed, looks=10 * track + look))
        run.show(skip=60)
    first, second = run.log.unknown_faces()
    assert (first.presence.frames, first.presence.visits) == (8, 2)
    assert (second.presence.frames, second.looks) == (4, 4)


def test_whoever_gets_a_name_later_was_never_unknown(
    frames: Iterator[tuple[Frame, float]],
) -> None:
    run = Run(frames, keeps_crops=True)
    for look in range(3):
        run.show(face(looks=look))
    run.show(face("Ann", looks=4))
    run.show(face(looks=5))
    assert run.log.unknown_faces() == []


def test_a_single_look_is_nobody(frames: Iterator[tuple[Frame, float]]) -> None:
    run = Run(frames)
    run.show(face(), times=5)
    assert run.log.unknown_faces() == []


def test_crops_only_where_they_are_asked_for(frames: Iterator[tuple[Frame, float]]) -> None:
    for keeps in (False, True):
        run = Run(frames, keeps_crops=keeps)
        for look in range(3):
            run.show(face(looks=look))
        page = sighting_page(run.log, {}, BEGAN, 0)
        assert ("data:image/jpeg" in page) is keeps


def test_memory_stays_flat_in_a_long_run(frames: Iterator[tuple[Frame, float]]) -> None:
    run = Run(frames, keeps_crops=True)

    def much(begin: int, end: int) -> None:
        for n in range(begin, end):
            ann = face(f"Person {n % 20}", track=None)
            for look in range(2):
                run.show(ann, face(track=n + 10, seed=n + 100, looks=look), skip=40)

    much(0, 250)
    gc.collect()
    tracemalloc.start()
    try:
        much(250, 500)
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # What replaces what was there before counts as grown here: a hundred crops at most.
    assert grown < 6e6
    unknown = run.log.unknown_faces()
    assert len(unknown) == MOST_CLUSTERS
    assert run.log.let_go == 400


class Fetched(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_has_each_diagram_with_its_table_and_loads_nothing(
    frames: Iterator[tuple[Frame, float]],
) -> None:
    run = Run(frames, keeps_crops=True)
    run.show(face("_A$n$n <b>Ánh</b>"), times=30)
    for look in range(3):
        run.show(face(track=2, seed=5, looks=look))
    text = sighting_page(run.log, {Sentence("source"): "<x>"}, BEGAN, 3)
    read = Fetched()
    read.feed(text)
    assert read.tags.count("svg") == 4
    assert read.tags.count("table") == 6
    assert all(source.startswith("data:") for source in read.sources)
    assert not {"script", "link", "b"} & set(read.tags), "a name is text"
    assert "&lt;b&gt;Ánh" in text
    assert "08:00:02" in text
    assert "@media print" in text


def test_a_run_that_saw_nobody_has_a_page(frames: Iterator[tuple[Frame, float]]) -> None:
    run = Run(frames)
    run.show(times=3)
    text = sighting_page(run.log, {}, BEGAN, 0)
    assert "None." in text
    assert text.count("<svg") == 1


def test_pictures_are_numbered(frames: Iterator[tuple[Frame, float]]) -> None:
    picture = np.full((120, 160, 3), 90, np.uint8)
    log = SightingLog(ALIKE, is_live=False)
    for n in range(4):
        still = Frame(picture, n, n / 5, still=True)
        shown = replace(face("Ann" if n % 2 else "", seed=n), track_id=None)
        log.add(still, Recognition(n, n / 5, (shown,), StageTimes(1, 1, 1)), 0.4)
    (ann,) = log.people.values()
    assert ann.presence.first == 1
    assert "number of the picture" in sighting_page(log, {}, BEGAN, 0)
