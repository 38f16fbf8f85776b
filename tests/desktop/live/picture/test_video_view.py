from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QColor
from pytestqt.qtbot import QtBot

from capture.frame import Frame
from desktop.live.picture.overlay import NAMED, PENDING, UNKNOWN, face_style
from desktop.live.picture.video_view import OLD_S, VideoView
from gallery.identity import Candidate, Identity, Match
from models.face import Face
from models.quality import Quality
from recognition.decision import Decision
from recognition.liveness.life_watch import LifeSign, SeenLife
from recognition.recognizer import IN_DOUBT, Recognition, RecognizedFace, StageTimes

RED, GREEN = QColor(255, 0, 0), QColor(0, 255, 0)


def frame(at: float = 0.0) -> Frame:
    """(100, 200): the left half is red, the right half green."""
    image = np.zeros((100, 200, 3), np.uint8)
    image[:, :100, 0] = 255
    image[:, 100:, 1] = 255
    return Frame(image, 0, at)


def face(
    decision: Decision | None, box: tuple[int, int, int, int] = (20, 40, 60, 80)
) -> RecognizedFace:
    found = Face(np.array(box, np.float32), 0.9, np.zeros((5, 2), np.float32))
    return RecognizedFace(found, Quality(40, 300, 128, 50, 0, 0, False), 1, decision)


def decision(named: bool) -> Decision:
    nearest = Candidate(Identity("0" * 32, "Zoë", datetime.now(UTC)), 0.83)
    match = Match(nearest.identity, 0.83, 0.4, None) if named else None
    return Decision(match, nearest, None, 0.4, 2, 2, 2, "why")


def recognition(*faces: RecognizedFace, at: float = 0.0) -> Recognition:
    return Recognition(0, at, faces, StageTimes(1, 1, 1))


class Stand:
    """A view of 400 x 300, its frames and its clock."""

    def __init__(self, qtbot: QtBot) -> None:
        self.frame: Frame | None = None
        self.now = 0.0
        self.view = VideoView(lambda: self.frame, clock=lambda: self.now)
        qtbot.addWidget(self.view)
        self.view.resize(400, 300)
        self.view.show()

    def show(self, shown: Frame) -> None:
        self.frame = shown
        self.view.refresh()

    def colour(self, x: int, y: int) -> QColor:
        return self.view.grab().toImage().pixelColor(x, y)


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    made = Stand(qtbot)
    yield made
    made.view.close()


def test_without_a_frame_it_is_black(stand: Stand) -> None:
    assert stand.colour(200, 150) == Qt.black


def test_the_frame_is_as_large_as_fits_in_its_own_colours(stand: Stand) -> None:
    stand.show(frame())
    assert stand.colour(50, 150) == RED
    assert stand.colour(350, 150) == GREEN
    assert stand.colour(50, 40) == Qt.black  # 200:100 in 400x300 leaves 50 above and below
    assert stand.colour(50, 60) == RED


def test_a_new_size_scales_it_anew(stand: Stand) -> None:
    stand.show(frame())
    stand.view.resize(300, 300)
    assert stand.colour(50, 60) == Qt.black
    assert stand.colour(50, 90) == RED


def test_mirrored_the_sides_change_places_and_boxes_follow(stand: Stand) -> None:
    stand.show(frame())
    found = face(None).face
    assert stand.view.box_of(found) == QRectF(40, 130, 80, 80)
    stand.view.is_mirrored = True
    assert stand.colour(50, 150) == GREEN
    assert stand.view.box_of(found) == QRectF(280, 130, 80, 80)


def test_the_kinds_of_faces_differ_in_colour_and_in_line() -> None:
    named, unknown, pending = (face_style(face(d)) for d in (decision(True), decision(False), None))
    assert (named.text, named.detail) == ("Zoë", "0.83")
    assert unknown.text == "Unknown"
    assert (named.colour, unknown.colour, pending.colour) == (NAMED, UNKNOWN, PENDING)
    assert len({named.line, unknown.line, pending.line}) == 3


@pytest.mark.parametrize(
    ("life", "detail", "colour"),
    [
        (SeenLife(LifeSign.NOT_CHECKED), "0.83 · not checked", NAMED),
        (SeenLife(LifeSign.LIVE), "0.83 · live", NAMED),
        (SeenLife(LifeSign.LOOKS_FLAT), "0.83 · looks flat", UNKNOWN),
    ],
)
def test_a_sign_of_life_stands_beside_the_name(life: SeenLife, detail: str, colour: QColor) -> None:
    style = face_style(face(decision(True)), life)
    assert (style.text, style.detail, style.colour) == ("Zoë", detail, colour)
    assert face_style(face(decision(False)), life) == face_style(face(decision(False)))


def test_the_signs_of_another_source_are_forgotten(stand: Stand) -> None:
    found = face(decision(True))
    assert found.track_id is not None
    stand.view.show_life({found.track_id: SeenLife(LifeSign.LIVE)})
    assert stand.view.life_of(found) == SeenLife(LifeSign.LIVE)
    stand.view.clear()
    assert stand.view.life_of(found) is None


def test_a_name_in_doubt_and_a_face_not_seen_clearly_are_no_strangers() -> None:
    doubted = replace(face(replace(decision(False), reason=IN_DOUBT)), doubtful=True)
    unclear = replace(face(decision(False)), unclear=True)
    assert face_style(doubted).text == "…"
    assert face_style(unclear).text == "Not seen clearly"
    assert {face_style(doubted).colour.name(), face_style(unclear).colour.name()} == {
        PENDING.name()
    }


def test_a_named_face_has_its_box_in_the_picture(stand: Stand) -> None:
    stand.show(frame())
    stand.view.show_recognition(recognition(face(decision(True))))
    assert stand.colour(40, 170) == NAMED
    assert stand.colour(120, 170) == NAMED


def test_a_late_recognition_is_shown_for_a_while_and_no_longer(stand: Stand) -> None:
    stand.show(frame(at=3.0))
    stand.view.show_recognition(recognition(face(decision(True)), at=1.0))
    stand.show(frame(at=3.0 + OLD_S))
    assert len(stand.view.faces) == 1
    stand.show(frame(at=3.1 + OLD_S))
    assert stand.view.faces == ()
    assert stand.colour(40, 170) == RED


def test_a_label_stays_within_the_picture(stand: Stand) -> None:
    stand.show(frame())
    stand.view.show_recognition(recognition(face(decision(True), (180, 0, 200, 20))))
    shown = stand.view.grab().toImage()
    right_edge = [shown.pixelColor(398, y) for y in range(90, 130)]
    assert any(colour.lightness() < 60 for colour in right_edge)  # the plate's own dark


def rows_of_white(stand: Stand) -> list[int]:
    image = stand.view.grab().toImage()
    rows = range(image.height())
    return [y for y in rows if any(image.pixelColor(x, y) == Qt.white for x in range(400))]


def test_a_message_without_a_picture_is_in_the_middle(stand: Stand) -> None:
    stand.view.message = "The camera is lost"
    rows = rows_of_white(stand)
    assert 130 < rows[0] < rows[-1] < 170


def test_a_long_message_is_whole_in_a_small_view(stand: Stand) -> None:
    stand.view.resize(400, 110)
    stand.view.message = "The camera is lost, and so on. " * 8
    rows = rows_of_white(stand)
    assert 0 < rows[0] < rows[-1] < 109


def test_a_message_over_a_picture_leaves_the_faces_free(stand: Stand) -> None:
    stand.show(frame())
    stand.view.message = "The camera is lost"
    assert rows_of_white(stand)[0] > 260
    assert stand.view.accessibleDescription() == "The camera is lost"


def test_latency_is_from_the_capture_to_the_first_painting(stand: Stand) -> None:
    stand.show(frame(at=5.0))
    stand.view.show_recognition(recognition(at=5.0))
    stand.now = 5.02
    stand.view.grab()
    stand.now = 6.0
    stand.view.grab()
    assert stand.view.latency_ms == pytest.approx(20)


def test_only_a_click_on_a_face_counts(stand: Stand, qtbot: QtBot) -> None:
    stand.show(frame())
    shown = face(decision(True))
    stand.view.show_recognition(recognition(shown))
    clicked: list[RecognizedFace] = []
    stand.view.face_clicked.connect(clicked.append)
    box = stand.view.box_of(shown.face)
    qtbot.mouseClick(stand.view, Qt.LeftButton, pos=box.center().toPoint())
    qtbot.mouseClick(stand.view, Qt.LeftButton, pos=box.bottomRight().toPoint() * 1.5)
    assert clicked == [shown]


def test_clear_forgets_frame_and_faces(stand: Stand) -> None:
    stand.show(frame())
    stand.view.show_recognition(recognition(face(None)))
    stand.frame = None
    stand.view.clear()
    assert stand.view.faces == ()
    assert stand.colour(200, 150) == Qt.black


def test_the_number_follows_a_name_from_right_to_left(stand: Stand) -> None:
    """The right end of the label is the number's, whatever the name's direction."""
    ends = []
    for name in ("Zoë محمد", "Zoë abcd"):
        stand.show(frame())
        shown = decision(True)
        assert shown.match is not None
        identity = replace(shown.match.identity, name=name)
        named = replace(shown, match=replace(shown.match, identity=identity))
        stand.view.show_recognition(recognition(face(named)))
        image = stand.view.grab().toImage()
        columns = [
            [image.pixelColor(x, y) == Qt.white for y in range(100, 130)] for x in range(400)
        ]
        last = max(x for x, column in enumerate(columns) if any(column))
        ends.append(columns[last - 20 : last + 1])
    assert ends[0] == ends[1]
