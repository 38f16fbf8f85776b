"""People made of coloured squares, with a detector and an embedder that know them.

A face is a square of blue 250; its red tells the person. So the real recognizer, gallery
and window can be tested without models.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PyQt5.QtCore import QEvent
from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capture.frame import Frame
from capture.source import FrameSource
from common.errors import GalleryError, SourceError
from common.picture import RgbImage
from common.sentence import Sentence
from desktop.home import Home
from desktop.live.window import Window
from desktop.live.worker import Reembed, Worker
from desktop.shared.feed import OpenSource
from gallery.adopted_calibration import FollowedCalibration
from gallery.consents import Consent
from gallery.gallery import Gallery
from gallery.identity import Identity, Template
from gallery.likeness.look_alike_list import LookAlikeList
from gallery.likeness.raised_bars import RaisedBars
from gallery.store import Store
from models.crop import ALIGNED_LANDMARKS
from models.embedders.sface import FIGURES
from models.engines.engine import FloatArray
from models.face import Face
from recognition.recognizer import Recognizer
from recognition.reembedding import Reembedded

MODEL = "squares"
RED_STEP = 30
BLUE = 250
SIDE = 112
GOAL = 5

PATIENCE_MS = 30_000

ANNA, BERTA = 1, 2
"""The reds of two people."""


def picture(*people: int) -> RgbImage:
    """(240, 480, 3): the faces side by side."""
    image = np.full((240, 480, 3), 90, np.uint8)
    coarse = np.random.default_rng(7).integers(60, 250, (28, 28)).astype(np.uint8)
    features = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    for place, person in enumerate(people):
        left = 40 + 150 * place
        square = image[60 : 60 + SIDE, left : left + SIDE]
        square[..., 0], square[..., 1], square[..., 2] = person * RED_STEP, features, BLUE
    return image


class SquareDetector:
    """Finds the squares, from left to right."""

    name = "squares"

    def detect(self, image: RgbImage) -> list[Face]:
        mask = (image[..., 2] == BLUE).astype(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        boxes = sorted(tuple(stats[i, :4]) for i in range(1, count))
        return [self._face(x, y, side) for x, y, side, _ in boxes]

    def parts(self, image: RgbImage) -> int:
        return 1

    def detect_part(self, image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        return self.detect(image)

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        return self.detect(image)

    def _face(self, x: int, y: int, side: int) -> Face:
        box = np.array([x, y, x + side, y + side], np.float32)
        landmarks = ALIGNED_LANDMARKS * (side / SIDE) + np.float32([x, y])
        return Face(box, 0.99, landmarks)


class RedEmbedder:
    """Each person along an axis of their own."""

    model_id = MODEL
    dimension = 8
    figures = replace(FIGURES, nonmated=(0.0, 0.1), nonmated_pairs=(0.0, 0.1))

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        x1, y1, x2, y2 = face.box_xyxy.astype(int)
        return np.ascontiguousarray(image[y1:y2, x1:x2])

    def embed_thoroughly(self, crops: Sequence[RgbImage]) -> FloatArray:
        return self.embed(crops)

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        people = [round(float(np.median(crop[..., 0])) / RED_STEP) for crop in crops]
        return np.eye(self.dimension, dtype=np.float32)[people]


class FullDiskGallery(Gallery):
    """A gallery whose disk can be full, or too full to rename anybody."""

    is_full = False
    refuses_names = False

    def enroll(
        self,
        name: str,
        templates: Sequence[Template],
        note: str = "",
        consent: Consent | None = None,
    ) -> Identity:
        if self.is_full:
            raise GalleryError("room on the disk", "it is full", "Free some space")
        return super().enroll(name, templates, note, consent)

    def rename(self, identity_id: str, name: str) -> Identity:
        if self.refuses_names:
            raise GalleryError("room on the disk", "it is full", "Free some space")
        return super().rename(identity_id, name)


class SquareCamera(FrameSource):
    """Shows what it is told to, until it is unplugged."""

    name = Sentence("camera {}", 0)
    is_live = True
    fps = 200.0
    size = (480, 240)

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._closed = threading.Event()
        self._index = 0

    def read(self) -> Frame | None:
        if self._closed.wait(1 / self.fps):
            return None
        if self._index == self._stage.film_frames:
            return None
        if self._stage.is_unplugged:
            raise SourceError("pictures", "the camera gives none", "Plug it in")
        self._index += 1
        image = self._stage.image.copy()
        image[0, 0] = self._index % 251  # a sensor never gives the same picture twice
        return Frame(image, self._index - 1, self._stage.clock())

    def close(self) -> None:
        self._closed.set()


@dataclass
class Stage:
    """What stands in front of the cameras."""

    clock: Callable[[], float]
    image: RgbImage = field(default_factory=lambda: picture(ANNA))
    is_unplugged: bool = False
    film_frames: int | None = None
    """How long a film is; None where it is a camera."""

    def open(self, spec: str) -> FrameSource:
        if self.is_unplugged:
            raise SourceError("a camera", "there is none", "Plug it in")
        source = SquareCamera(self)
        source.is_live = self.film_frames is None
        return source


@pytest.fixture(autouse=True)
def garbage_between_tests() -> Iterator[None]:
    """Windows of the test before are collected when nothing else is under way: PyQt crashes where
    the collector meets them while another window is being made."""
    gc.disable()
    yield
    if QApplication.instance() is not None:
        QApplication.sendPostedEvents(None, QEvent.DeferredDelete)
    gc.collect()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform warns of what only a screen can do."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))


class PatientQtBot(QtBot):
    """On a machine that others share, what takes a tenth of a second may take five."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return PatientQtBot(request)


@pytest.fixture
def gallery_path(tmp_path: Path) -> Path:
    return tmp_path / "ảnh" / "gallery.db"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Of the station's files; the gallery is at `gallery_path`."""
    return Home(tmp_path, tmp_path)


@pytest.fixture
def load(gallery_path: Path, tmp_path: Path) -> Callable[[], Recognizer]:
    """Makes a recognizer of the gallery in the file, as the worker does in its thread."""
    home = Home(tmp_path, tmp_path)  # the commands' tests call another thing home

    def make() -> Recognizer:
        embedder = RedEmbedder()
        gallery = FullDiskGallery(Store(gallery_path), embedder.model_id, embedder.dimension)
        bars = RaisedBars(home.impostors, gallery, embedder.figures.raised_at_most)
        look_alikes = LookAlikeList(home.impostors, gallery)
        return Recognizer(
            SquareDetector(),
            embedder,
            gallery,
            calibration=FollowedCalibration(home.calibrations, embedder.model_id),
            bars=bars,
            look_alikes=look_alikes,
        )

    return make


def template_of(person: int) -> Template:
    embedder = RedEmbedder()
    image = picture(person)
    crop = embedder.crop(image, SquareDetector().detect(image)[0])
    return Template(embedder.embed([crop])[0], crop, 0.9, MODEL)


@pytest.fixture
def enrolled(load: Callable[[], Recognizer]) -> Callable[..., list[Identity]]:
    """enrolled(Anna=ANNA, ...): puts people into the gallery before a test opens it."""

    def enroll(**people: int) -> list[Identity]:
        gallery = load().gallery
        try:
            return [gallery.enroll(name, [template_of(red)]) for name, red in people.items()]
        finally:
            gallery.close()

    return enroll


@pytest.fixture
def stage() -> Stage:
    return Stage(time.monotonic)


def never_reembed(anyway: bool, told: object, is_stopped: object) -> Reembedded:
    raise AssertionError("the gallery is of the embedder's model")


def make_window(
    load: Callable[[], Recognizer],
    open_source: OpenSource,
    home: Home,
    enrollment_frames: int = 50,
    reembed: Reembed = never_reembed,
) -> Window:
    def make_worker(take: Callable[[], Frame | None]) -> Worker:
        return Worker(
            load, take, home, reembed, station_name="Entrance", enrollment_frames=enrollment_frames
        )

    return Window(make_worker, open_source, language="system", shows_statistics=True)


@pytest.fixture
def window(
    load: Callable[[], Recognizer], stage: Stage, home: Home, qtbot: QtBot
) -> Iterator[Window]:
    """The real window in front of a fake camera, its worker in its thread."""
    shown = make_window(load, stage.open, home, GOAL)
    qtbot.addWidget(shown)
    shown.show()
    shown.open_source("0")
    yield shown
    shown.close()
