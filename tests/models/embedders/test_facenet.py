"""FaceNet with random weights: the published ones cannot be had everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from common.errors import WeightsError
from common.picture import RgbImage
from models.conversion.weights import sha256
from models.crop import margin_crop
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder
from models.embedders.loading import load_embedder
from models.engines.engine import Engine, FloatArray


@dataclass(frozen=True)
class Pair:
    """The same network in torch and as it was loaded here."""

    network: Any
    weights: Path
    cache: Path
    embedder: Embedder

    def in_torch(self, crops: list[RgbImage]) -> FloatArray:
        from facenet_pytorch import fixed_image_standardization

        planes = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float()
        with torch.no_grad():
            rows = self.network(fixed_image_standardization(planes))
        return np.asarray(rows.numpy(), np.float32)


@pytest.fixture(scope="module")
def pair(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    from facenet_pytorch import InceptionResnetV1

    torch.manual_seed(0)
    network = InceptionResnetV1(pretrained=None).eval()
    # A trained network's activations are spread; those of a new one hardly differ.
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)
            torch.nn.init.uniform_(module.running_var, 0.05, 0.2)
    # The published files hold their classifier too.
    classifier = {"logits.weight": torch.zeros(7, 512), "logits.bias": torch.zeros(7)}
    folder = tmp_path_factory.mktemp("facenet")
    weights = folder / "mạng.pt"
    torch.save({**network.state_dict(), **classifier}, weights)
    cache = folder / "cache"
    embedder = load_embedder("facenet-vggface2", engine, cache, weights)
    return Pair(network, weights, cache, embedder)


@pytest.fixture
def crops(pair: Pair, detector: Detector, astronaut: RgbImage) -> list[RgbImage]:
    (face,) = detector.detect(astronaut)
    crop = pair.embedder.crop(astronaut, face)
    assert np.array_equal(crop, margin_crop(astronaut, face))
    noise = np.random.default_rng(0).integers(0, 256, crop.shape, np.uint8)
    return [crop, np.ascontiguousarray(crop[:, ::-1]), noise]


def test_agrees_with_torch(pair: Pair, crops: list[RgbImage]) -> None:
    rows, expected = pair.embedder.embed(crops), pair.in_torch(crops)
    assert (rows * expected).sum(axis=1).min() > 0.9999
    assert np.abs(rows - expected).max() < 1e-4
    assert expected[0] @ expected[2] < 0.999, "nothing was compared"


def test_rows_are_of_unit_length_and_independent(pair: Pair, crops: list[RgbImage]) -> None:
    rows = pair.embedder.embed(crops)
    assert rows.shape == (3, pair.embedder.dimension) == (3, 512)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    for crop, row in zip(crops, rows, strict=True):
        assert np.array_equal(pair.embedder.embed([crop])[0], row)


def test_the_id_names_the_weights(pair: Pair) -> None:
    assert pair.embedder.model_id == f"facenet-vggface2-{sha256(pair.weights)[:8]}"


def test_it_is_converted_once(pair: Pair, engine: Engine) -> None:
    file = pair.cache / "facenet-vggface2.onnx"
    written = file.stat().st_mtime_ns
    load_embedder("facenet-vggface2", engine, pair.cache, pair.weights)
    assert file.stat().st_mtime_ns == written


def test_what_is_converted_runs_without_the_weights(
    pair: Pair, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And without PyTorch."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("models.conversion.preparation.TorchProcess", None)
    embedder = load_embedder("facenet-vggface2", engine, pair.cache)
    assert embedder.model_id == pair.embedder.model_id


@pytest.mark.parametrize("content", [b"", b"hello, a text", b"PK\x03\x04 no archive"])
def test_a_file_of_another_kind_is_refused(engine: Engine, tmp_path: Path, content: bytes) -> None:
    given = tmp_path / "weights.pt"
    given.write_bytes(content)
    with pytest.raises(WeightsError, match="is damaged or holds something else"):
        load_embedder("facenet-casia-webface", engine, tmp_path / "cache", given)


@pytest.mark.parametrize("state", [{"conv.weight": torch.zeros(3)}, [1, 2]])
def test_weights_of_another_network_are_refused(
    engine: Engine, tmp_path: Path, state: object
) -> None:
    given = tmp_path / "weights.pt"
    torch.save(state, given)
    with pytest.raises(WeightsError, match=r"weights\.pt (is damaged or )?holds something else"):
        load_embedder("facenet-casia-webface", engine, tmp_path / "cache", given)
