"""The real station with the real models on a video file: somebody comes, then a stranger.

Runs offscreen, and under an X server where QT_QPA_PLATFORM says xcb.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from PyQt5.QtCore import Qt
from pytestqt.qtbot import QtBot

from capture.opening import open_source
from capture.stills import read_picture
from common.errors import GalleryError, WeightsError
from common.picture import RgbImage
from desktop.home import Home, user_home
from desktop.kiosk.assembly import load_station
from desktop.kiosk.window import StationWindow
from desktop.main import cli
from desktop.settings.file import Settings
from desktop.settings.specs import chosen_guards, recognizer_spec
from gallery.likeness.stranger_scores import StrangerScore, StrangerScores
from models.embedders.sface import SfaceEmbedder
from recognition.assembly import RecognizerSpec, load_recognizer
from recognition.enrollment.photos import read_photos, save_photos
from recognition.recognizer import Recognizer
from station.ledger.entry import Kind
from station.ledger.ledger import Ledger
from station.operation.protection import ProtectionRecord
from station.people.inbox import Inbox
from station.screen import CheckedIn, Idle, Screen, Stranger, Undone
from station.settings import StationSettings
from station.station import Station

FPS = 25
WAIT_MS = 60_000

PERSON, STRANGER = "keanu_reeves", "tina_fey"


@pytest.fixture
def home(tmp_path: Path, shared_data: Path) -> Home:
    """One person is enrolled, from five photos."""
    made = user_home(tmp_path / "home")
    recognizer = load_recognizer(RecognizerSpec(), made.cache, made.gallery)
    with closing(recognizer.gallery):
        photos = sorted((shared_data / "faces/people" / PERSON).glob("*.png"))[:5]
        read, _ = read_photos(recognizer, photos)
        save_photos(recognizer, "Keanu", read, lambda *_: None)
    return made


@pytest.fixture
def video(tmp_path: Path, shared_data: Path) -> Path:
    """An empty room, the person, the room again, the stranger, the room."""
    people = shared_data / "faces/people"
    person, stranger = (read_picture(people / name / "007.png") for name in (PERSON, STRANGER))
    path = tmp_path / "cửa ra vào.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (640, 480))
    random = np.random.default_rng(0)
    for picture, seconds in ((None, 1), (person, 8), (None, 5), (stranger, 8), (None, 2)):
        for frame in scene(picture, seconds * FPS, random):
            writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def scene(picture: RgbImage | None, frames: int, random: np.random.Generator) -> Iterator[RgbImage]:
    """A grey room, and the picture of a face that sways a little in it."""
    room = np.full((480, 640, 3), 120.0) + np.linspace(-20, 20, 640)[:, np.newaxis]
    for index in range(frames):
        shown = room.copy()
        if picture is not None:
            large = cv2.resize(picture, (224, 224), interpolation=cv2.INTER_CUBIC)
            x, y = 208 + round(6 * np.sin(index / 9)), 110 + round(3 * np.sin(index / 7))
            shown[y : y + 224, x : x + 224] = large
        yield np.clip(shown + random.normal(0, 2, shown.shape), 0, 255).astype(np.uint8)


def loaded(
    home: Home, chosen: StationSettings
) -> AbstractContextManager[tuple[Recognizer, Station]]:
    settings = Settings(station=chosen)
    return load_station(home, recognizer_spec(settings), chosen, chosen_guards(settings))


@pytest.fixture
def opened(home: Home, qtbot: QtBot) -> Iterator[Callable[[StationSettings], StationWindow]]:
    windows: list[StationWindow] = []

    def open_window(chosen: StationSettings) -> StationWindow:
        window = StationWindow(
            lambda: loaded(home, chosen), open_source, "Door", "en", lambda screen: None
        )
        qtbot.addWidget(window, before_close_func=StationWindow.leave)
        windows.append(window)
        window.show()
        return window

    yield open_window
    for window in windows:
        window.leave()


def kinds(home: Home) -> list[Kind]:
    with closing(Ledger(home.checkins)) as ledger:
        return [entry.event.kind for entry in ledger.entries()]


def verified(home: Home) -> int:
    return CliRunner().invoke(cli, ["--home", str(home.folder), "checkins", "verify"]).exit_code


def test_the_station_stays_closed_without_its_liveness_network(home: Home, tmp_path: Path) -> None:
    chosen = StationSettings(liveness_network=str(tmp_path / "none.onnx"))
    with pytest.raises(WeightsError, match="liveness_network"), loaded(home, chosen):
        pytest.fail("it opened")


def test_the_station_takes_the_embedders_figures(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(SfaceEmbedder.figures, raised_at_most=0.3)
    monkeypatch.setattr(SfaceEmbedder, "figures", other)
    scores = StrangerScores(home.impostors, SfaceEmbedder.model_id)
    scores.add([StrangerScore(0.3, 1)])
    with loaded(home, StationSettings(stranger_scores=True)) as (recognizer, _):
        assert recognizer.bars is not None
        assert recognizer.bars.raised_at_most == 0.3
        assert len(scores.all()) == 1
    guards = chosen_guards(Settings(station=StationSettings()))
    ProtectionRecord(home.protection).follow_settings(guards, ["station.stranger_scores"])
    with loaded(home, StationSettings()):  # they go with the setting
        assert scores.all() == []


def test_the_station_stays_closed_where_nobody_knows_whose_bar_is_raised(home: Home) -> None:
    home.impostors.write_bytes(b"")
    with pytest.raises(GalleryError, match="impostors"), loaded(home, StationSettings()):
        pytest.fail("it opened")


def test_the_person_is_checked_in_once_and_the_stranger_is_not(
    home: Home, video: Path, opened: Callable[[StationSettings], StationWindow], qtbot: QtBot
) -> None:
    window = opened(StationSettings(liveness="off", keep_pictures=True, card_seconds=3))
    screens: list[Screen] = []
    window.worker.screen_changed.connect(screens.append)
    qtbot.waitUntil(lambda: isinstance(window.screen_shown, Idle), timeout=WAIT_MS)
    window.feed.open(str(video))

    qtbot.waitUntil(lambda: isinstance(window.screen_shown, CheckedIn), timeout=WAIT_MS)
    card = window.screen_shown
    assert isinstance(card, CheckedIn)
    assert (card.name, card.already) == ("Keanu", False)
    assert window.person.not_me_button.isVisible()
    qtbot.waitUntil(lambda: isinstance(window.screen_shown, Stranger), timeout=WAIT_MS)
    assert kinds(home) == [Kind.CHECK_IN]
    assert [type(s) for s in screens].count(CheckedIn) == 1
    window.leave()

    with closing(Ledger(home.checkins)) as ledger:
        entry = ledger.entry(1)
        picture = ledger.picture(1)
    assert (entry.event.name, entry.event.station) == ("Keanu", "Entrance")
    assert entry.event.similarity > entry.event.threshold
    assert picture is not None
    with closing(Inbox(home.inbox)) as inbox:
        assert inbox.all() == []
    assert verified(home) == 0


def test_not_me_undoes_and_a_changed_ledger_shows(
    home: Home, video: Path, opened: Callable[[StationSettings], StationWindow], qtbot: QtBot
) -> None:
    window = opened(StationSettings(liveness="off"))
    qtbot.waitUntil(lambda: isinstance(window.screen_shown, Idle), timeout=WAIT_MS)
    window.feed.open(str(video))
    qtbot.waitUntil(lambda: isinstance(window.screen_shown, CheckedIn), timeout=WAIT_MS)
    qtbot.mouseClick(window.person.not_me_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: isinstance(window.screen_shown, Undone), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: isinstance(window.screen_shown, Idle), timeout=WAIT_MS)
    window.leave()
    # Still the same face, and the same name for the recognizer: not checked in again.
    assert kinds(home) == [Kind.CHECK_IN, Kind.UNDONE]
    assert verified(home) == 0

    with closing(sqlite3.connect(home.checkins)) as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute("UPDATE sealed_entry SET station = 'Another' WHERE number = 1")
        db.commit()
    assert verified(home) == 1
