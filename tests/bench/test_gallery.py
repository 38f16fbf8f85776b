"""The measuring of galleries: what it writes is what it says, and the figures fit together."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.drawing.speed_diagrams import gallery_diagram
from bench.gallery import GalleryMeasure, measure, write_gallery
from gallery.gallery import Gallery
from gallery.store import Store


def test_synthetic_people_resemble_each_other_as_sface_has_it(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    probes = write_gallery(path, templates=6_000, dimension=128, probes=300)
    with closing(Store(path)) as store:
        everyone = list(store.load_all())
    assert [len(s.embeddings) for s in everyone] == [5] * 1_200
    ones = np.stack([s.embeddings[0] for s in everyone])
    nonmated = (ones @ ones.T)[np.triu_indices(len(ones), 1)]
    assert nonmated.mean() == pytest.approx(0.17, abs=0.005)
    assert nonmated.std() == pytest.approx(0.074, abs=0.003)
    mated = [(s.embeddings @ s.embeddings.T)[np.triu_indices(5, 1)] for s in everyone]
    assert np.mean(mated) == pytest.approx(0.55, abs=0.01)
    np.testing.assert_allclose(np.linalg.norm(probes.rows, axis=1), 1, atol=1e-5)
    assert len(set(probes.identity_ids)) == 300
    with closing(Gallery(Store(path), "synthetic", 128)) as gallery:
        found = [candidates[0].identity.id for candidates in gallery.search(probes.rows)]
    right = np.mean([f == i for f, i in zip(found, probes.identity_ids, strict=True)])
    assert 0.85 < right < 1


def test_each_size_is_measured_both_ways() -> None:
    done: list[None] = []
    measures = measure([1_000, 2_000], probes=50, dimension=64, progress=lambda: done.append(None))
    assert [(m.templates, m.exact) for m in measures] == [
        (1_000, True),
        (1_000, False),
        (2_000, True),
        (2_000, False),
    ]
    assert len(done) == 4
    for m in measures:
        assert 0 < m.search_p50_ms <= m.search_p99_ms
        assert m.add_ms > 0
        assert m.remove_ms > 0
        assert m.load_s > 0
        assert m.right > 0.5
        assert m.agreement == 1 if m.exact else m.agreement > 0.95
        assert m.raw_mib == m.templates * 64 * 4 / 2**20
        if m.memory_mib is not None and m.peak_mib is not None:
            assert m.raw_mib < m.memory_mib <= m.peak_mib


def test_the_plot_is_a_picture(tmp_path: Path) -> None:
    measures = [
        GalleryMeasure(n, exact, 1e-4 * n, 2e-4 * n, 0.9, 1.0, 4.0, 1.0, 1.0, n / 2e3, memory, 9.0)
        for n in (1_000, 10_000)
        for exact, memory in ((True, n / 1.5e3), (False, None))
    ]
    gallery_diagram(measures).write(tmp_path / "gallery.png", ".png")
    picture = cv2.imread(str(tmp_path / "gallery.png"))
    assert picture is not None
    assert picture.shape[1] > picture.shape[0] > 400
    assert picture.std() > 10
