from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.evidence import CLEAR, MOMENT_S, MOMENTS_KEPT, NO_EVIDENCE, Evidence, Look


def unit(*values: float) -> NDArray[np.float32]:
    row = np.array(values, np.float32)
    return row / np.linalg.norm(row)


def evidence(*looks: Look) -> Evidence:
    joined = NO_EVIDENCE
    for look in looks:
        joined = joined.with_look(look)
    return joined


def test_the_template_is_the_unit_mean_of_looks_at_different_moments() -> None:
    joined = evidence(Look(unit(1, 0), at=0.0), Look(unit(0, 1), at=1.0))
    assert joined.template == pytest.approx(unit(1, 1))
    assert joined.template.dtype == np.float32
    assert joined.likeness(unit(1, 0)) == pytest.approx(0.5**0.5)


def test_a_better_seen_look_weighs_more() -> None:
    joined = evidence(Look(unit(1, 0), 0.6, 0.0), Look(unit(0, 1), 0.2, 1.0))
    assert joined.template == pytest.approx(unit(3, 1))


def test_looks_of_one_moment_count_as_one() -> None:
    three = [Look(unit(1, 0), at=i * MOMENT_S / 4) for i in range(3)]
    joined = evidence(*three, Look(unit(0, 1), at=1.0))
    assert [len(moment) for moment in joined.moments] == [3, 1]
    assert joined.template == pytest.approx(unit(1, 1))
    assert joined.independent == 2


def test_looks_in_a_row_are_not_one_moment_for_ever() -> None:
    joined = evidence(*(Look(unit(1, 0), at=i * MOMENT_S / 2) for i in range(6)))
    assert [len(moment) for moment in joined.moments] == [2, 2, 2]


def test_a_poor_look_is_a_part_of_an_independent_one() -> None:
    joined = evidence(Look(unit(1, 0), 5 * CLEAR, 0.0), Look(unit(1, 0), CLEAR / 4, 1.0))
    assert joined.independent == pytest.approx(1.25)


def test_old_moments_give_way_to_new_ones() -> None:
    looks = [Look(unit(1, i), at=float(i)) for i in range(MOMENTS_KEPT + 3)]
    assert evidence(*looks).looks == tuple(looks[3:])


def test_without_a_look_there_is_no_template() -> None:
    assert NO_EVIDENCE.moments == ()
    assert NO_EVIDENCE.independent == 0
    with pytest.raises(ValueError, match="no look"):
        _ = NO_EVIDENCE.template
