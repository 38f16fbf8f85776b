"""A window whose gallery is of another model: it says so, and embeds it again when it is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from pytestqt.qtbot import QtBot

from common.errors import GalleryError
from common.picture import RgbImage
from desktop.home import Home
from desktop.live.window import Window
from gallery.crops import to_png
from gallery.gallery import Gallery
from gallery.identity import Identity
from gallery.store import Store
from models.engines.engine import FloatArray
from recognition.recognizer import Recognizer
from recognition.reembedding import Reembedded, reembed
from tests.desktop.conftest import (
    ANNA,
    BERTA,
    GOAL,
    MODEL,
    RedEmbedder,
    SquareDetector,
    Stage,
    make_window,
)

Enrolled = Callable[..., list[Identity]]


class NewEmbedder(RedEmbedder):
    """As RedEmbedder, with more numbers. Works when it may: each crop waits for a permit."""

    model_id = "new"
    dimension = 12

    def __init__(self) -> None:
        self.permits = threading.Semaphore(1000)
        self.is_full = False

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        self.permits.acquire()
        if self.is_full:
            raise GalleryError("room on the disk", "it is full", "Free some space")
        return super().embed(crops)


@pytest.fixture
def embedder() -> NewEmbedder:
    return NewEmbedder()


@pytest.fixture
def open_window(
    embedder: NewEmbedder, gallery_path: Path, stage: Stage, home: Home, qtbot: QtBot
) -> Iterator[Callable[[], Window]]:
    """Opens a window of the new model on the gallery of the old one."""
    opened: list[Window] = []

    def load() -> Recognizer:
        store = Store(gallery_path)
        try:
            gallery = Gallery(store, embedder.model_id, embedder.dimension)
        except GalleryError:
            store.close()
            raise
        return Recognizer(SquareDetector(), embedder, gallery)

    def again(
        anyway: bool, told: Callable[[int, int], None], is_stopped: Callable[[], bool]
    ) -> Reembedded:
        with closing(Store(gallery_path)) as store:
            return reembed(
                *(store, embedder, SquareDetector().detect),
                anyway=anyway,
                told=told,
                is_stopped=is_stopped,
            )

    def open_window() -> Window:
        window = make_window(load, stage.open, home, GOAL, again)
        opened.append(window)
        qtbot.addWidget(window)
        window.show()
        window.open_source("0")
        qtbot.waitUntil(window.reembed_bar.isVisible)
        return window

    yield open_window
    for window in opened:
        window.close()


def model_of(path: Path) -> str:
    with closing(Store(path)) as store:
        model = store.model()
    assert model is not None
    return model[0]


def names_on_show(window: Window) -> list[str | None]:
    return [f.match.identity.name if f.match else None for f in window.view.faces]


def test_it_says_so_and_embeds_the_gallery_again(
    open_window: Callable[[], Window], enrolled: Enrolled, qtbot: QtBot, embedder: NewEmbedder
) -> None:
    enrolled(Anna=ANNA, Berta=BERTA)
    window = open_window()
    assert f"another model, {MODEL}" in window.reembed_bar.label.text()
    assert "Nobody" not in window.idle_strip.hint.text()
    assert "once the gallery is embedded" in window.idle_strip.hint.text()
    assert not window.idle_strip.enroll.isEnabled()
    qtbot.mouseClick(window.reembed_bar.begin, Qt.LeftButton)
    assert not window.reembed_bar.begin.isEnabled()
    qtbot.waitUntil(lambda: names_on_show(window) == ["Anna"])
    assert window.reembed_bar.isHidden()
    assert window.idle_strip.enroll.isEnabled()
    assert window.people.list.count() == 2


def test_it_shows_how_far_it_is_and_can_be_closed_meanwhile(
    open_window: Callable[[], Window],
    enrolled: Enrolled,
    qtbot: QtBot,
    embedder: NewEmbedder,
    gallery_path: Path,
) -> None:
    enrolled(**{f"Person {i}": ANNA for i in range(40)})
    embedder.permits = threading.Semaphore(20)
    window = open_window()
    qtbot.mouseClick(window.reembed_bar.begin, Qt.LeftButton)
    bar = window.reembed_bar.progress
    qtbot.waitUntil(lambda: (bar.value(), bar.maximum()) == (16, 40))
    assert bar.isVisible()
    window.worker.stop()
    embedder.permits.release(20)  # the picture that is being embedded is the last
    window.close()
    assert model_of(gallery_path) == MODEL
    with closing(Store(gallery_path)) as store:
        begun = store.sets.of("new")
        assert begun is not None
        assert 19 <= store.sets.count_without(begun) <= 24


def test_what_stops_it_is_told_and_it_is_offered_again(
    open_window: Callable[[], Window],
    enrolled: Enrolled,
    qtbot: QtBot,
    embedder: NewEmbedder,
    gallery_path: Path,
) -> None:
    enrolled(Anna=ANNA)
    embedder.is_full = True
    window = open_window()
    qtbot.mouseClick(window.reembed_bar.begin, Qt.LeftButton)
    qtbot.waitUntil(window.notice.isVisible)
    assert "room on the disk" in window.notice.label.text()
    assert model_of(gallery_path) == MODEL
    assert window.reembed_bar.begin.isEnabled()
    assert window.reembed_bar.progress.isHidden()


def test_who_would_be_left_out_is_named_first(
    open_window: Callable[[], Window], enrolled: Enrolled, qtbot: QtBot, gallery_path: Path
) -> None:
    enrolled(Anna=ANNA, Berta=BERTA)
    with closing(Store(gallery_path)) as store:
        faceless = to_png(np.zeros((40, 40, 3), np.uint8))
        store._db.execute("UPDATE crop SET png = ? WHERE template_id = 2", (faceless,))
    window = open_window()
    begin = window.reembed_bar.begin
    qtbot.mouseClick(begin, Qt.LeftButton)
    qtbot.waitUntil(lambda: "without them" in begin.text())
    assert "Berta" in window.reembed_bar.label.text()
    assert "Anna" not in window.reembed_bar.label.text()
    assert model_of(gallery_path) == MODEL
    qtbot.mouseClick(begin, Qt.LeftButton)
    qtbot.waitUntil(lambda: window.people.list.count() == 2)
    assert "Berta" in window.notice.label.text()
    assert model_of(gallery_path) == "new"


@pytest.mark.parametrize("is_measured", [True, False])
def test_figures_that_were_not_measured_are_shown(
    load: Callable[[], Recognizer], stage: Stage, home: Home, qtbot: QtBot, is_measured: bool
) -> None:
    def with_figures() -> Recognizer:
        recognizer = load()
        figures = recognizer.embedder.figures
        recognizer.embedder.figures = replace(figures, is_measured=is_measured)
        return recognizer

    window = make_window(with_figures, stage.open, home)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: "press Enroll" in window.idle_strip.hint.text())
    assert window.status.careful.isVisible() != is_measured
    if not is_measured:
        assert MODEL in window.status.careful.toolTip()
        assert "facedesk evaluate FOLDER --adopt" in window.status.careful.toolTip()
    window.close()


def test_a_window_that_another_program_overtakes_names_nobody(
    window: Window, enrolled: Enrolled, qtbot: QtBot, gallery_path: Path
) -> None:
    """What is changed in the gallery from then on, it would not see."""
    enrolled(Anna=ANNA)
    qtbot.waitUntil(lambda: names_on_show(window) == ["Anna"])
    with closing(Store(gallery_path)) as store:
        assert reembed(store, NewEmbedder(), SquareDetector().detect).is_done
    qtbot.waitUntil(window.notice.isVisible)
    assert "facedesk gallery reembed" in window.notice.label.text()
    assert not window.idle_strip.enroll.isEnabled()
    assert "start Facedesk again" in window.idle_strip.hint.text()
