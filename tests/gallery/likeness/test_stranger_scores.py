from __future__ import annotations

import stat
from pathlib import Path

import pytest

from common.errors import GalleryError
from gallery.likeness import stranger_scores
from gallery.likeness.stranger_scores import StrangerScore, StrangerScores


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "impostors.db"


def test_a_number_a_visit_is_kept_for_its_model(path: Path) -> None:
    scores = StrangerScores(path, "toy")
    assert scores.all() == []
    scores.add([StrangerScore(0.31249, 12), StrangerScore(0.2, 13)])
    assert StrangerScores(path, "toy").all() == [StrangerScore(0.312, 12), StrangerScore(0.2, 13)]
    assert StrangerScores(path, "another").all() == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_oldest_go(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stranger_scores, "KEPT", 3)
    scores = StrangerScores(path, "toy")
    for n in range(5):
        scores.add([StrangerScore(n / 10, 1)])
    assert [one.similarity for one in scores.all()] == [0.2, 0.3, 0.4]


def test_all_are_forgotten(path: Path) -> None:
    scores = StrangerScores(path, "toy")
    assert scores.forget() == 0
    assert not path.exists()
    scores.add([StrangerScore(0.3, 12)])
    StrangerScores(path, "another").add([StrangerScore(0.3, 12)])
    assert scores.forget() == 2
    assert scores.all() == []


def test_damage_is_told(path: Path) -> None:
    path.write_bytes(b"x" * 5000)
    with pytest.raises(GalleryError):
        StrangerScores(path, "toy").all()
