from __future__ import annotations

import numpy as np
import pytest

from models.engines.engine import FloatArray
from recognition.enrollment.belonging import groups_of_people, is_anybodys_guess, two_groups


def faces(*counts: int, seed: int = 0) -> FloatArray:
    """So many pictures of each person: each pair of one person's is similar by 0.5."""
    rng = np.random.default_rng(seed)
    rows = []
    for person, count in enumerate(counts):
        own = rng.normal(0, 1, (count, 512)) / np.sqrt(512)
        own[:, person] += 1
        rows.append(own)
    all_rows = np.concatenate(rows)
    return np.asarray(all_rows / np.linalg.norm(all_rows, axis=1, keepdims=True), np.float32)


def test_pictures_of_one_person_are_one_group() -> None:
    assert groups_of_people(faces(8), 0.24) == [list(range(8))]
    assert groups_of_people(faces(1), 0.24) == [[0]]
    assert groups_of_people(faces(0), 0.24) == []


def test_a_stranger_who_resembles_one_picture_is_found() -> None:
    rows = faces(9, 1)
    mixed = rows[9] + 0.75 * rows[0]
    rows[9] = mixed / np.linalg.norm(mixed)
    assert rows[9] @ rows[0] > 0.5, "as like as own pictures are to each other"
    assert groups_of_people(rows, 0.35) == [list(range(9)), [9]]


@pytest.mark.parametrize(
    ("counts", "guess"),
    [
        ((5,), False),
        ((4, 1), False),
        ((2, 1), False),
        ((7, 3), False),
        ((3, 1, 1), False),
        ((1, 1), True),
        ((1, 1, 1), True),
        ((2, 1, 1), True),
        ((3, 2), True),
        ((5, 5), True),
        ((6, 4), True),
        ((6, 3), True),
    ],
)
def test_when_nobody_can_say_who_is_meant(counts: tuple[int, ...], guess: bool) -> None:
    groups = groups_of_people(faces(*counts), 0.24)
    assert tuple(map(len, groups)) == counts
    assert is_anybodys_guess(groups) == guess


def test_the_order_of_the_pictures_does_not_matter() -> None:
    rows = faces(6, 2, 1)
    order = np.random.default_rng(1).permutation(9)
    found = groups_of_people(rows[order], 0.24)
    assert [sorted(order[group].tolist()) for group in found] == [
        [0, 1, 2, 3, 4, 5],
        [6, 7],
        [8],
    ]


@pytest.mark.parametrize("counts", [(1, 1), (4, 1), (3, 3), (9, 4)])
def test_two_people_are_parted(counts: tuple[int, int]) -> None:
    rows = faces(*counts)
    order = np.random.default_rng(3).permutation(len(rows))
    first = sorted(np.flatnonzero(order < counts[0]).tolist())
    groups = two_groups(rows[order])
    assert len(groups) == 2
    assert first in groups


def test_one_persons_pictures_are_parted_too() -> None:
    assert sorted(i for group in two_groups(faces(5)) for i in group) == list(range(5))
