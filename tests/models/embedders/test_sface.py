from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from common.errors import WeightsError
from common.picture import RgbImage
from models.conversion import weights
from models.crop import aligned_crop
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder
from models.embedders.loading import load_embedder
from models.embedders.sface import SfaceEmbedder
from models.engines.engine import Engine


@pytest.fixture
def crops(detector: Detector, embedder: Embedder, astronaut: RgbImage) -> list[RgbImage]:
    """A face, its mirror picture, it in the dark, and noise."""
    (face,) = detector.detect(astronaut)
    crop = embedder.crop(astronaut, face)
    noise = np.random.default_rng(0).integers(0, 256, crop.shape, np.uint8)
    return [crop, crop[:, ::-1], crop // 3, noise]


def test_agrees_with_the_published_file(
    embedder: Embedder, engine: Engine, models_cache: Path, crops: list[RgbImage]
) -> None:
    """Evaluated by ONNX's own reference, which reads its quantized weights as they are. Where the
    processor rounds to eight bits, the embedding turns by a hair."""
    from onnx.reference import ReferenceEvaluator

    published = ReferenceEvaluator(str(weights.locate(weights.SFACE)))
    exact = SfaceEmbedder(engine.load(models_cache / "models" / "sface.onnx"))
    for crop in crops[:2]:
        planes = crop.transpose(2, 0, 1)[np.newaxis].astype(np.float32)
        expected = published.run(None, {"data": planes})[0][0]
        expected /= np.linalg.norm(expected)
        assert exact.embed([crop])[0] == pytest.approx(expected, abs=1e-4)
        assert embedder.embed([crop])[0] @ expected > 0.9995


def test_rows_are_of_unit_length(embedder: Embedder, crops: list[RgbImage]) -> None:
    rows = embedder.embed(crops)
    assert rows.shape == (4, embedder.dimension) == (4, 128)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(4), abs=1e-6)


def test_a_crop_gives_the_same_row_whatever_the_others_are(
    embedder: Embedder, crops: list[RgbImage]
) -> None:
    together = embedder.embed(crops)
    for crop, row in zip(crops, together, strict=True):
        assert np.array_equal(embedder.embed([crop])[0], row)
    assert np.array_equal(embedder.embed(crops[::-1]), together[::-1])


def test_no_crops_give_no_rows(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, 128)


def test_a_face_is_like_itself_and_unlike_noise(embedder: Embedder, crops: list[RgbImage]) -> None:
    face, mirrored, dark, noise = embedder.embed(crops)
    assert face @ mirrored > 0.7
    assert face @ dark > 0.7
    assert face @ noise < 0.2


def test_colours_are_read_in_rgb_order(embedder: Embedder, crops: list[RgbImage]) -> None:
    right, swapped = embedder.embed([crops[0], crops[0][..., ::-1]])
    assert right @ swapped < 0.99


def test_crops_are_aligned(embedder: Embedder, detector: Detector, astronaut: RgbImage) -> None:
    (face,) = detector.detect(astronaut)
    assert np.array_equal(embedder.crop(astronaut, face), aligned_crop(astronaut, face))


def test_the_id_names_the_weights(embedder: Embedder) -> None:
    assert embedder.model_id.endswith(weights.SFACE.sha256[:8])


def test_no_other_embedder_is_known(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="'eigenfaces' is none of sface, facenet"):
        load_embedder("eigenfaces", engine, tmp_path)
