"""People in 16 dimensions whose answers are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gallery.gallery import Gallery
from gallery.identity import Identity, Template
from gallery.store import Store
from recognition.learning.labelled import LabelledRows

MODEL, DIMENSION = "toy-16", 16
CROP = np.zeros((4, 4, 3), np.uint8)

MakeRows = Callable[..., NDArray[np.float32]]


@pytest.fixture
def make_rows() -> MakeRows:
    """make_rows(axis, count, seed): unit rows around an axis, each a little beside it."""

    def make(axis: int, count: int = 4, seed: int = 0, noise: float = 0.15) -> NDArray[np.float32]:
        rng = np.random.default_rng((axis, seed))
        rows = np.eye(DIMENSION)[axis] + noise * rng.normal(size=(count, DIMENSION))
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    return make


@pytest.fixture
def six_people(make_rows: MakeRows) -> LabelledRows:
    """a to f, four rows each."""
    return LabelledRows.of((name, make_rows(axis)) for axis, name in enumerate("abcdef"))


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    opened = Gallery(Store(tmp_path / "gallery.db"), MODEL, DIMENSION)
    yield opened
    opened.close()


Enroll = Callable[..., Identity]


@pytest.fixture
def enroll(gallery: Gallery, make_rows: MakeRows) -> Enroll:
    """enroll(name, axis, count): somebody around an axis."""

    def enroll(name: str, axis: int, count: int = 4, seed: int = 0) -> Identity:
        rows = make_rows(axis, count, seed)
        return gallery.enroll(name, [Template(row, CROP, 1.0, MODEL) for row in rows])

    return enroll
