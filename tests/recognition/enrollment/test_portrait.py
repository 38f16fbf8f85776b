from __future__ import annotations

from dataclasses import replace

import pytest

from models.landmarks.attributes import UNHIDDEN, FaceAttributes
from models.landmarks.head_pose import HeadAngles
from models.quality import Quality
from recognition.enrollment.portrait import portrait_score

CLEAR = Quality(150, 300, 128, 45, yaw=0, roll_deg=0, cut_off=False)
FINE = FaceAttributes(HeadAngles(0, 0, 0), eye_opening=0.3, mouth_opening=0.0, presence=1.0)


def test_a_portrait_with_nothing_wrong_has_the_quality_of_the_picture() -> None:
    assert portrait_score(CLEAR, FINE) == pytest.approx(CLEAR.score) == 1.0
    assert portrait_score(replace(CLEAR, sharpness=70), FINE) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "worse",
    [
        replace(FINE, eye_opening=0.13),
        replace(FINE, mouth_opening=0.4),
        replace(FINE, presence=UNHIDDEN - 0.001),
        replace(FINE, angles=HeadAngles(15, 0, 0)),
        replace(FINE, angles=HeadAngles(-15, 0, 0)),
        replace(FINE, angles=HeadAngles(0, 15, 0)),
        replace(FINE, angles=HeadAngles(0, -15, 0)),
    ],
)
def test_each_thing_that_spoils_a_portrait_counts(worse: FaceAttributes) -> None:
    assert 0 < portrait_score(CLEAR, worse) < 0.9


def test_a_profile_is_worth_nothing_and_never_less() -> None:
    profile = replace(FINE, angles=HeadAngles(80, -70, 0), mouth_opening=1.5)
    assert portrait_score(CLEAR, profile) == 0.0


def test_without_attributes_the_quality_decides() -> None:
    assert portrait_score(replace(CLEAR, sharpness=70), None) == pytest.approx(0.5)
