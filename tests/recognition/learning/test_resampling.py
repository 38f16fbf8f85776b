from __future__ import annotations

import numpy as np
import pytest

from recognition.learning.resampling import Interval, resamples


@pytest.mark.parametrize("people", [2, 3, 50])
def test_as_many_are_drawn_as_there_are_and_never_one_alone(people: int) -> None:
    drawn = resamples(people)
    assert drawn.shape == (1001, people)
    assert np.all(drawn[0] == 1)
    assert np.all(drawn.sum(axis=1) == people)
    assert np.all((drawn > 0).sum(axis=1) > 1)
    assert np.array_equal(drawn, resamples(people)), "the same each time"


def test_the_interval_of_a_mean_is_the_one_that_theory_gives() -> None:
    values = np.random.default_rng(1).normal(size=400)
    means = resamples(400) @ values / 400
    found = Interval.of(means)
    half = 1.96 * values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx(
        (values.mean() - half, values.mean() + half), abs=0.1 * half
    )
    wider = Interval.of(means, 0.01)
    assert wider.low < found.low < found.high < wider.high


def test_one_person_cannot_be_drawn_again() -> None:
    with pytest.raises(ValueError, match="two people"):
        resamples(1)
