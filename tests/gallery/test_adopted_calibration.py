"""The file of the adopted calibration: kept, undone, damaged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.errors import SettingsError
from gallery.adopted_calibration import (
    AdoptedCalibration,
    AdoptedCalibrations,
    FollowedCalibration,
)

AT = datetime(2026, 11, 26, tzinfo=UTC)


def _one(adjustment: float, fpir: float = 0.01, model: str = "toy-8") -> AdoptedCalibration:
    return AdoptedCalibration(
        model_id=model,
        adjustment=adjustment,
        fpir=fpir,
        people=12,
        adopted_at=AT,
        previous_fpir=0.001,
    )


def test_nothing_is_adopted_at_first(tmp_path: Path) -> None:
    kept = AdoptedCalibrations(tmp_path / "none")
    assert kept.of("toy-8") is None
    assert kept.undo("toy-8") is None


def test_one_returns_to_the_one_before_and_then_to_none(tmp_path: Path) -> None:
    kept = AdoptedCalibrations(tmp_path / "calibrations")
    for adjustment in (0.01, 0.02, 0.03):
        kept.adopt(_one(adjustment))
    kept.adopt(_one(0.5, model="other"))
    undone = kept.undo("toy-8")
    assert undone is not None
    assert undone.adjustment == 0.03
    left = kept.of("toy-8")
    assert left == _one(0.02)
    assert kept.undo("toy-8") == left
    assert kept.of("toy-8") is None
    assert kept.of("other") == _one(0.5, model="other")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"version": 1', '"version": 2'),
        ('"toy-8"', '"toy-9"'),
        ("0.01", "-0.01"),
        ("0.01", "NaN"),
        ('"people"', '"peopl"'),
        ("{", ""),
    ],
)
def test_a_damaged_file_is_no_missing_one(tmp_path: Path, before: str, after: str) -> None:
    kept = AdoptedCalibrations(tmp_path)
    kept.adopt(_one(0.01))
    (path,) = tmp_path.glob("*.json")
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
    with pytest.raises(SettingsError, match="calibrate --adopt"):
        kept.of("toy-8")


def test_what_is_adopted_and_taken_back_is_noticed_while_it_runs(tmp_path: Path) -> None:
    kept = AdoptedCalibrations(tmp_path)
    followed = FollowedCalibration(tmp_path, "toy-8")
    assert followed.newer() is None
    kept.adopt(_one(0.5, model="other"))
    assert followed.newer() is None
    kept.adopt(_one(0.03))
    assert followed.newer() == (0.01, 0.03)
    assert followed.newer() is None
    kept.undo("toy-8")
    assert followed.newer() == (0.001, None), "the wish before it was adopted"


def test_damage_and_what_is_not_allowed_change_nothing(tmp_path: Path) -> None:
    kept = AdoptedCalibrations(tmp_path)
    kept.adopt(_one(0.03))
    followed = FollowedCalibration(tmp_path, "toy-8")
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(b"{")
    assert followed.newer() is None
    file.write_bytes(whole)
    assert followed.newer() is None
    followed.allows = lambda fpir, is_adopted: is_adopted
    kept.undo("toy-8")
    assert followed.newer() is None
    followed.allows = lambda fpir, is_adopted: True
    assert followed.newer() == (0.001, None), "it is asked again"
