from __future__ import annotations

import io
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from bench.labelled_probes import ProbedPeople, embed_probes, keep_probes, kept_probes
from common.errors import EnrollmentError
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder


@pytest.fixture
def people() -> ProbedPeople:
    rows = np.random.default_rng(0).normal(size=(2, 2, 3, 4)).astype(np.float32)
    rows[0, 1, 2] = np.nan
    return ProbedPeople("toy-4", ("An", "Bình"), {"plain": rows[0], "degraded": rows[1]})


def test_they_come_back_as_they_were(people: ProbedPeople, tmp_path: Path) -> None:
    path = tmp_path / "nhúng.npz"
    keep_probes(people, path, overwrite=False)
    found = kept_probes(path)
    assert (found.model_id, found.names, found.pictures) == ("toy-4", ("An", "Bình"), 3)
    for kind in ("plain", "degraded"):
        assert np.array_equal(found.probes[kind], people.probes[kind], equal_nan=True)
    assert found.labelled().counts.tolist() == [3, 2]
    assert path.stat().st_mode & 0o077 == 0


def saved(**arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def test_another_file_is_refused(tmp_path: Path) -> None:
    rows = np.zeros((2, 3, 4), np.float32)
    objects = np.array([{}], object)
    for content in (
        b"",
        b"text",
        pickle.dumps([1]),
        saved(names=np.array(["a"])),
        saved(model_id=np.array("a"), names=np.array(["a"]), plain=rows, degraded=rows),
        saved(model_id=np.array("a"), names=objects, plain=rows, degraded=rows),
    ):
        path = tmp_path / "x.npz"
        path.write_bytes(content)
        with pytest.raises(EnrollmentError, match=r"x\.npz cannot be used"):
            kept_probes(path)


def test_pictures_are_embedded_plain_and_degraded(
    shared_data: Path, detector: Detector, embedder: Embedder, tmp_path: Path
) -> None:
    for person in sorted((shared_data / "faces" / "people").iterdir())[:2]:
        (tmp_path / person.name).mkdir()
        for picture in sorted(person.iterdir())[:2]:
            shutil.copy(picture, tmp_path / person.name)
    told: list[int] = []
    people = embed_probes(tmp_path, detector, embedder, 2, lambda: told.append(1))
    assert len(told) == 4
    assert people.model_id == embedder.model_id
    assert people.plain.shape == (2, 2, 128)
    seen = ~np.isnan(people.probes["degraded"][..., 0])
    likeness = (people.plain * people.probes["degraded"]).sum(axis=2)[seen]
    assert ((likeness > 0.2) & (likeness < 0.9999)).all()
    with pytest.raises(EnrollmentError, match=r"at least 3 pictures.*has 2"):
        embed_probes(tmp_path, detector, embedder, 3, lambda: None)
