from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from common.errors import GalleryError, WeightsError
from models.conversion.preparation import Preparation
from models.described.composing import Answers, composed
from models.described.description import ModelDescription
from models.described.inspection import inspected
from models.described.installed import InstalledModel, install
from models.embedders.described import DescribedEmbedder, careful_figures
from models.embedders.loading import (
    check_embedder,
    embedder_models,
    embedder_names,
    figures_of,
    is_name_of,
    load_embedder,
)
from models.embedders.sface import SfaceEmbedder
from models.engines.engine import Engine
from tests.networks import write_network

BUILT_IN = ["sface", "facenet-vggface2", "facenet-casia-webface"]


@pytest.fixture(autouse=True)
def weights_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "weights"))


def described(path: Path, name: str, preset: str = "arcface") -> ModelDescription:
    with inspected(path) as file:
        return composed(file, name, Answers(preset=preset))


@pytest.fixture
def mine(tmp_path: Path) -> InstalledModel:
    path = write_network(tmp_path / "given.onnx")
    return install(path, described(path, "mine"))


@pytest.fixture
def finder(tmp_path: Path) -> InstalledModel:
    path = write_network(tmp_path / "finder.onnx")
    return install(path, described(path, "finder", "scrfd"))


def test_names(mine: InstalledModel, finder: InstalledModel) -> None:
    assert embedder_names() == [*BUILT_IN, "mine"]


def test_an_added_embedder_is_loaded_by_its_name(
    mine: InstalledModel, engine: Engine, tmp_path: Path
) -> None:
    embedder = load_embedder("mine", engine, tmp_path)
    assert isinstance(embedder, DescribedEmbedder)
    assert embedder.model_id == mine.description.model_id
    assert embedder_models("mine", tmp_path, None, Preparation()) == ()
    assert figures_of(embedder.model_id) == embedder.figures == careful_figures(mine.description)


def test_a_file_that_was_replaced_is_not_loaded(
    mine: InstalledModel, engine: Engine, tmp_path: Path
) -> None:
    write_network(mine.path, channels=(1, 2, 3))
    with pytest.raises(WeightsError, match="was damaged or replaced after it was added"):
        load_embedder("mine", engine, tmp_path)


def test_names_that_there_are_not(
    mine: InstalledModel, finder: InstalledModel, engine: Engine, tmp_path: Path
) -> None:
    for use in (check_embedder, lambda name: load_embedder(name, engine, tmp_path)):
        with pytest.raises(WeightsError, match=r"'yours' is none of sface, .*, mine"):
            use("yours")
        with pytest.raises(WeightsError, match="the model finder finds faces"):
            use("finder")


def test_an_added_facenet_takes_the_built_in_ones_place(engine: Engine, tmp_path: Path) -> None:
    path = write_network(tmp_path / "given.onnx", size=(160, 160))
    with inspected(path) as file:
        made = composed(
            file,
            "facenet-vggface2",
            Answers(preset="arcface", size=(160, 160), crop="margin", margin=0.125),
        )
    model = install(path, replace(made, family="facenet-vggface2"))
    embedder = load_embedder("facenet-vggface2", engine, tmp_path)
    assert embedder.model_id == model.description.model_id
    assert embedder_names() == BUILT_IN


def test_whose_gallery_it_is(mine: InstalledModel) -> None:
    assert is_name_of("mine", mine.description.model_id)
    assert not is_name_of("mine", "mine-00000000")
    assert is_name_of("sface", SfaceEmbedder.model_id)
    assert not is_name_of("sface", mine.description.model_id)
    assert is_name_of("facenet-vggface2", "facenet-vggface2-12345678")
    assert not is_name_of("facenet-vggface2", "facenet-casia-webface-12345678")


def test_a_gallery_of_a_model_that_was_removed() -> None:
    with pytest.raises(GalleryError, match="Add that model"):
        figures_of("mine-12345678")


def test_where_the_account_has_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever uses SFace needs none."""
    monkeypatch.setenv("FACEDESK_WEIGHTS", "~nobody-of-this-name/weights")
    assert embedder_names() == BUILT_IN
