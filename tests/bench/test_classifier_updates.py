from __future__ import annotations

import numpy as np
import pytest

from bench.classifier_updates import measure_updates
from bench.labelled_probes import ProbedPeople
from common.extras import is_installed


@pytest.mark.skipif(not is_installed("learn"), reason="no scikit-learn")
def test_updates_are_compared_with_training_anew() -> None:
    rng = np.random.default_rng(0)
    rows = np.eye(16)[:4, np.newaxis] + 0.1 * rng.normal(size=(2, 4, 8, 16))
    rows = (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
    people = ProbedPeople("toy", tuple("abcd"), {"plain": rows[0], "degraded": rows[1]})
    steps: list[int] = []
    figures = measure_updates(people, lambda: steps.append(1))
    assert len(steps) == 4
    assert [each.change for each in figures] == ["one person more", "one correction", "one less"]
    assert [each.probes for each in figures] == [48, 48, 36]
    assert all(each.updated_errors == each.full_errors == 0 for each in figures)
    assert all(each.agree == 1 for each in figures)
    assert all(each.ratio > 1 for each in figures)
