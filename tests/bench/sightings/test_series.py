from __future__ import annotations

import math

import numpy as np
import pytest

from bench.sightings.series import MOST_STEPS, Series, Spread
from bench.sightings.stays import GAP_S, MOST_STRETCHES, Presence


def test_a_series_keeps_every_value_however_long_it_lasts(rng: np.random.Generator) -> None:
    series = Series()
    values = rng.random(5000)
    for at, value in zip(np.linspace(0, 1e5, 5000), values, strict=True):
        series.add(float(at), float(value))
    steps = series.steps
    assert len(steps.at) <= MOST_STEPS
    assert steps.count.sum() == 5000
    assert float((steps.mean * steps.count).sum()) == pytest.approx(values.sum())
    assert (steps.low.min(), steps.high.max()) == (values.min(), values.max())
    assert (steps.low <= steps.mean).all()
    assert (steps.mean <= steps.high).all()


def test_a_series_says_when() -> None:
    series = Series()
    for at, value in ((0.1, 1), (0.2, 3), (40.0, 5)):
        series.add(at, value)
    assert series.steps.at == pytest.approx([0.25, 40.25])
    assert series.steps.mean == pytest.approx([2, 5])
    series.add(300, 7)
    assert series.step_s == 2
    assert series.steps.at == pytest.approx([1, 41, 301])
    assert series.steps.mean == pytest.approx([2, 5, 7])


def test_percentiles_are_within_two_percent(rng: np.random.Generator) -> None:
    spread = Spread()
    values = rng.lognormal(3, 1, 20_000)
    for value in values:
        spread.add(float(value))
    for percent in (1, 50, 99):
        assert spread.percentile(percent) == pytest.approx(np.percentile(values, percent), rel=0.03)
    assert spread.most == values.max()
    assert math.isnan(Spread().percentile(50))


def test_a_short_absence_is_none() -> None:
    presence = Presence()
    for at in (0.0, 1.0, 1.0 + GAP_S, 10.0):
        presence.add(at)
    assert presence.stretches == [(0.0, 1.0 + GAP_S), (10.0, 10.0)]
    assert (presence.visits, presence.frames) == (2, 4)
    assert presence.seconds == 1.0 + GAP_S


def test_somebody_who_comes_ten_thousand_times_takes_no_more_memory() -> None:
    presence = Presence()
    for visit in range(3000):
        presence.add(visit * 10.0 + (100.0 if visit >= 1500 else 0.0))
    assert presence.visits == 3000
    assert len(presence.stretches) == MOST_STRETCHES
    ends = [end for stretch in presence.stretches for end in stretch]
    assert ends == sorted(ends)
    assert any(b - a > 100 for a, b in zip(ends[1::2], ends[2::2], strict=False)), "the longest gap"


def test_two_that_were_one() -> None:
    one, other = Presence(), Presence()
    one.add(0.0)
    one.add(20.0)
    other.add(1.0)
    other.add(30.0)
    one.join(other)
    assert one.stretches == [(0.0, 1.0), (20.0, 20.0), (30.0, 30.0)]
    assert one.frames == 4


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)
