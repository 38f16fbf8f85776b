from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.evaluation.cache import EmbeddingCache
from bench.evaluation.embedding import cache_model, embed_pictures
from common.picture import RgbImage
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder
from models.face import Face
from recognition.assembly import RecognizerSpec, load_models


class CountingDetector:
    """Finds what another detector finds, and counts."""

    name = "counting"

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.pictures = 0

    def detect(self, image: RgbImage) -> list[Face]:
        self.pictures += 1
        return self._detector.detect(image)


@pytest.fixture
def paths(tmp_path: Path, astronaut: RgbImage) -> Sequence[Path]:
    """A face, the same bytes again, none, a damaged file, and one that is missing."""
    folder = tmp_path / "người"
    folder.mkdir()
    parts = (astronaut[:300, 60:360], astronaut[:300, 60:360], astronaut[400:, 60:160])
    for i, part in enumerate(parts):
        bgr = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2BGR)
        cv2.imencode(".png", bgr)[1].tofile(folder / f"{i}.png")
    (folder / "3.png").write_bytes((folder / "0.png").read_bytes()[:2000])
    return [folder / f"{i}.png" for i in range(5)]


def test_bad_pictures_stop_nothing(
    detector: Detector, embedder: Embedder, paths: Sequence[Path]
) -> None:
    steps: list[None] = []
    seen = embed_pictures(paths, [(detector, embedder)], lambda: steps.append(None))
    assert len(steps) == 5
    assert seen.has_face.tolist() == [True, True, False, False, False]
    assert sorted(seen.unreadable) == [3, 4]
    assert "damaged or cut short" in seen.unreadable[3]
    assert "there is nothing at" in seen.unreadable[4]
    assert np.linalg.norm(seen.embeddings[0]) == pytest.approx(1)
    assert 0 < seen.quality[0] <= 1
    assert np.isnan(seen.quality[2])


def test_a_second_run_looks_at_nothing(
    detector: Detector, embedder: Embedder, paths: Sequence[Path], tmp_path: Path
) -> None:
    def opened() -> EmbeddingCache:
        return EmbeddingCache(tmp_path / "kept", "m", embedder.dimension, date.today)

    counting = CountingDetector(detector)
    cache = opened()
    pair = counting, embedder
    first = embed_pictures(paths, [pair], lambda: None, cache)  # type: ignore[list-item]
    cache.save()
    looked_at = counting.pictures
    assert looked_at >= 2
    moved = paths[0].rename(paths[0].with_name("moved.png"))
    again = embed_pictures(
        [moved, *paths[1:]],
        [pair],  # type: ignore[list-item]
        lambda: None,
        opened(),
    )
    assert counting.pictures == looked_at
    np.testing.assert_array_equal(again.embeddings, first.embeddings)
    np.testing.assert_array_equal(again.quality, first.quality)
    assert again.flaws == first.flaws
    assert sorted(again.unreadable) == [3, 4]


def test_what_an_embedding_depends_on_is_told_apart(detector: Detector, embedder: Embedder) -> None:
    assert embedder.model_id in cache_model(detector, embedder, 20)
    assert cache_model(detector, embedder, 20) != cache_model(detector, embedder, 40)


def test_several_pairs_give_the_same_to_the_bit(
    evaluated_models: Sequence[tuple[Detector, Embedder]],
    models_cache: Path,
    paths: Sequence[Path],
) -> None:
    """Each with one thread for a network, beside one pair with as many as the runtime likes."""
    alone = load_models(RecognizerSpec(smallest_face_px=20), models_cache)
    expected = embed_pictures(paths, [alone], lambda: None)
    found = embed_pictures(paths, evaluated_models, lambda: None)
    np.testing.assert_array_equal(found.embeddings, expected.embeddings)
    np.testing.assert_array_equal(found.quality, expected.quality)
    assert sorted(found.unreadable) == sorted(expected.unreadable)
