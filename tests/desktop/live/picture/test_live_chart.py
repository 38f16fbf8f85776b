from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from common.sentence import Sentence
from desktop.live.picture.live_chart import KEPT, LiveChart
from desktop.live.picture.video_view import VideoView
from gallery.identity import Candidate, Identity
from models.face import Face
from recognition.decision import Decision
from recognition.recognizer import Recognition, RecognizedFace, StageTimes


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def face(similarity: float, track: int = 1, look: int = 0) -> RecognizedFace:
    nearest = Candidate(Identity("0" * 32, "<b>Ánh", datetime.now(UTC)), similarity)
    decision = Decision(None, nearest, None, 0.42, 1, 1, 1, Sentence("x"))
    box = np.array([0, 0, 9, 9], np.float32)
    found = Face(box, 1.0, np.zeros((5, 2), np.float32))
    return RecognizedFace(found, None, track, decision, EMBEDDINGS[look])


EMBEDDINGS = [np.zeros(4, np.float32) for _ in range(5)]


def seen(*faces: RecognizedFace) -> Recognition:
    return Recognition(0, 0.0, faces, StageTimes(1, 1, 1))


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def chart(qtbot: QtBot, time: Time) -> LiveChart:
    view = VideoView(lambda: None)
    qtbot.addWidget(view)
    view.latency_ms = 80.0
    chart = LiveChart(view, time)
    qtbot.addWidget(chart)
    return chart


def test_it_says_how_fast_and_how_similar(chart: LiveChart, time: Time) -> None:
    chart.follow(face(0.5))
    for second in range(2):
        for frame in range(20):
            chart.count(seen(face(0.6 + second / 10, look=frame // 5), face(0.2, track=2)))
        time.now += 1
        chart.take_values()
    values = dict(chart.rows)
    assert values["frames a second"] == "20 (⌀ 20, 20–20)"
    assert values["latency, ms"] == "80 (⌀ 80, 80–80)"
    assert values["looks a second"].startswith("4.0 "), "four new ones, and the other face's none"
    (told,) = (told for name, told in chart.rows if "Ánh" in name)
    assert told == "0.70 (⌀ 0.65, 0.60–0.70)"
    assert "&lt;b&gt;" in chart.toolTip()


def test_a_face_that_is_gone_leaves_a_gap(chart: LiveChart, time: Time) -> None:
    chart.follow(face(0.5))
    for _ in range(2):
        time.now += 1
        chart.take_values()
    assert chart.rows[-1][1] == "– (⌀ 0.50, 0.50–0.50)"
    chart.follow(face(0.8, track=7))
    assert chart.rows[-1][1] == "–", "another face is another line"


def test_its_memory_is_bounded_and_it_is_painted(chart: LiveChart, time: Time) -> None:
    chart.resize(600, chart.sizeHint().height())
    before = chart.grab().toImage()
    for n in range(KEPT + 50):
        chart.count(seen(face(0.6)))
        time.now += 0.1 + (n % 7) / 50
        chart.take_values()
    assert {len(values) for values in chart._values} == {KEPT}
    assert chart.grab().toImage() != before


def test_it_counts_only_while_it_is_shown(qtbot: QtBot, chart: LiveChart) -> None:
    assert not chart._timer.isActive()
    chart.show()
    assert chart._timer.isActive()
    chart.hide()
    assert not chart._timer.isActive()
