"""The two tables of rows against a plain list."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from gallery.search.tables import ExactTable, SketchTable, Table, similarities

DIMENSION = 32

Row = NDArray[np.float32]


def unit_rows(rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    rows = rng.normal(size=(count, DIMENSION)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def changes(table: Table, rng: np.random.Generator) -> Iterator[list[Row]]:
    """What the table should hold, while it grows, shrinks to nothing and grows again."""
    rows: list[Row] = []
    for step in range(400):
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
        yield rows


def test_an_exact_table_holds_what_it_should(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gallery.search.tables._FIRST_BLOCK", 16)
    monkeypatch.setattr("gallery.search.tables._LARGEST_PART", 100)
    table = ExactTable(DIMENSION)
    most = 0
    for rows in changes(table, rng):
        most = max(most, len(rows))
        expected = np.reshape(rows, (-1, DIMENSION))
        parts = list(table.parts())
        assert sum(len(part) for _, part in parts) == len(rows)
        for start, part in parts:
            assert 0 < len(part) <= 100
            np.testing.assert_array_equal(part, expected[start : start + len(part)])
        places = np.flatnonzero(rng.random(len(rows)) < 0.3)
        np.testing.assert_array_equal(table.take(places), expected[places])
    assert most > 1_000


def test_an_exact_table_gives_memory_back(rng: np.random.Generator) -> None:
    table = ExactTable(DIMENSION)
    table.append(unit_rows(rng, 20_000))
    largest = sum(len(block) for block in table._blocks)
    for _ in range(19_990):
        table.pop_into(0)
    assert sum(len(block) for block in table._blocks) < largest / 4


def test_nothing_of_a_removed_row_stays_in_memory(rng: np.random.Generator) -> None:
    table = ExactTable(DIMENSION)
    table.append(unit_rows(rng, 3))
    table.pop_into(0)
    assert table._blocks[0][:2].all()
    assert not table._blocks[0][2].any()


def test_a_changed_sketch_is_as_one_made_anew(rng: np.random.Generator) -> None:
    sample, probes = unit_rows(rng, 1_000), unit_rows(rng, 3)
    table = SketchTable(sample)
    for step, rows in enumerate(changes(table, rng)):
        if rows and step % 5 == 0:
            anew = SketchTable(sample)
            anew.append(np.stack(rows))
            for probe in probes:
                for count in {1, min(50, len(rows)), len(rows)}:
                    found = table.nearest(probe, count).tolist()
                    assert sorted(found) == sorted(anew.nearest(probe, count).tolist())


def test_a_sketch_finds_nearly_always_the_most_similar(rng: np.random.Generator) -> None:
    rows = unit_rows(rng, 3_000)
    sketch = SketchTable(rows[:1_000])
    sketch.append(rows)
    found = [np.argmax(rows @ p) in sketch.nearest(p, 50) for p in unit_rows(rng, 100)]
    assert np.mean(found) > 0.95


def test_an_odd_number_left_over_is_sketched_too(rng: np.random.Generator) -> None:
    rows = unit_rows(rng, 500)[:, :-1].copy()
    sketch = SketchTable(rows)
    sketch.append(rows)
    for place in range(0, 500, 50):
        assert place in sketch.nearest(rows[place], 5)


def test_similarities_are_inner_products(rng: np.random.Generator) -> None:
    rows, probes = unit_rows(rng, 70), unit_rows(rng, 2)
    every_second = np.repeat(probes[0], 2)[::2]  # not contiguous
    np.testing.assert_allclose(similarities(rows, every_second), rows @ probes[0], atol=1e-6)
    assert similarities(rows[:0], probes[0]).shape == (0,)
