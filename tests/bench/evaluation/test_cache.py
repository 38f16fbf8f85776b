from __future__ import annotations

import os
import stat
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from bench.evaluation import cache as module
from bench.evaluation.cache import KEPT_DAYS, CachedFace, EmbeddingCache, forget

DAY = date(2026, 3, 1)


def opened(folder: Path, model: str = "m", days: int = 0, dimension: int = 4) -> EmbeddingCache:
    return EmbeddingCache(folder, model, dimension, lambda: DAY + timedelta(days=days))


def face(value: float = 0.5) -> CachedFace:
    return CachedFace(np.full(4, value, np.float32), 0.75, 3)


def filled(folder: Path, model: str = "m") -> bytes:
    kept = opened(folder, model)
    kept.put(b"d" * 32, face())
    kept.save()
    return b"d" * 32


def test_what_was_put_is_there_the_next_time(tmp_path: Path) -> None:
    digest = filled(tmp_path / "kept")
    found = opened(tmp_path / "kept").get(digest)
    assert found is not None
    assert (found.embedding == 0.5).all()
    assert (found.quality, found.flaws) == (0.75, 3)
    assert opened(tmp_path / "kept").get(b"e" * 32) is None
    assert opened(tmp_path / "kept", "another model").get(digest) is None


def test_a_picture_without_a_face_is_known_as_such(tmp_path: Path) -> None:
    kept = opened(tmp_path)
    kept.put(b"d" * 32, CachedFace(np.full(4, np.nan, np.float32), float("nan"), 0))
    kept.save()
    found = opened(tmp_path).get(b"d" * 32)
    assert found is not None
    assert np.isnan(found.embedding).all()


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    filled(tmp_path / "kept")
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o700
    (path,) = (tmp_path / "kept").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_kept_for_some_days_after_its_last_use(tmp_path: Path) -> None:
    digest = filled(tmp_path)
    used = opened(tmp_path, days=KEPT_DAYS)
    assert used.get(digest) is not None
    used.save()
    assert opened(tmp_path, days=2 * KEPT_DAYS).get(digest) is not None
    assert opened(tmp_path, days=2 * KEPT_DAYS + 1).get(digest) is None


def test_other_models_files_go_after_these_days(tmp_path: Path) -> None:
    filled(tmp_path, "no longer used")
    (old,) = tmp_path.iterdir()
    long_ago = (DAY - timedelta(days=KEPT_DAYS + 2)).toordinal() - date(1970, 1, 1).toordinal()
    os.utime(old, (86_400 * long_ago,) * 2)
    filled(tmp_path)
    assert old not in tmp_path.iterdir()
    assert len(list(tmp_path.iterdir())) == 1


def test_it_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PICTURES", 2)
    filled(tmp_path)
    later = opened(tmp_path, days=1)
    for letter in (b"e", b"f"):
        later.put(letter * 32, face())
    later.save()
    left = opened(tmp_path, days=1)
    assert len(left) == 2
    assert left.get(b"d" * 32) is None


@pytest.mark.parametrize("dimension", [4, 8])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 damaged", None])
def test_damage_counts_as_empty(tmp_path: Path, content: bytes | None, dimension: int) -> None:
    digest = filled(tmp_path)
    (path,) = tmp_path.iterdir()
    if content is not None:
        path.write_bytes(content)
    found = opened(tmp_path, dimension=dimension).get(digest)
    assert (found is not None) == (content is None and dimension == 4)


def test_all_is_forgotten(tmp_path: Path) -> None:
    digest = filled(tmp_path)
    filled(tmp_path, "another")
    assert forget(tmp_path) == 2
    assert list(tmp_path.iterdir()) == []
    assert opened(tmp_path).get(digest) is None
    assert forget(tmp_path / "missing") == 0
