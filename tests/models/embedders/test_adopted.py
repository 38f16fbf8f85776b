"""Figures that were measured on the user's own people are kept, and a damaged file is noticed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from common.errors import SettingsError
from models.embedders.adopted import AdoptedMeasurements, Measurement, adopted_figures
from models.embedders.figures import EmbedderFigures
from models.embedders.sface import FIGURES, SfaceEmbedder


def measurement(**changed: Any) -> Measurement:
    of: dict[str, Any] = {
        "model_id": "ghost-12345678",
        "nonmated": (0.1, 0.09),
        "nonmated_pairs": (0.02, 0.08),
        "levels": {"threshold_floor": 0.33, "same_face": 0.4},
        "people": 12,
        "probes": 228,
        "measured_at": datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
    }
    return Measurement(**(of | changed))


@pytest.fixture
def adopted(tmp_path: Path) -> AdoptedMeasurements:
    return AdoptedMeasurements(tmp_path / "nhà 家" / "figures")


def test_nothing_is_adopted_at_first(adopted: AdoptedMeasurements, tmp_path: Path) -> None:
    assert adopted.of("ghost-12345678") is None
    assert adopted_figures("ghost-12345678", adopted.folder) is None
    assert not adopted.forget("ghost-12345678")
    assert list(tmp_path.iterdir()) == []


def test_what_was_adopted_is_of_its_model_alone(adopted: AdoptedMeasurements) -> None:
    adopted.adopt(measurement(weights=(0.25, 0.75), dimensions=(128, 512)))
    adopted.adopt(measurement(model_id="a+b/../c", people=7))
    assert adopted.of("ghost-12345678") == measurement(weights=(0.25, 0.75), dimensions=(128, 512))
    assert adopted.of("a+b/../c") == measurement(model_id="a+b/../c", people=7)
    assert adopted.of("ghost") is None
    assert {path.parent for path in adopted.folder.rglob("*")} == {adopted.folder}


def test_a_later_measurement_takes_the_place_of_the_first(adopted: AdoptedMeasurements) -> None:
    adopted.adopt(measurement())
    adopted.adopt(measurement(people=20))
    assert adopted.of("ghost-12345678") == measurement(people=20)
    assert len(list(adopted.folder.iterdir())) == 1


def test_what_was_not_measured_is_estimated_from_what_was(adopted: AdoptedMeasurements) -> None:
    adopted.adopt(measurement())
    figures = adopted_figures("ghost-12345678", adopted.folder)
    assert figures is not None
    assert figures.is_measured
    assert (figures.nonmated, figures.nonmated_pairs) == ((0.1, 0.09), (0.02, 0.08))
    assert (figures.threshold_floor, figures.same_face) == (0.33, 0.4)
    estimated = FIGURES.estimated_for((0.1, 0.09), (0.02, 0.08))
    for figure in fields(EmbedderFigures):
        if figure.name not in ("threshold_floor", "same_face", "is_measured"):
            assert getattr(figures, figure.name) == getattr(estimated, figure.name)


def test_of_sface_what_was_measured_elsewhere_stays() -> None:
    figures = measurement(model_id=SfaceEmbedder.model_id).figures
    measured = {"nonmated": (0.1, 0.09), "nonmated_pairs": (0.02, 0.08)}
    assert figures == replace(FIGURES, **measured, threshold_floor=0.33, same_face=0.4)


def test_without_a_user_nothing_is_adopted() -> None:
    assert adopted_figures("ghost-12345678", None) is None


def test_what_is_forgotten_is_gone(adopted: AdoptedMeasurements) -> None:
    adopted.adopt(measurement())
    assert adopted.forget("ghost-12345678")
    assert adopted.of("ghost-12345678") is None
    assert not adopted.forget("ghost-12345678")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("ghost-12345678", "toast-12345678", "it is not as it was written"),
        ('"version": 1', '"version": 2', "a newer Facedesk has written it"),
        ('"people": 12', '"people": "dozen"', "Expected `int`"),
        ('"people": 12', '"people": 12, "shoes": 24', "unknown field `shoes`"),
        ('"same_face"', '"some_face"', "some_face"),
        ('"same_face": 0.4', '"same_face": null', "Expected `float`"),
        ("0.09", "0.0", "similarities lie between -1 and 1"),
        ('"weights": []', '"weights": [0.5, 0.7]', "weights are positive and sum to 1"),
        ("}", "", "truncated"),
    ],
)
def test_a_damaged_file_is_told_and_nothing_takes_its_place(
    adopted: AdoptedMeasurements, before: str, after: str, said: str
) -> None:
    adopted.adopt(measurement())
    (path,) = adopted.folder.iterdir()
    whole = path.read_text("utf-8")
    assert before in whole
    path.write_text(whole[::-1].replace(before[::-1], after[::-1], 1)[::-1], "utf-8")
    with pytest.raises(SettingsError, match="they cannot be read") as raised:
        adopted_figures("ghost-12345678", adopted.folder)
    assert said in str(raised.value)
    assert "facedesk evaluate FOLDER --adopt" in str(raised.value)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"nonmated": (0.1, float("nan"))}, "not finite"),
        ({"nonmated_pairs": (1.5, 0.1)}, "between -1 and 1"),
        ({"levels": {"is_measured": 1.0}}, "no figures"),
        ({"levels": {"margin": float("inf")}}, "not finite"),
        ({"weights": (1.0, 0.0)}, "positive"),
        ({"weights": (0.5, 0.5)}, "each weight has a dimension"),
    ],
)
def test_what_no_measurement_gives_is_never_kept(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        measurement(**wrong)


def test_a_folder_that_nobody_may_write(
    adopted: AdoptedMeasurements,
    as_nobody: Callable[[], AbstractContextManager[None]],
) -> None:
    adopted.adopt(measurement())
    adopted.folder.chmod(0o500)
    with as_nobody(), pytest.raises(SettingsError):
        adopted.adopt(measurement(people=3))
    adopted.folder.chmod(0o700)
    assert adopted.of("ghost-12345678") == measurement()
