"""Two or three embedders as one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from common.errors import WeightsError
from common.picture import RgbImage
from gallery.crops import from_png, to_png
from models.conversion.preparation import Preparation
from models.embedders.embedder import embed_face
from models.embedders.figures import EmbedderFigures
from models.embedders.fusion import (
    FusedEmbedder,
    JoinedCrop,
    crop_model_id,
    joined_crop,
    row_scale,
)
from models.embedders.loading import (
    check_embedder,
    embedder_models,
    embedder_name,
    figures_of,
    is_name_of,
)
from models.embedders.sface import FIGURES, SfaceEmbedder
from models.engines.engine import FloatArray
from models.face import Face

WIDE = FIGURES.estimated_for((0.05, 0.14), (0.02, 0.12))


class StripeEmbedder:
    """Embeds the first numbers of a crop's middle line; its crops have sides of its own."""

    def __init__(self, model_id: str, side: int, figures: EmbedderFigures = FIGURES) -> None:
        self.model_id, self.dimension, self.figures = model_id, side, figures

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        return image[: self.dimension, : self.dimension]

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        for crop in crops:
            assert type(crop) is np.ndarray
            assert crop.shape == (self.dimension, self.dimension, 3)
        rows = np.stack(
            [crop[self.dimension // 2, :, 0].astype(np.float32) - 100 for crop in crops]
        )
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def embed_thoroughly(self, crops: Sequence[RgbImage]) -> FloatArray:
        return self.embed([crop[:, ::-1] for crop in crops])


FACE = Face(np.float32([0, 0, 30, 30]), 1.0, np.zeros((5, 2), np.float32))


@pytest.fixture
def image() -> RgbImage:
    return np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype(np.uint8)


@pytest.fixture
def parts() -> list[StripeEmbedder]:
    return [StripeEmbedder("a-1", 8), StripeEmbedder("b-2", 20, WIDE)]


def cosines(parts: list[StripeEmbedder], one: RgbImage, other: RgbImage) -> list[float]:
    return [
        float(embed_face(p, one, FACE).embedding @ embed_face(p, other, FACE).embedding)
        for p in parts
    ]


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.2, 0.8)])
def test_a_cosine_is_the_weighted_mean_of_the_parts(
    parts: list[StripeEmbedder], image: RgbImage, weights: tuple[float, float]
) -> None:
    fused, other = FusedEmbedder(parts), image[::-1].copy()
    fused.weights = weights
    rows = [embed_face(fused, picture, FACE).embedding for picture in (image, other)]
    assert (fused.model_id, fused.dimension) == ("a-1+b-2", 28)
    assert [row.dtype for row in rows] == [np.float32] * 2
    np.testing.assert_allclose([row @ row for row in rows], 1, atol=1e-6)
    expected = np.dot(weights, cosines(parts, image, other))
    assert rows[0] @ rows[1] == pytest.approx(expected, abs=1e-6)


def test_each_part_looks_thoroughly_too(parts: list[StripeEmbedder], image: RgbImage) -> None:
    fused = FusedEmbedder(parts)
    thorough = embed_face(fused, image, FACE, thoroughly=True).embedding
    each = [embed_face(part, image, FACE, thoroughly=True).embedding for part in parts]
    np.testing.assert_allclose(thorough, np.concatenate(each) * 0.5**0.5, atol=1e-6)


def test_three_at_once_each_with_its_crop(image: RgbImage) -> None:
    fused = FusedEmbedder([StripeEmbedder(f"{n}-x", n) for n in (4, 6, 9)])
    crops = [fused.crop(image, FACE), fused.crop(image[:, ::-1].copy(), FACE)]
    rows = fused.embed(crops)
    assert rows.shape == (2, 19)
    np.testing.assert_array_equal(fused.embed(crops[1:])[0], rows[1])


def test_the_first_parts_crop_is_shown_and_kept(
    parts: list[StripeEmbedder], image: RgbImage
) -> None:
    fused = FusedEmbedder(parts)
    crop = fused.crop(image, FACE)
    assert isinstance(crop, JoinedCrop)
    np.testing.assert_array_equal(from_png(to_png(crop)), image[:8, :8])
    assert crop_model_id(fused) == "a-1"
    assert crop_model_id(parts[1]) == "b-2"
    assert crop[:4].each == crop.copy().each == ()


def test_a_plain_crop_is_for_all_parts(image: RgbImage) -> None:
    fused = FusedEmbedder([StripeEmbedder("a-1", 8), StripeEmbedder("b-2", 8)])
    plain = image[:8, :8].copy()
    np.testing.assert_array_equal(fused.embed([plain]), fused.embed([joined_crop([plain, plain])]))


def test_rows_of_equal_weights_are_scaled_to_others(
    parts: list[StripeEmbedder], image: RgbImage
) -> None:
    fused = FusedEmbedder(parts)
    equal = embed_face(fused, image, FACE).embedding
    np.testing.assert_allclose(fused.scale, 1)
    fused.weights = (0.3, 0.7)
    np.testing.assert_allclose(equal * fused.scale, embed_face(fused, image, FACE).embedding, 1e-5)
    np.testing.assert_array_equal(fused.scale, row_scale((8, 20), (0.3, 0.7)))


def test_the_careful_figures_grant_it_no_gain(parts: list[StripeEmbedder]) -> None:
    figures = FusedEmbedder(parts).figures
    assert not figures.is_measured
    assert figures.nonmated == pytest.approx(((0.170 + 0.05) / 2, (0.074 + 0.14) / 2))
    assert figures.nonmated_pairs == pytest.approx(((0.098 + 0.02) / 2, (0.083 + 0.12) / 2))
    lawful = FIGURES.estimated_for(figures.nonmated, figures.nonmated_pairs)
    assert figures == lawful


@pytest.mark.parametrize("ids", [["a-1"], ["a-1", "a-1"], ["a-1", "b-1", "c-1", "d-1"]])
def test_two_or_three_different_ones_are_fused(ids: list[str]) -> None:
    with pytest.raises(ValueError, match="different embedders"):
        FusedEmbedder([StripeEmbedder(model_id, 8) for model_id in ids])


# -- by their names ------------------------------------------------------------------------


def test_names_are_joined_with_a_plus() -> None:
    check_embedder("sface+facenet-vggface2")
    check_embedder("sface+facenet-vggface2+facenet-casia-webface")
    sface = SfaceEmbedder.model_id
    assert is_name_of("sface+facenet-vggface2", f"{sface}+facenet-vggface2-12345678")
    assert not is_name_of("facenet-vggface2+sface", f"{sface}+facenet-vggface2-12345678")
    assert not is_name_of("sface", f"{sface}+facenet-vggface2-12345678")
    assert not is_name_of("sface+facenet-vggface2", sface)
    assert embedder_name(f"{sface}+facenet-vggface2-12345678") == "sface+facenet-vggface2"
    assert embedder_name(sface) == "sface"
    assert embedder_name(f"{sface}+gone-12345678") is None
    assert not figures_of(f"{sface}+facenet-vggface2-12345678").is_measured


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sface+sface", "two or three different embedders"),
        ("sface+nothing", "'nothing' is none of"),
        ("sface+", "'' is none of"),
    ],
)
def test_what_cannot_be_fused_is_told(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(WeightsError, match=said):
        check_embedder(name)
    with pytest.raises(WeightsError, match=said):
        embedder_models(name, tmp_path, None, Preparation())
