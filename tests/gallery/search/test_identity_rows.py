"""Searching by size: exact, sketched, and on the way from one to the other."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gallery.search.identity_rows import IdentityRows
from gallery.search.tables import SketchTable

DIMENSION = 32
REPRESENTED = 0.7

People = dict[str, NDArray[np.float32]]


def unit(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def one_person(rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Templates whose similarity to each other is about 0.55."""
    centre = unit(rng.normal(size=DIMENSION))
    return unit(0.74 * centre + 0.67 * unit(rng.normal(size=(count, DIMENSION))))


def like(rng: np.random.Generator, templates: NDArray[np.float32]) -> NDArray[np.float32]:
    """(d,): a probe as similar to the person as a template."""
    centre = unit(templates.mean(axis=0))
    return unit(0.74 * centre + 0.67 * unit(rng.normal(size=DIMENSION)))


def brute_force(people: People, probe: NDArray[np.float32]) -> list[tuple[str, float]]:
    """The best of each identity's templates and their mean; best first."""
    best = {
        i: float(max((rows @ probe).max(), unit(rows.mean(axis=0)) @ probe))
        for i, rows in people.items()
    }
    return sorted(best.items(), key=lambda item: -item[1])


def assert_same(
    rows: IdentityRows, people: People, probe: NDArray[np.float32], counts: tuple[int, ...]
) -> None:
    for count in counts:
        found, expected = rows.best(probe, count), brute_force(people, probe)[:count]
        assert [i for i, _ in found] == [i for i, _ in expected]
        np.testing.assert_allclose([s for _, s in found], [s for _, s in expected], atol=1e-5)


@pytest.mark.parametrize("sketched_whole_up_to", [300_000, 0])
def test_all_changes_agree_with_brute_force_over_the_switch_and_back(
    rng: np.random.Generator, sketched_whole_up_to: int
) -> None:
    rows = IdentityRows(DIMENSION, 400, sketched_whole_up_to, REPRESENTED)
    people: People = {}
    seen = set()
    for step in range(700):
        # Some 1,300 rows are reached, a few are left, some hundred come again.
        growing = step < 350 or step > 620
        known = list(people)
        if growing or not known:
            identity_id = f"id {step}"
            people[identity_id] = one_person(rng, int(rng.integers(1, 8)))
            rows.put(identity_id, people[identity_id])
        if known and (not growing or step % 4 == 0):
            gone = known[int(rng.integers(len(known)))]
            del people[gone]
            rows.drop(gone)
        if known and step % 5 == 0 and people:
            more = list(people)[int(rng.integers(len(people)))]
            people[more] = np.vstack([people[more], one_person(rng, 2)])
            rows.put(more, people[more])
        if step % 9 == 0 and people:
            sketched = sum(map(len, people.values())) > 400
            seen.add(sketched)
            shown = list(people)[int(rng.integers(len(people)))]
            counts = (1, 2) if sketched else (1, 2, 5)
            assert_same(rows, people, like(rng, people[shown]), counts)
    assert seen == {True, False}
    for identity_id in list(people):
        rows.drop(identity_id)
    assert rows.best(unit(rng.normal(size=DIMENSION)), 2) == []


@pytest.mark.parametrize("sketched_whole_up_to", [300_000, 500])
def test_of_the_searches_that_exact_gets_right_the_sketch_loses_none_of_200(
    rng: np.random.Generator, sketched_whole_up_to: int
) -> None:
    """2,000 people, far more rows than are compared again."""
    people = {f"id {n}": one_person(rng, 5) for n in range(2_000)}
    exact = IdentityRows(DIMENSION)
    sketched = IdentityRows(DIMENSION, 1_000, sketched_whole_up_to, REPRESENTED)
    for identity_id, templates in people.items():
        exact.put(identity_id, templates)
        sketched.put(identity_id, templates)
    right = 0
    for identity_id in list(people)[::8]:
        probe = like(rng, people[identity_id])
        (expected,) = exact.best(probe, 1)
        if expected[0] == identity_id:
            right += 1
            ((found, similarity),) = sketched.best(probe, 1)
            assert found == identity_id
            assert similarity == pytest.approx(expected[1], abs=1e-5)
    assert right > 200


def test_templates_unlike_their_mean_are_found_beyond_the_whole_sketch(
    rng: np.random.Generator,
) -> None:
    rows = IdentityRows(DIMENSION, 400, 400, REPRESENTED)
    for n in range(1_000):
        rows.put(f"id {n}", one_person(rng, 5))
    apart = np.linalg.qr(rng.normal(size=(DIMENSION, DIMENSION)))[0].astype(np.float32)[:30]
    rows.put("thirty faces", apart)
    for template in apart:
        ((found, similarity),) = rows.best(template, 1)
        assert (found, similarity) == ("thirty faces", pytest.approx(1))


def test_a_sketch_keeps_up_when_one_identity_fills_all_that_was_asked_for(
    rng: np.random.Generator,
) -> None:
    rows = IdentityRows(DIMENSION, 400)
    near = unit(rng.normal(size=DIMENSION))
    rows.put("crowd", unit(near + 0.02 * rng.normal(size=(1_000, DIMENSION))))
    rows.put("far", -near[None])
    assert [i for i, _ in rows.best(near, 2)] == ["crowd", "far"]


def test_above_is_exact_at_every_size(rng: np.random.Generator) -> None:
    people = {f"id {n}": one_person(rng, 3) for n in range(400)}
    for exact_up_to in (100, 100_000):
        rows = IdentityRows(DIMENSION, exact_up_to)
        for identity_id, templates in people.items():
            rows.put(identity_id, templates)
        probes = np.stack([like(rng, people[i]) for i in ("id 3", "id 4")])
        expected: dict[str, float] = {}
        for probe in probes:
            for identity_id, similarity in brute_force(people, probe):
                expected[identity_id] = max(expected.get(identity_id, -1), similarity)
        found = dict(rows.above(probes, 0.3))
        assert found == pytest.approx({i: s for i, s in expected.items() if s > 0.3}, abs=1e-5)
        assert list(found.values()) == sorted(found.values(), reverse=True)
        assert len(found) > 10


def test_dropping_and_adding_cost_no_rebuilding(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sketch is made once, from few rows, and then only kept in step."""
    made = []
    monkeypatch.setattr(
        "gallery.search.identity_rows.SketchTable",
        lambda sample: made.append(len(sample)) or SketchTable(sample),
    )
    rows = IdentityRows(DIMENSION, exact_up_to=20_000)
    for n in range(6_000):
        rows.put(f"id {n}", one_person(rng, 3))
    for n in range(5_000):
        rows.drop(f"id {n}")
    assert len(made) == 1
    assert made[0] < 2_010
    assert rows._sketch is not None
    assert len(rows._sketch) == 4 * 1_000
