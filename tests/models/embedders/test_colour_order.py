from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from common.picture import RgbImage
from models.described.composing import Answers, composed
from models.described.description import ModelDescription
from models.described.inspection import inspected
from models.embedders.colour_order import FEWEST_PEOPLE, colour_warning, separation
from models.engines.engine import Engine, Network
from tests.networks import write_network


def people(count: int = 10, pictures: int = 3) -> list[list[RgbImage]]:
    """Whose red says who they are, and whose blue says nothing."""
    rng = np.random.default_rng(5)
    made = []
    for _ in range(count):
        own = rng.uniform(60, 200, (8, 8))
        crops = []
        for _ in range(pictures):
            crop = rng.uniform(60, 200, (8, 8, 3))
            crop[..., 0] = own + rng.normal(0, 8, (8, 8))
            crops.append(np.kron(crop, np.ones((14, 14, 1))).clip(0, 255).astype(np.uint8))
        made.append(crops)
    return made


@pytest.fixture
def red_reader(engine: Engine, tmp_path: Path) -> tuple[Network, ModelDescription]:
    """A network that reads its first channel, and hardly the others."""
    path = write_network(tmp_path / "a.onnx", channels=(1.0, 0.1, 0.1))
    with inspected(path) as file:
        return engine.load(path), composed(file, "a", Answers(preset="arcface"))


def test_the_right_order_separates_better(red_reader: tuple[Network, ModelDescription]) -> None:
    network, right = red_reader
    ours = separation(network, right, people())
    other = separation(network, replace(right, colour="BGR"), people())
    assert (ours.gaps > other.gaps + 2).all()
    assert abs(ours.nonmated) < 0.3


def test_a_swapped_order_is_noticed(red_reader: tuple[Network, ModelDescription]) -> None:
    network, right = red_reader
    warning = colour_warning(network, replace(right, colour="BGR"), people())
    assert warning is not None
    assert "these 10 people apart better with the colours in the order RGB than in BGR" in warning
    assert "--colour RGB" in warning
    assert colour_warning(network, right, people()) is None


def test_crops_of_another_size_serve_too(red_reader: tuple[Network, ModelDescription]) -> None:
    network, right = red_reader
    larger = [[np.kron(crop, np.ones((2, 2, 1), np.uint8)) for crop in own] for own in people()]
    assert colour_warning(network, right, larger) is None
    assert colour_warning(network, replace(right, colour="BGR"), larger) is not None


def test_a_network_to_which_the_order_does_not_matter(engine: Engine, tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx")
    with inspected(path) as file:
        description = composed(file, "a", Answers(preset="arcface"))
    for colour in ("RGB", "BGR"):
        told = replace(description, colour=colour)
        assert colour_warning(engine.load(path), told, people()) is None


def test_strangers_out_of_range(red_reader: tuple[Network, ModelDescription]) -> None:
    network, right = red_reader
    warning = colour_warning(network, replace(right, mean=(0.0,)), people())
    assert warning is not None
    assert warning.startswith("Different people are alike to it, at a similarity of 0.9")


def test_of_too_few_people_nothing_is_said(red_reader: tuple[Network, ModelDescription]) -> None:
    network, right = red_reader
    wrong = replace(right, colour="BGR")
    assert colour_warning(network, wrong, people(FEWEST_PEOPLE - 1)) is None
    assert colour_warning(network, wrong, people(20, pictures=1)) is None
    assert colour_warning(network, wrong, people(FEWEST_PEOPLE)) is not None
