from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench import classifiers
from bench.labelled_probes import ProbedPeople, keep_probes
from common.extras import is_installed

pytestmark = pytest.mark.skipif(not is_installed("learn"), reason="no scikit-learn")


@pytest.fixture
def embeddings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Eight people, kept as by an earlier run, and a measurement of few draws."""
    monkeypatch.setattr(classifiers, "DRAWS", 2)
    monkeypatch.setattr(classifiers, "RESAMPLES", 20)
    monkeypatch.setattr(classifiers, "TUNING_DRAWS", 1)
    return kept(tmp_path / "nhúng.npz", 8)


def kept(path: Path, count: int) -> Path:
    rng = np.random.default_rng(0)
    rows = np.eye(16)[:count, np.newaxis] + 0.1 * rng.normal(size=(2, count, 14, 16))
    rows = (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
    people = ProbedPeople(
        "toy-16", tuple("abcdefgh"[:count]), {"plain": rows[0], "degraded": rows[1]}
    )
    keep_probes(people, path, overwrite=False)
    return path


def test_a_table(run, embeddings: Path, tmp_path: Path) -> None:
    told = run("bench", "classifiers", tmp_path, "--embeddings", embeddings)
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0] == "toy-16, 8 people with 14 pictures"
    assert sum(line.startswith("joint template (today's)") for line in lines) == 8
    assert sum(line.startswith("SVM, RBF") for line in lines) == 9  # and the verdict
    assert lines[-1].startswith("one less")


def test_json(run, embeddings: Path, tmp_path: Path) -> None:
    (line,) = run("bench", "classifiers", tmp_path, "--embeddings", embeddings, "--json").json
    assert (line["model_id"], line["people"], line["pictures"]) == ("toy-16", 8, 14)
    assert len(line["ways"]) == 8 * 4 * 2
    assert len(line["verdicts"]) == 7
    assert [each["change"] for each in line["updates"]] == [
        "one person more",
        "one correction",
        "one less",
    ]


def test_too_few_people(run, tmp_path: Path) -> None:
    (tmp_path / "people" / "Ann").mkdir(parents=True)
    for arguments in (
        (tmp_path / "people",),
        (tmp_path, "--embeddings", kept(tmp_path / "x.npz", 7)),
    ):
        told = run("bench", "classifiers", *arguments)
        assert (told.code, told.out) == (2, "")
        assert "at least 8 people" in told.err


def test_bad_input(run, tmp_path: Path) -> None:
    told = run("bench", "classifiers", tmp_path / "missing")
    assert (told.code, told.out) == (2, "")
    assert "cannot be read" in told.err
    damaged = tmp_path / "damaged.npz"
    damaged.write_bytes(b"PK")
    told = run("bench", "classifiers", tmp_path, "--embeddings", damaged)
    assert (told.code, told.out) == (2, "")
    assert "damaged.npz cannot be used" in told.err
