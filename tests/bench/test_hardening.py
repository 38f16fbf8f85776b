from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.accuracy import ENROLLED
from bench.defects import AS_THEY_ARE, DEFECTS
from bench.hardening import SeenFace, harden, hardness
from common.errors import EnrollmentError
from common.picture import RgbImage
from models.crop import ALIGNED_LANDMARKS
from models.detectors.protocol import Detector
from models.embedders.sface import FIGURES
from models.engines.engine import FloatArray
from models.face import Face
from models.flaws import Flaw

NOBODYS, NOT_CLEAR = frozenset[Flaw](), frozenset({Flaw.BLURRED})


def row(*parts: tuple[int, float]) -> FloatArray:
    made = np.zeros(10, np.float32)
    for axis, amount in parts:
        made[axis] = amount
    return made / np.float32(np.linalg.norm(made))


def seen(
    flaws: frozenset[Flaw], common: float, people: int = 4, probes: int = 10
) -> dict[str, Sequence[SeenFace | None]]:
    """Each person on an axis of their own; `common`: how much all have of one more."""
    return {
        f"person {i}": [SeenFace(row((i, 1.0), (9, common)), flaws)] * (ENROLLED + probes)
        for i in range(people)
    }


def test_clear_faces_lose_nobody() -> None:
    clear = seen(NOBODYS, 0.0)
    figures = hardness("as they are", clear, clear, FIGURES, 0.001)
    assert figures.set_apart == 0
    for rates in (figures.same, figures.clean, figures.without):
        assert (rates.people, rates.enrolled, rates.fnir, rates.fpir) == (4, 4, 0, 0)


def test_what_all_have_in_common_names_strangers_unless_it_is_refused() -> None:
    clear, alike = seen(NOBODYS, 0.0), seen(NOT_CLEAR, 1.0)
    only_one = {"person 0": alike["person 0"], "person 1": alike["person 1"]}
    figures = hardness("blurred", only_one, clear, FIGURES, 0.001)
    assert figures.set_apart == 1
    assert (figures.same.enrolled, figures.same.fnir, figures.same.fpir) == (0, None, 0)
    assert (figures.without.enrolled, figures.without.fpir) == (2, 1.0), "half of it is common"
    assert figures.clean.fpir == 0


def test_a_probe_that_is_not_clear_needs_more() -> None:
    clear = seen(NOBODYS, 0.0)
    tilted = {
        name: [*faces[:ENROLLED], SeenFace(row((i, 0.43), (8, 0.903)), flaws)]
        for flaws in (NOT_CLEAR,)
        for i, (name, faces) in enumerate(clear.items())
    }
    figures = hardness("dim", tilted, clear, FIGURES, 0.001)
    assert figures.without.fnir == 0
    assert figures.clean.fnir == 1
    no_face = {name: [*faces[:ENROLLED], None] for name, faces in clear.items()}
    assert hardness("no face", no_face, clear, FIGURES, 0.001).same.fnir == 1


class OnlyFace:
    """Finds one face that fills the middle half of any picture."""

    name = "only"

    def detect(self, image: RgbImage) -> list[Face]:
        height, width = image.shape[:2]
        box = np.float32([width / 4, height / 4, width * 3 / 4, height * 3 / 4])
        scale = np.float32([width / 2 / 112, height / 2 / 112])
        return [Face(box, 1.0, ALIGNED_LANDMARKS * scale + box[:2])]


class MeanColours:
    """Embeds a crop as the mean colours of its four quarters."""

    model_id, dimension, figures = "mean-12", 12, FIGURES

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        x1, y1, x2, y2 = face.box_xyxy.astype(int)
        return image[y1:y2, x1:x2]

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        quarters = [cv2.resize(c, (2, 2), interpolation=cv2.INTER_AREA).ravel() for c in crops]
        rows = np.stack(quarters).astype(np.float32) - 128
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    embed_thoroughly = embed


@pytest.fixture
def painted_people(tmp_path: Path) -> Path:
    """Four people with six pictures each, of 300 pixels; each person has a colour."""
    grey = np.random.default_rng(0).integers(60, 196, (60, 60)).astype(np.uint8)
    texture = cv2.cvtColor(cv2.resize(grey, (300, 300)), cv2.COLOR_GRAY2BGR)
    for person, colour in enumerate(((40, -20, 0), (-40, 20, 0), (0, 20, -40), (0, -20, 40))):
        folder = tmp_path / "people" / f"person {person}"
        folder.mkdir(parents=True)
        picture = (texture.astype(int) + colour).astype(np.uint8)
        for i in range(6):
            cv2.imwrite(str(folder / f"{i}.png"), cv2.convertScaleAbs(picture, alpha=1, beta=i))
    return tmp_path / "people"


def test_a_folder_is_degraded_and_measured(painted_people: Path) -> None:
    steps: list[None] = []
    rows = harden(painted_people, OnlyFace(), MeanColours(), 0.001, lambda: steps.append(None))
    assert len(steps) == 4 * 6 * len(DEFECTS)
    by_name = {row.defect: row for row in rows}
    assert list(by_name) == list(DEFECTS)
    assert by_name[AS_THEY_ARE].set_apart == 0
    for defect in ("blurred, sigma 4 px", "noise, sigma 50", "dark, 10 % of the light", "mask"):
        assert by_name[defect].set_apart == 1
        assert by_name[defect].same.enrolled == 0
        assert by_name[defect].without.enrolled == 4
    again = harden(painted_people, OnlyFace(), MeanColours(), 0.001, lambda: None)
    assert again == rows, "the same pictures are degraded in the same way"


def test_too_few_pictures(painted_people: Path) -> None:
    (painted_people / "person 2" / "0.png").unlink()
    with pytest.raises(EnrollmentError, match="person 2 has 5"):
        harden(painted_people, OnlyFace(), MeanColours(), 0.001, lambda: None)


@pytest.mark.parametrize("name", [name for name in DEFECTS if name != AS_THEY_ARE])
def test_each_defect_degrades_a_copy(detector: Detector, astronaut: RgbImage, name: str) -> None:
    (face,) = detector.detect(astronaut)
    before = astronaut.copy()
    degraded = DEFECTS[name](astronaut, face)
    assert np.array_equal(astronaut, before)
    assert degraded.dtype == np.uint8
    assert degraded.shape != astronaut.shape or not np.array_equal(degraded, astronaut)
    if not name.startswith("small"):
        assert degraded.shape == astronaut.shape
