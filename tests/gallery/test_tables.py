"""The two tables of rows against a plain list."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gallery.tables import ExactTable, SketchTable, Table

DIMENSION = 32


def unit_rows(rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    rows = rng.normal(size=(count, DIMENSION)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def empty(kind: str) -> Table:
    sample = unit_rows(np.random.default_rng(0), 1000)
    return ExactTable(DIMENSION) if kind == "exact" else SketchTable(sample)


@pytest.mark.parametrize("kind", ["exact", "sketch"])
def test_a_changed_table_is_as_one_made_anew(kind: str, rng: np.random.Generator) -> None:
    table, rows = empty(kind), list[NDArray[np.float32]]()
    probe = unit_rows(rng, 1)
    for step in range(400):
        # It grows, shrinks to nothing, and grows again.
        if rng.random() < (0.8 if step < 150 or step > 300 else 0.05) or not rows:
            added = unit_rows(rng, int(rng.integers(1, 40)))
            table.append(added)
            rows += list(added)
        else:
            for _ in range(min(25, len(rows))):
                place = int(rng.integers(len(rows)))
                table.pop_into(place)
                rows[place] = rows[-1]
                rows.pop()
        if rows and step % 10 == 0:
            anew = empty(kind)
            anew.append(np.stack(rows))
            for count in (1, min(50, len(rows)), len(rows)):
                places, similarities = table.nearest(probe, count)
                expected_places, expected = anew.nearest(probe, count)
                np.testing.assert_allclose(similarities, expected, atol=1e-6)
                assert set(places) == set(expected_places)


def test_exact_over_the_bounds_of_its_blocks(rng: np.random.Generator) -> None:
    rows = unit_rows(rng, 20_000)
    table = ExactTable(DIMENSION)
    for part in np.array_split(rows, [1, 4_000, 9_000]):
        table.append(part)
    probe = unit_rows(rng, 1)
    places, similarities = table.nearest(probe, 700)
    expected = np.argsort(-(rows @ probe[0]), kind="stable")[:700]
    np.testing.assert_allclose(similarities, (rows @ probe[0])[expected], atol=1e-6)
    places.sort()
    np.testing.assert_array_equal(table.take(places), rows[places])
    assert sum(len(part) for _, part in table.parts()) == len(rows)
    for start, part in table.parts():
        np.testing.assert_array_equal(part, rows[start : start + len(part)])


def test_an_odd_number_left_over_is_sketched_too(rng: np.random.Generator) -> None:
    rows = unit_rows(rng, 500)[:, :-1]
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    sketch = SketchTable(rows)
    sketch.append(rows)
    places, similarities = sketch.nearest(rows[3:4], 3)
    assert 3 in places
    np.testing.assert_allclose(similarities, rows[places] @ rows[3], atol=0.2)


def test_nothing_of_a_removed_row_stays_in_memory(rng: np.random.Generator) -> None:
    table = ExactTable(DIMENSION)
    table.append(unit_rows(rng, 3))
    table.pop_into(0)
    ((_, rows),) = table.parts()
    whole = np.lib.stride_tricks.as_strided(rows, (3, DIMENSION))
    assert not whole[2].any()


def test_a_sketch_is_nearly_right(rng: np.random.Generator) -> None:
    rows = unit_rows(rng, 3_000)
    sketch = SketchTable(rows[:1000])
    sketch.append(rows)
    errors = []
    for probe in unit_rows(rng, 20):
        places, similarities = sketch.nearest(probe[None], 100)
        errors += list(similarities - rows[places] @ probe)
    assert np.std(errors) < 0.07  # 0.03 with 128 numbers: it falls with the root of them
