from __future__ import annotations

from station.screen import Help
from station.visits.help_line import HelpLine


def test_a_line_stays_to_be_read() -> None:
    line = HelpLine()
    assert line.want(Help.LOOK_HERE, 0.0) is Help.LOOK_HERE
    assert line.want(Help.HOLD_STILL, 0.1) is Help.LOOK_HERE
    assert line.want(Help.HOLD_STILL, 0.7) is Help.LOOK_HERE
    assert line.want(Help.HOLD_STILL, 0.9) is Help.HOLD_STILL


def test_what_changes_all_the_time_changes_nothing() -> None:
    line = HelpLine()
    line.want(Help.LOOK_HERE, 0.0)
    for i in range(1, 100):
        wanted = Help.HOLD_STILL if i % 4 else Help.COME_CLOSER
        assert line.want(wanted, 5 + i * 0.06) is Help.LOOK_HERE


def test_once_cleared_the_next_line_comes_at_once() -> None:
    line = HelpLine()
    line.want(Help.LOOK_HERE, 0.0)
    line.clear()
    assert line.want(Help.HOLD_STILL, 0.1) is Help.HOLD_STILL
