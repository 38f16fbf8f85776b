"""The real window with the real models on a video file: enroll by the button, see the name.

Runs offscreen, and under an X server where QT_QPA_PLATFORM says xcb.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from capture.demo import DemoSource
from capture.opening import open_source
from desktop.home import Home, user_home
from desktop.live.picture.overlay import NAMED, UNKNOWN
from desktop.live.window import Window
from recognition.assembly import RecognizerSpec, load_models, load_recognizer
from recognition.recognizer import Recognition
from tests.desktop.conftest import make_window

SECONDS = 30
PLAYING_MS = SECONDS * 1000


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty gallery. The models are converted before, where that was not done yet."""
    made = user_home(tmp_path / "home")
    load_models(RecognizerSpec(), made.cache)
    return made


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """The demo's face, seen by a webcam for half a minute."""
    path = tmp_path / "một khuôn mặt.avi"
    source = DemoSource(frames=SECONDS * 30)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), source.fps, source.size)
    while (frame := source.read()) is not None:
        writer.write(cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def painted(window: Window, colour: QColor) -> bool:
    """Whether the picture, with what lies over it, shows a line of this colour."""
    image = window.view.grab().toImage().convertToFormat(QImage.Format_RGB32)
    pixels = np.frombuffer(image.bits().asarray(image.sizeInBytes()), np.uint32)
    return int((pixels == colour.rgb()).sum()) > 100


def test_a_person_enrolled_by_the_button_is_named(video: Path, home: Home, qtbot: QtBot) -> None:
    names: list[str | None] = []

    def keep_names(recognition: Recognition) -> None:
        names.extend(f.match.identity.name if f.match else None for f in recognition.faces)

    window = make_window(
        lambda: load_recognizer(RecognizerSpec(), home.cache, home.gallery), open_source, home
    )
    qtbot.addWidget(window)
    window.worker.recognized.connect(keep_names)
    window.show()
    qtbot.waitUntil(window.idle_strip.enroll.isEnabled)
    window.open_source(str(video))
    qtbot.waitUntil(lambda: len(names) > 10, timeout=PLAYING_MS)
    qtbot.waitUntil(lambda: painted(window, UNKNOWN))
    assert not painted(window, NAMED)

    dialog = window.enroll_dialog
    qtbot.mouseClick(window.idle_strip.enroll, Qt.LeftButton)
    qtbot.keyClicks(dialog.name_page.field, "Eileen")
    qtbot.mouseClick(dialog.name_page.start, Qt.LeftButton)
    qtbot.waitUntil(dialog.review_page.save.isVisible, timeout=PLAYING_MS)
    assert dialog.capture_page.bar.value() == 50
    assert set(names) == {None}
    assert not dialog.review_page.save.isEnabled()  # the film is of a picture
    dialog.review_page.anyway.click()
    qtbot.mouseClick(dialog.review_page.save, Qt.LeftButton)

    qtbot.waitUntil(lambda: "Eileen" in names, timeout=PLAYING_MS)
    qtbot.waitUntil(lambda: painted(window, NAMED))
    assert window.people.list.item(0).text() == "Eileen"
    window.close()
