from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.accuracy import ENROLLED
from bench.evaluation.cache import EmbeddingCache
from bench.evaluation.evaluation import Protocol
from bench.evaluation.pictures import people_set
from bench.hardening import degraded
from bench.hardening.defects import AS_THEY_ARE, DEFECTS
from bench.hardening.degraded import embed_degraded
from bench.hardening.hardening import DegradedFigures, harden, worst
from bench.hardening.rates import SeenFace, hardness
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


def hardened(
    folder: Path, cache: EmbeddingCache | None = None, groups: dict[str, str] | None = None
) -> dict[str, DegradedFigures]:
    pictures = people_set(folder)
    paths = [picture.path for picture in pictures.pictures]
    steps: list[None] = []
    models = [(OnlyFace(), MeanColours())] * 2
    seen = embed_degraded(
        paths,
        models,  # type: ignore[arg-type]
        DEFECTS,
        lambda: steps.append(None),
        cache,
    )
    assert len(steps) == len(paths)
    found = harden(pictures, seen, FIGURES, lambda _: 0.5, 0.001, Protocol(), groups or {})
    return {row.defect: row for row in found}


def test_a_folder_is_degraded_and_measured(painted_people: Path) -> None:
    found = hardened(painted_people)
    assert list(found) == list(DEFECTS)
    rates = {name: row.rates for name, row in found.items()}
    assert rates[AS_THEY_ARE].set_apart == 0
    for defect in ("blurred, sigma 4 px", "noise, sigma 50", "dark, 10 % of the light", "mask"):
        assert rates[defect].set_apart == 1
        assert rates[defect].same.enrolled == 0
        assert rates[defect].without.enrolled == 4
    assert hardened(painted_people) == found, "the same pictures are degraded in the same way"


def test_each_defect_has_figures_with_intervals(painted_people: Path) -> None:
    found = hardened(painted_people, groups={f"person {i}": "ab"[i // 2] for i in range(4)})
    for row in found.values():
        for one in (row.accuracy, row.tpr, row.fnir, row.not_found):
            assert one is not None
            assert 0 <= one.low <= one.value <= one.high <= 1
        assert row.not_found.value == 0
        assert {one.group for one in row.groups} == {"a", "b"}
    clear, dark = found[AS_THEY_ARE], found["dark, 10 % of the light"]
    assert clear.tpr is not None
    assert dark.tpr is not None
    assert (clear.tpr.value, clear.tpr.of) == (1, 4)
    assert dark.tpr.value < 1, "all are as dark as each other"
    assert worst(list(found.values())).defect != AS_THEY_ARE


def test_damaged_pictures_and_people_with_few_count_as_far_as_they_can(
    painted_people: Path,
) -> None:
    (painted_people / "person 0" / "5.png").write_bytes(b"no picture")
    for i in range(4):
        (painted_people / "person 2" / f"{i}.png").unlink()
    for i in range(5):
        (painted_people / "person 3" / f"{i}.png").unlink()
    found = hardened(painted_people)[AS_THEY_ARE]
    assert found.tpr is not None
    assert (found.tpr.of, found.tpr.errors) == (3, 1), "of person 3 nothing is enrolled"
    assert (found.not_found.of, found.not_found.errors) == (4, 1)
    assert found.rates.same.people == 4


def test_where_no_probe_has_a_face_there_is_nothing_but_that(painted_people: Path) -> None:
    for person in painted_people.iterdir():
        (person / "5.png").write_bytes(b"no picture")
    found = hardened(painted_people)
    for row in found.values():
        assert (row.accuracy, row.tpr, row.fnir) == (None, None, None)
        assert row.not_found.value == 1


def test_a_second_run_degrades_nothing(
    painted_people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened() -> EmbeddingCache:
        return EmbeddingCache(tmp_path / "kept", "m", MeanColours.dimension, date.today)

    cache = opened()
    first = hardened(painted_people, cache)
    cache.save()
    monkeypatch.setattr(degraded, "to_degrade", None)
    assert hardened(painted_people, opened()) == first


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
