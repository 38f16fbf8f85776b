from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QLocale, QPoint, QPointF, Qt
from PyQt5.QtGui import QMouseEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QLabel, QMessageBox, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from common.sentence import Sentence
from desktop.live.calibration.desk import FoundThreshold
from desktop.live.calibration.histogram import LEAP, STEP, ScoreHistogram
from desktop.live.calibration.page import CalibrationPage
from desktop.live.calibration.week import WeekOfVisits
from gallery.calibration import Calibration, Shift
from gallery.identity import Identity
from gallery.likeness.stranger_scores import StrangerScore
from gallery.own_scores import OwnScores
from gallery.threshold import ImpostorScores

LAW = ImpostorScores(0.17, 0.075)


def found(
    once_in: int = 1000, in_use: float | None = None, *, can_return: bool = False,
    wish: float = 0.001, week: WeekOfVisits | None = None,
) -> FoundThreshold:  # fmt: skip
    random = np.random.default_rng(4)
    people = tuple(Identity(f"{i:032}", f"P{i}", datetime.now(UTC)) for i in range(12))
    others = random.normal(0.17, 0.075, (60, 12)).astype(np.float32)
    owners = np.repeat(np.arange(12), 5)
    others[np.arange(60), owners] = np.nan
    own = random.normal(0.7, 0.1, 60).astype(np.float32)
    scores = OwnScores(people, owners, others, own, ())
    calibration = Calibration(LAW, 1 / once_in, 12, 0.3, scores, Shift(0.01, 0.01, 0.04))
    return FoundThreshold(
        calibration,
        calibration.threshold if in_use is None else in_use,
        wish,
        can_return,
        True,
        week or WeekOfVisits(),
    )


@pytest.fixture
def page(qtbot: QtBot) -> CalibrationPage:
    page = CalibrationPage()
    qtbot.addWidget(page)
    page.show()
    page.show_found(found())
    return page


def text_of(page: CalibrationPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def move(widget: QWidget, to: QPoint) -> None:
    event = QMouseEvent(QEvent.MouseMove, QPointF(to), Qt.NoButton, Qt.LeftButton, Qt.NoModifier)
    QApplication.sendEvent(widget, event)


def test_the_line_follows_mouse_and_keys(qtbot: QtBot, page: CalibrationPage) -> None:
    histogram = page.histogram
    start = histogram.threshold
    QTest.keyClick(histogram, Qt.Key_Right)
    QTest.keyClick(histogram, Qt.Key_PageUp)
    assert histogram.threshold == pytest.approx(start + STEP + LEAP)
    assert page.spin.value() == pytest.approx(start + STEP + LEAP, abs=1e-3)
    QTest.keyClick(histogram, Qt.Key_Home)
    assert histogram.threshold == pytest.approx(start)
    at = QPoint(round(histogram._x_of(start)), histogram.height() // 2)
    to = QPoint(round(histogram._x_of(0.6)), at.y())
    move(histogram, to)
    assert histogram.threshold == pytest.approx(start), "only what is held is dragged"
    QTest.mousePress(histogram, Qt.LeftButton, pos=at)
    move(histogram, to)
    QTest.mouseRelease(histogram, Qt.LeftButton, pos=to)
    assert histogram.threshold == pytest.approx(0.6, abs=0.01)
    page.spin.setValue(0.55)
    assert histogram.threshold == pytest.approx(0.55)
    assert "0.550" in histogram.accessibleDescription()


def test_a_looser_line_is_explained_and_cannot_be_used(qtbot: QtBot, page: CalibrationPage) -> None:
    used: list[tuple[float, float]] = []
    page.adopted.connect(lambda *what: used.append(what))
    assert page.adopt.isEnabled()
    page.spin.setValue(page.histogram.threshold - 0.05)
    assert not page.adopt.isEnabled()
    assert f"more often than the {QLocale().toString(1000)}" in page.problem.text()
    page._adopt()
    assert used == []
    page.spin.setValue(page.histogram.threshold + 0.1)
    assert page.problem.isHidden()
    assert "Stricter" in page.verdict.text()
    page.adopt.click()
    assert used == [(0.001, pytest.approx(page.histogram.threshold))]
    assert not page.isEnabled(), "until it is answered"


def test_a_looser_wish_is_asked_about_first(qtbot: QtBot, page: CalibrationPage) -> None:
    used: list[tuple[float, float]] = []
    page.adopted.connect(lambda *what: used.append(what))
    page.show_found(found(100, in_use=0.5))
    for answer, expected in (("Leave it", 0), ("Use the looser one", 1)):
        page.adopt.click()
        (box,) = page.findChildren(QMessageBox)
        assert box.defaultButton().text() == "Leave it"
        (button,) = (b for b in box.buttons() if b.text() == answer)
        with qtbot.waitSignal(box.destroyed):
            button.click()
        assert len(used) == expected
    assert used[0][1] == pytest.approx(found(100).calibration.threshold)


def test_a_wish_is_asked_for_and_what_is_used_needs_no_button(
    qtbot: QtBot, page: CalibrationPage
) -> None:
    asked: list[float | None] = []
    page.asked.connect(asked.append)
    page._wishes.button(100).click()
    assert asked == [0.01]
    page.show_found(found(100, wish=0.01, can_return=True))
    assert page._wishes.checkedId() == 100
    assert page.undo.isEnabled()
    assert not page.adopt.isEnabled()
    page.show_found(found(3333, wish=1 / 3333))
    assert page._wishes.checkedId() == -1, "a wish that is none of the three"
    page.refresh()
    assert asked[-1] == pytest.approx(1 / 3333)


def test_what_it_would_have_done(page: CalibrationPage) -> None:
    assert "nothing can be said" in text_of(page)
    visits = ((0.9, 0.5), (0.52, 0.5))
    page.show_found(found(week=WeekOfVisits(visits, ((0.55, 0.5),), by_code=3)))
    assert "2 of 2 as they were; 0 asked" in text_of(page)
    page.spin.setValue(page.histogram.threshold + 0.1)
    told = text_of(page)
    assert "1 of 2 as they were; 1 asked" in told
    assert "0 of 1 would still have been; 1 not" in told
    assert "of 3 who came in by a code" in told


def test_strangers_whom_the_station_has_seen_count(page: CalibrationPage) -> None:
    one = found()
    strangers = tuple(StrangerScore(similarity, 12) for similarity in (0.2, 0.47, 0.6))
    page.show_found(replace(one, calibration=replace(one.calibration, strangers=strangers)))
    page.spin.setValue(0.5)
    assert "1 of 3 would have got a name" in text_of(page)
    assert "of strangers, the similarity is not kept" not in text_of(page)


def test_an_empty_gallery_says_what_to_do(page: CalibrationPage) -> None:
    page.show_failure(Sentence("Expected people in the gallery, but it is empty. Enroll somebody."))
    assert "Enroll somebody" in text_of(page)
    assert not page.adopt.isEnabled()
    assert page.histogram.isHidden()


def test_the_diagram_has_its_table(page: CalibrationPage) -> None:
    assert page.table.isHidden()
    page.numbers.click()
    assert page.table.isVisible()
    rows = page.histogram.rows
    assert page.table.rowCount() == len(rows) > 10
    assert sum(row[2] for row in rows) == pytest.approx(1)
    assert sum(row[3] for row in rows) == pytest.approx(1)


def test_it_fits_a_small_screen(qtbot: QtBot, page: CalibrationPage) -> None:
    page.numbers.click()
    page.resize(800, 444)
    qtbot.waitExposed(page)
    assert (page.width(), page.height()) == (800, 444)
    area = page.findChild(QScrollArea)
    assert area.horizontalScrollBar().maximum() == 0
    assert page.adopt.geometry().bottom() < page.height()


def test_the_line_is_painted_where_it_is(qtbot: QtBot) -> None:
    histogram = ScoreHistogram()
    qtbot.addWidget(histogram)
    histogram.resize(500, histogram.sizeHint().height())
    one = found()
    scores = one.calibration.scores
    histogram.show_scores(scores.mated, scores.nonmated, 0.4, 0.45)
    histogram.place(0.8)
    picture = histogram.grab().toImage()
    ratio = histogram.devicePixelRatioF()
    y = round((histogram.height() * 0.55) * ratio)

    def shade(similarity: float) -> int:
        return picture.pixelColor(round(histogram._x_of(similarity) * ratio), y).lightness()

    assert shade(0.8) < 90 < shade(0.9)
