from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from common.errors import WeightsError
from models.conversion import weights
from models.embedders.embedder import Embedder
from models.embedders.head import HeadedEmbedder, KeptHead, MetricHead, load_head, save_head
from models.embedders.loading import check_embedder, embedder_names, figures_of, makes
from recognition.assembly import RecognizerSpec, load_models


@pytest.fixture
def kept(embedder: Embedder) -> KeptHead:
    rng = np.random.default_rng(0)
    weights = np.eye(128) + 0.1 * rng.normal(size=(128, 128))
    head = MetricHead(weights.astype(np.float32))
    return KeptHead(embedder.model_id, head, (0.2, 0.1), (0.1, 0.12))


def test_it_comes_back_as_it_was(kept: KeptHead, tmp_path: Path) -> None:
    path = save_head(kept, tmp_path)
    found = load_head(kept.name, tmp_path)
    assert path.parent == tmp_path / "heads"
    assert (found.base, found.name) == (kept.base, kept.name)
    assert (found.nonmated, found.nonmated_pairs) == ((0.2, 0.1), (0.1, 0.12))
    assert (found.head.weights == kept.head.weights).all()


def test_it_is_a_model_of_its_own(kept: KeptHead, embedder: Embedder, astronaut) -> None:
    headed = kept.on(embedder)
    assert isinstance(headed, HeadedEmbedder)
    assert headed.model_id == f"{embedder.model_id}~{kept.name}"
    assert headed.dimension == 128
    assert headed.figures == embedder.figures.estimated_for((0.2, 0.1), (0.1, 0.12))
    assert not headed.figures.is_measured
    crops = [astronaut[60:172, 170:282]]
    for plain, through in (
        (embedder.embed(crops), headed.embed(crops)),
        (embedder.embed_thoroughly(crops), headed.embed_thoroughly(crops)),
    ):
        assert (through == kept.head.applied(plain)).all()


def test_it_is_loaded_by_its_name(
    kept: KeptHead, tmp_path: Path, models_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "weights_folder", lambda: tmp_path)
    name = f"sface~{kept.name}"
    assert name not in embedder_names()
    with pytest.raises(WeightsError, match="is none of"):
        check_embedder(name)
    save_head(kept, tmp_path)
    assert name in embedder_names()
    check_embedder(name)
    loaded = load_models(RecognizerSpec(embedder=name, device="openvino:CPU"), models_cache)[1]
    assert loaded.model_id == kept.model_id
    assert makes(name, kept.model_id)
    assert not makes("sface", kept.model_id)
    assert not makes(name, kept.base)
    assert figures_of(kept.model_id) == loaded.figures


def test_another_embedder_is_refused(kept: KeptHead, embedder: Embedder) -> None:
    with pytest.raises(WeightsError, match="was learned for other-512"):
        replace(kept, base="other-512").on(embedder)


def test_a_missing_or_damaged_one(kept: KeptHead, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="there is none in"):
        load_head(kept.name, tmp_path)
    path = save_head(kept, tmp_path)
    whole = json.loads(path.read_text())
    for part, value in (
        ("dimension", 127),
        ("dimension", 256),
        ("weights", whole["weights"][:-8] + "AAAAAAA="),
        ("version", 2),
        ("nonmated", [1]),
    ):
        path.write_text(json.dumps({**whole, part: value}))
        with pytest.raises(WeightsError, match="cannot be read"):
            load_head(kept.name, tmp_path)
    path.write_text("{")
    with pytest.raises(WeightsError, match="cannot be read"):
        load_head(kept.name, tmp_path)
