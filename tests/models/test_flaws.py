from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.hardening.defects import AS_THEY_ARE, DEFECTS
from capture.opening import open_source
from common.picture import RgbImage
from models.crop import aligned_crop
from models.detectors.protocol import Detector
from models.face import Face
from models.flaws import Flaw, find_flaws

Seen = tuple[RgbImage, Face]

EXPECTED = {
    "blurred, sigma 3 px": Flaw.BLURRED,
    "blurred, sigma 4 px": Flaw.BLURRED,
    "motion blur, 9 px": Flaw.BLURRED,
    "motion blur, 15 px": Flaw.BLURRED,
    "motion blur, 25 px": Flaw.BLURRED,
    "sunglasses": Flaw.EYES_HIDDEN,
    "mask": Flaw.MOUTH_HIDDEN,
    "noise, sigma 25": Flaw.NOISY,
    "noise, sigma 50": Flaw.NOISY,
    "JPEG quality 5": Flaw.COMPRESSED,
    "dark, 10 % of the light": Flaw.DARK,
}


@pytest.fixture
def seen(detector: Detector, astronaut: RgbImage) -> Seen:
    (face,) = detector.detect(astronaut)
    return astronaut, face


def flaws(image: RgbImage, face: Face) -> frozenset[Flaw]:
    return find_flaws(image, face, aligned_crop(image, face))


def test_a_clear_face_has_none(seen: Seen) -> None:
    assert flaws(*seen) == frozenset()
    assert flaws(DEFECTS[AS_THEY_ARE](*seen), seen[1]) == frozenset()


@pytest.mark.parametrize(("defect", "flaw"), EXPECTED.items(), ids=EXPECTED)
def test_each_defect_is_found(seen: Seen, defect: str, flaw: Flaw) -> None:
    assert flaw in flaws(DEFECTS[defect](*seen), seen[1])


@pytest.mark.parametrize("turns", [1, 2])
def test_motion_is_found_whatever_its_direction(seen: Seen, turns: int) -> None:
    image, face = seen
    kernel = np.zeros((15, 15), np.float32)
    for i in range(15):
        kernel[i, 7 if turns == 1 else i] = 1 / 15
    moved = np.asarray(cv2.filter2D(image, -1, kernel), np.uint8)
    assert flaws(moved, face) == {Flaw.BLURRED}


def test_a_small_face_is_found(detector: Detector, astronaut: RgbImage) -> None:
    small = np.asarray(cv2.resize(astronaut, (150, 150), interpolation=cv2.INTER_AREA), np.uint8)
    (face,) = detector.detect(small)
    assert face.height < 40
    assert Flaw.SMALL in flaws(small, face)


@pytest.mark.parametrize(
    "harmless",
    [
        lambda image: cv2.GaussianBlur(image, (0, 0), 0.7),
        lambda image: cv2.convertScaleAbs(image, alpha=0.6),
        lambda image: cv2.convertScaleAbs(image, alpha=0.8, beta=50),
        lambda image: cv2.imdecode(
            cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR
        ),
        lambda image: cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB),
    ],
    ids=["softened", "darker", "pale", "compressed", "grey"],
)
def test_what_is_harmless_is_no_flaw(seen: Seen, harmless: Callable[[RgbImage], RgbImage]) -> None:
    assert flaws(np.asarray(harmless(seen[0]), np.uint8), seen[1]) == frozenset()


def test_a_face_at_the_border_is_measured(seen: Seen) -> None:
    image, face = seen
    x1, y1, x2, y2 = face.box_xyxy.astype(int)
    cut = np.ascontiguousarray(image[y1 + 10 : y2 - 10, x1 + 10 : x2 - 10])
    shift = np.float32([x1 + 10, y1 + 10])
    moved = Face(face.box_xyxy - np.tile(shift, 2), face.score, face.landmarks - shift)
    assert Flaw.BLURRED not in flaws(cut, moved)
    blurred = np.asarray(cv2.GaussianBlur(cut, (0, 0), 5), np.uint8)
    assert Flaw.BLURRED in flaws(blurred, moved)


def test_ordinary_webcams_show_none(shared_data: Path, detector: Detector) -> None:
    for film in ("A-no.mkv", "C-walk.mkv"):
        with open_source(str(shared_data / "video" / "webcam" / film)) as source:
            frame = source.read()
        assert frame is not None
        (face,) = detector.detect(frame.image)
        assert flaws(frame.image, face) == frozenset()
