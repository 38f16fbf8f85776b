"""People with names of every script, of the kinds that folders, tables and arrays do not take."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gallery.crops import NO_CROP
from gallery.identity import FaceView, Identity, Template
from recognition.formats.contents import EnrolledPerson

MODEL = "toy-32"
DIMENSION = 32

NAMES = (
    "Nguyễn Thị Ánh",
    "山田 太郎",
    "محمد العلي",
    "Ольга",
    'O\'Brien, "Pat"; =1+1',
    "a/b\\c:d*e?",
    "CON",
    "..",
    "ann",
    "Ann",
    "😀 👩‍👩‍👧",
    "x" * 200,
    "कृष्ण",
)


class Payload:
    """Writes a file where it is unpickled carelessly."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch '{self.target}'",)


@dataclass(frozen=True)
class Crowd:
    """Makes people whose embeddings and crops are random."""

    rng: np.random.Generator

    def rows(self, count: int, dimension: int = DIMENSION) -> NDArray[np.float32]:
        rows = self.rng.normal(size=(count, dimension))
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    def templates(self, count: int, *, crops: bool = True) -> tuple[Template, ...]:
        return tuple(
            Template(
                row,
                self.rng.integers(0, 256, (112, 112, 3), np.uint8) if crops else NO_CROP,
                float(self.rng.uniform()),
                MODEL,
                "toy-part" if crops and number % 2 else "",
                self._view() if crops and not number % 2 else None,
            )
            for number, row in enumerate(self.rows(count))
        )

    def _view(self) -> FaceView:
        picture = self.rng.integers(0, 256, (90, 80, 3), np.uint8)
        return FaceView.from_numbers(picture, self.rng.uniform(0, 80, 14).astype(np.float32))

    def person(self, name: str, count: int = 2, *, crops: bool = True) -> EnrolledPerson:
        at = datetime(2024, 2, 29, 8, 30, 1, int(self.rng.integers(1_000_000)), tzinfo=UTC)
        who = Identity(self.rng.bytes(16).hex(), name, at, f"a note\non {name}")
        return EnrolledPerson(who, self.templates(count, crops=crops))


@pytest.fixture
def crowd() -> Crowd:
    return Crowd(np.random.default_rng(13))


@pytest.fixture
def people(crowd: Crowd) -> list[EnrolledPerson]:
    return [crowd.person(name, 1 + number % 3) for number, name in enumerate(NAMES)]


@pytest.fixture
def payload(tmp_path: Path) -> Payload:
    return Payload(tmp_path / "was carried out")


@pytest.fixture(autouse=True)
def nothing_was_carried_out(tmp_path: Path):
    yield
    assert not (tmp_path / "was carried out").exists()
