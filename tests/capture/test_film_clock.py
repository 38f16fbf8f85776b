from __future__ import annotations

from itertools import pairwise

import pytest

from capture.film_clock import MAX_GAP_S, FilmClock


def times(stamps: list[float], fps: float = 25.0) -> list[float]:
    clock = FilmClock(fps)
    return [round(clock.next_time(stamp), 6) for stamp in stamps]


def test_a_varying_rate_is_followed() -> None:
    assert times([0.0, 0.033, 0.067, 1.067, 3.0]) == [0.0, 0.033, 0.067, 1.067, 3.0]


def test_stamps_in_whole_milliseconds_do_not_blur_an_even_rate() -> None:
    clock = FilmClock(30.0)
    assert [clock.next_time(round(i / 30, 3)) for i in range(100)] == [i / 30 for i in range(100)]


def test_the_first_frame_is_the_beginning() -> None:
    assert times([7.0, 7.5, 9.0]) == [0.0, 0.5, 2.0]


@pytest.mark.parametrize("fps", [1.0, 25.0, 120.0])
def test_without_stamps_the_rate_counts(fps: float) -> None:
    assert times([0.0] * 5, fps) == [round(i / fps, 6) for i in range(5)]


def test_stamps_that_start_over_go_on_where_they_were() -> None:
    assert times([0.0, 1.0, 2.0, 0.5, 1.0, 3.0], 10.0) == [0.0, 1.0, 2.0, 2.1, 2.6, 4.6]


def test_a_stamp_beyond_any_pause_is_not_believed() -> None:
    assert times([0.0, 2 * MAX_GAP_S, 2 * MAX_GAP_S + 1], 10.0) == [0.0, 0.1, 1.1]


@pytest.mark.parametrize("fps", [0.5, 24.0, 999.0])
def test_time_never_stands_nor_turns_back(fps: float) -> None:
    ticks = [0.0, 0.001, 0.001, 0.0015, 0.9, 0.0, 5000.0, 5000.04, 5000.04, -3.0, -2.9995]
    given = times(ticks * 3, fps)
    assert all(a < b for a, b in pairwise(given))
