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
from bench.evaluation.embedding import SeenPictures
from bench.evaluation.pictures import PictureSet
from bench.evaluation.trials import owners_of
from bench.growth import Grown, PeopleLaw, grown, passing, similarities
from common.sentence import Sentence
from gallery.search.identity_rows import IdentityRows
from gallery.threshold import ImpostorScores
from models.embedders.sface import FIGURES

SIZES = (6, 50, 1000, 10_000)
WISH = 0.01
KNOWN = PeopleLaw(np.full(256, np.sqrt(0.1 / 256), np.float32), between=0.5, within=0.4)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.fixture(scope="module")
def known_law() -> ImpostorScores:
    """The normal law that has the same scores as KNOWN where one in 10,000 and one in a million
    passes: there thresholds lie."""
    rng = np.random.default_rng(12)
    people, probes = KNOWN.draw(4000, 1, rng)[:, 0], KNOWN.draw(4000, 1, rng)[:, 0]
    rates = (1e-4, 1e-6)
    products = (probes @ people.T).ravel()
    highest = np.sort(np.partition(products, -2000)[-2000:])
    scores = [float(highest[-round(rate * len(products))]) for rate in rates]
    deviations = [-NormalDist().inv_cdf(rate) for rate in rates]
    std = (scores[1] - scores[0]) / (deviations[1] - deviations[0])
    return ImpostorScores(float(scores[0] - std * deviations[0]), float(std))


def test_similarities_are_what_the_gallery_tells(rng: np.random.Generator) -> None:
    people = KNOWN.draw(7, 3, rng)
    rows = IdentityRows(256)
    for number, templates in enumerate(people):
        rows.put(str(number), templates)
    probes = KNOWN.draw(5, 1, rng)[:, 0]
    expected = [[dict(rows.best(probe, 7))[str(i)] for i in range(7)] for probe in probes]
    assert similarities(probes, people) == pytest.approx(np.array(expected), abs=1e-6)


def test_the_law_of_people_is_found_again(rng: np.random.Generator) -> None:
    found = PeopleLaw.of(list(KNOWN.draw(200, 12, rng)))
    assert found.between == pytest.approx(KNOWN.between, abs=0.03)
    assert found.within == pytest.approx(KNOWN.within, abs=0.03)
    assert float(found.common @ KNOWN.common) == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize("templates", [1, 5])
def test_as_many_pass_as_of_people_who_are_drawn_as_they_come(
    templates: int, rng: np.random.Generator
) -> None:
    law = PeopleLaw(np.full(64, np.sqrt(0.1 / 64), np.float32), between=0.5, within=0.4)
    probes = law.draw(20, 1, rng)[:, 0]
    people = law.draw(20_000, templates, rng)
    means = people.sum(axis=1)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    found = np.maximum((people @ probes.T).max(axis=1), means @ probes.T)
    expected = (found >= 0.45).mean()
    assert 5e-4 < expected < 2e-2
    assert passing(probes, law, templates, 0.45, rng, 400).mean() == pytest.approx(
        expected, rel=0.1
    )


def _grown(law: ImpostorScores, rng: np.random.Generator) -> list[Grown]:
    figures = replace(FIGURES, nonmated=(law.mean, law.std), threshold_floor=0.0, one_person=0.6)
    strangers = KNOWN.draw(3000, 1, rng)[:, 0]
    return grown([*KNOWN.draw(6, 1, rng)], strangers, KNOWN, SIZES, figures, WISH, rng, 10)


def test_of_strangers_of_a_known_law_as_many_are_named_as_wished(
    known_law: ImpostorScores, rng: np.random.Generator
) -> None:
    found = _grown(known_law, rng)
    for one in found:
        assert WISH / 2 <= one.share <= WISH * 2, one.size


def test_the_gallerys_own_people_keep_back_strangers_whom_a_wrong_law_would_name(
    known_law: ImpostorScores, rng: np.random.Generator
) -> None:
    """The embedder's law lies a standard deviation too low. Six people cannot tell."""
    wrong = ImpostorScores(known_law.mean - known_law.std, known_law.std)
    smallest, *others = _grown(wrong, rng)
    assert smallest.share == smallest.share_by_law
    for one in others:
        assert one.share < one.share_by_law, one.size
    assert others[0].share < 0.75 * others[0].share_by_law


@pytest.fixture(scope="module")
def real_people(glint_people: tuple[PictureSet, SeenPictures]) -> list[NDArray[np.float32]]:
    """The embeddings of each of the 12 people, in the order of their names."""
    pictures, seen = glint_people
    owners = owners_of(pictures)
    return [seen.embeddings[seen.has_face & (owners == i)] for i in range(len(pictures.names))]


def test_real_strangers_are_named_as_seldom_as_wished_however_large_the_gallery(
    real_people: list[NDArray[np.float32]], rng: np.random.Generator
) -> None:
    """Every second person is enrolled with five pictures, the others are strangers, and the other
    way round. FACEDESK_PLOTS names a folder for the picture and table of docs/calibration.md, for
    which more people are drawn."""
    drawn = 3000 if os.environ.get("FACEDESK_PLOTS") else 100
    law = PeopleLaw.of(real_people)
    series: dict[Sentence, list[Grown]] = {}
    for start, name in (
        (0, Sentence("strangers: every second person")),
        (1, Sentence("strangers: the others")),
    ):
        enrolled = [rows[:5] for rows in real_people[1 - start :: 2]]
        strangers = np.concatenate(real_people[start::2])
        series[name] = grown(enrolled, strangers, law, SIZES, FIGURES, WISH, rng, drawn)
    both = [
        Grown(
            one.size,
            (one.threshold + other.threshold) / 2,
            np.concatenate([one.named, other.named]),
            np.concatenate([one.named_by_law, other.named_by_law]),
        )
        for one, other in zip(*series.values(), strict=True)
    ]
    _draw({**series, Sentence("all of them"): both})
    for one in both:
        assert WISH / 2 <= one.share <= WISH * 2, (one.size, one.share)
    assert both[-1].share <= 1.2 * max(one.share for one in both[:-1]), "it drifts up"


def _draw(series: dict[Sentence, list[Grown]]) -> None:
    folder = os.environ.get("FACEDESK_PLOTS")
    if not folder:
        return
    for kind in (".png", ".csv"):
        growth_diagram(series, WISH).write(Path(folder) / f"calibration-growth{kind}", kind)
