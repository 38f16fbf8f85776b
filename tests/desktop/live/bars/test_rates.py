from __future__ import annotations

from desktop.live.bars.rates import Rate


def test_it_tells_how_often_a_counter_moved_on() -> None:
    now = 10.0
    rate = Rate(clock=lambda: now)
    now = 12.0
    assert rate.since_last(60) == 30.0
    now = 13.0
    assert rate.since_last(75) == 15.0


def test_a_counter_that_began_anew_counts_from_zero() -> None:
    now = 0.0
    rate = Rate(clock=lambda: now)
    now = 1.0
    rate.since_last(100)
    now = 2.0
    assert rate.since_last(5) == 5.0


def test_no_time_no_rate() -> None:
    assert Rate(clock=lambda: 0.0).since_last(5) == 0.0
