from __future__ import annotations

from pytestqt.qtbot import QtBot

from capture.latest import SourceState
from desktop.shared.feed import Feed
from tests.desktop.conftest import Stage


def test_one_signal_is_on_its_way_until_the_frame_is_taken(stage: Stage, qtbot: QtBot) -> None:
    feed = Feed(stage.open)
    arrivals: list[int] = []
    feed.frame_arrived.connect(lambda: arrivals.append(1))
    assert feed.peek() is None
    assert feed.take() is None
    feed.open("0")
    qtbot.waitUntil(lambda: feed.dropped > 3)
    assert arrivals == [1]
    assert feed.take() is not None
    qtbot.waitUntil(lambda: arrivals == [1, 1])
    feed.close()


def test_another_source_is_opened_in_the_place_of_the_first(stage: Stage, qtbot: QtBot) -> None:
    feed = Feed(stage.open)
    feed.open("0")
    qtbot.waitUntil(lambda: feed.peek() is not None)
    with qtbot.waitSignals([feed.opened, feed.status_changed, feed.frame_arrived]):
        feed.open("1")
    assert feed.spec == "1"
    feed.close()
    assert feed.peek() is None
    assert feed.dropped == 0


def test_it_tells_how_the_source_does(stage: Stage, qtbot: QtBot) -> None:
    feed = Feed(stage.open)
    states: list[SourceState] = []
    feed.status_changed.connect(lambda status: states.append(status.state))
    feed.open("0")
    qtbot.waitUntil(lambda: states == [SourceState.OPENING, SourceState.LIVE])
    stage.is_unplugged = True
    qtbot.waitUntil(lambda: states[2:3] == [SourceState.LOST])
    feed.close()
