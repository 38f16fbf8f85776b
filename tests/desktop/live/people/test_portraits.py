from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.live.people.portraits import MOST_ASKED, MOST_KEPT, Portraits
from desktop.live.people.summaries import PersonSummary
from desktop.live.people.view import PeopleView

from .test_view import person

RED = np.full((112, 112, 3), (250, 0, 0), np.uint8)


@pytest.fixture
def portraits(qtbot: QtBot) -> Portraits:
    widget = QWidget()
    qtbot.addWidget(widget)
    return Portraits(widget, 48)


def test_what_is_painted_is_asked_for_once_and_kept(portraits: Portraits, qtbot: QtBot) -> None:
    with qtbot.waitSignal(portraits.wanted) as wanted:
        assert portraits.pixmap("a") is portraits.pixmap("b") is None
    assert set(wanted.args[0]) == {"a", "b"}
    assert portraits.pixmap("a") is None
    portraits.put([("a", RED), ("b", None), ("c", RED)])
    kept = portraits.pixmap("a")
    assert kept is not None
    assert (kept.width(), len(portraits)) == (48, 2)
    assert portraits.pixmap("b").isNull()
    with qtbot.assertNotEmitted(portraits.wanted, wait=50):
        portraits.pixmap("a")
    portraits.forget("a")
    with qtbot.waitSignal(portraits.wanted):
        assert portraits.pixmap("a") is None


def test_one_request_is_under_way_and_what_was_scrolled_past_is_left(
    portraits: Portraits, qtbot: QtBot
) -> None:
    asked: list[tuple[str, ...]] = []
    portraits.wanted.connect(asked.append)
    portraits.pixmap("first")
    qtbot.waitUntil(lambda: len(asked) == 1)
    for row in range(1000):
        portraits.pixmap(str(row))
    qtbot.wait(20)
    assert asked == [("first",)]
    portraits.put([("first", RED)])
    assert set(asked[1]) == {str(row) for row in range(1000 - MOST_ASKED, 1000)}


def test_of_ten_thousand_people_few_portraits_are_kept(qtbot: QtBot) -> None:
    view = PeopleView()
    qtbot.addWidget(view)
    view.resize(300, 500)
    view.portraits_wanted.connect(lambda ids: view.put_portraits([(i, RED) for i in ids]))
    people: list[PersonSummary] = [person(n, f"Person {n:05d}") for n in range(10_000)]
    view.show_people(people)
    view.show()
    first = view.list.visualItemRect(view.list.item(0)).center()

    def red() -> int:
        return view.list.viewport().grab().toImage().pixelColor(24, first.y()).red()

    qtbot.waitUntil(lambda: red() == 250)
    assert len(view._portraits) < 20
    for row in range(0, 10_000, 20):
        view.list.scrollToItem(view.list.item(row))
        view.list.viewport().grab()
        qtbot.wait(1)
    assert 20 < len(view._portraits) <= MOST_KEPT
