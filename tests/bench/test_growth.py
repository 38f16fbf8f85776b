"""Strangers in growing galleries: of a known law, and on real faces kept apart."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.drawing.speed_diagrams import growth_diagram
from bench.growth import Grown, PeopleLaw, grown, nearest
from capture.stills import people_folders, picture_paths, read_picture
from common.sentence import Sentence
from gallery.search.identity_rows import IdentityRows
from gallery.threshold import ImpostorScores
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder, embed_face
from models.embedders.sface import FIGURES

SIZES = (6, 50, 1000, 10_000)
WISH = 0.01
KNOWN = PeopleLaw(np.full(256, np.sqrt(0.1 / 256), np.float32), between=0.5, within=0.4)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def _known_law(rng: np.random.Generator) -> ImpostorScores:
    """Return the normal law that has the same scores as KNOWN where one in 10,000 and one in a
    million passes: there thresholds lie."""
    people, probes = KNOWN.draw(4000, 1, rng)[:, 0], KNOWN.draw(4000, 1, rng)[:, 0]
    rates = (1e-4, 1e-6)
    scores = np.quantile(probes @ people.T, [1 - rate for rate in rates])
    deviations = [-NormalDist().inv_cdf(rate) for rate in rates]
    std = (scores[1] - scores[0]) / (deviations[1] - deviations[0])
    return ImpostorScores(float(scores[0] - std * deviations[0]), float(std))


def test_nearest_is_what_the_gallery_tells(rng: np.random.Generator) -> None:
    people = KNOWN.draw(7, 3, rng)
    rows = IdentityRows(256)
    for number, templates in enumerate(people):
        rows.put(str(number), templates)
    probes = KNOWN.draw(5, 1, rng)[:, 0]
    expected = [rows.best(probe, 1)[0][1] for probe in probes]
    assert nearest(probes, list(people)) == pytest.approx(expected, abs=1e-6)


def test_the_law_of_people_is_found_again(rng: np.random.Generator) -> None:
    found = PeopleLaw.of(list(KNOWN.draw(200, 12, rng)))
    assert found.between == pytest.approx(KNOWN.between, abs=0.03)
    assert found.within == pytest.approx(KNOWN.within, abs=0.03)
    assert float(found.common @ KNOWN.common) == pytest.approx(0.1, abs=0.02)


def _grown(law: ImpostorScores, rng: np.random.Generator) -> list[Grown]:
    figures = replace(FIGURES, nonmated=(law.mean, law.std), threshold_floor=0.0, one_person=0.6)
    strangers = KNOWN.draw(3000, 1, rng)[:, 0]
    return grown([*KNOWN.draw(6, 1, rng)], strangers, KNOWN, SIZES, figures, WISH, rng)


def test_of_strangers_of_a_known_law_as_many_are_named_as_wished(rng: np.random.Generator) -> None:
    found = _grown(_known_law(rng), rng)
    for one in found:
        assert WISH / 2 <= one.named <= WISH * 2, one


def test_the_gallerys_own_people_keep_back_strangers_whom_a_wrong_law_would_name(
    rng: np.random.Generator,
) -> None:
    """The embedder's law lies a standard deviation too low. Six people cannot tell."""
    law = _known_law(rng)
    wrong = ImpostorScores(law.mean - law.std, law.std)
    smallest, *others = _grown(wrong, rng)
    assert smallest.named == smallest.named_by_law
    for one in others:
        assert one.named < one.named_by_law, one
    assert others[0].named < 0.75 * others[0].named_by_law


@pytest.fixture(scope="module")
def real_people(
    detector: Detector, embedder: Embedder, shared_data: Path
) -> list[NDArray[np.float32]]:
    """The embeddings of each of the 12 people, in the order of their names."""
    people = []
    for folder in people_folders(shared_data / "faces" / "people"):
        rows = []
        for path in picture_paths(folder):
            image = read_picture(path)
            faces = detector.detect(image)
            if faces:
                face = max(faces, key=lambda f: f.width * f.height)
                rows.append(embed_face(embedder, image, face, thoroughly=True).embedding)
        people.append(np.stack(rows))
    return people


def test_real_strangers_are_named_as_seldom_as_wished_however_large_the_gallery(
    real_people: list[NDArray[np.float32]], rng: np.random.Generator
) -> None:
    """Every second person is enrolled with five pictures, the others are strangers, and the other
    way round. FACEDESK_PLOTS names a folder for the picture and table of docs/calibration.md."""
    law = PeopleLaw.of(real_people)
    series: dict[Sentence, list[Grown]] = {}
    for start, name in (
        (0, Sentence("strangers: every second person")),
        (1, Sentence("strangers: the others")),
    ):
        enrolled = [rows[:5] for rows in real_people[1 - start :: 2]]
        strangers = np.concatenate(real_people[start::2])
        runs = [grown(enrolled, strangers, law, SIZES, FIGURES, WISH, rng) for _ in range(3)]
        series[name] = [
            replace(
                one[0],
                named=float(np.mean([g.named for g in one])),
                named_by_law=float(np.mean([g.named_by_law for g in one])),
            )
            for one in zip(*runs, strict=True)
        ]
    mean = [float(np.mean([g.named for g in one])) for one in zip(*series.values(), strict=True)]
    _draw(series)
    for size, named in zip(SIZES, mean, strict=True):
        assert WISH / 2 <= named <= WISH * 2, (size, named)


def _draw(series: dict[Sentence, list[Grown]]) -> None:
    folder = os.environ.get("FACEDESK_PLOTS")
    if not folder:
        return
    for kind in (".png", ".csv"):
        growth_diagram(series, WISH).write(Path(folder) / f"calibration-growth{kind}", kind)
