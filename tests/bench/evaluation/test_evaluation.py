from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.drawing.evaluation_diagrams import diagrams
from bench.evaluation.embedding import SeenPictures
from bench.evaluation.evaluation import Evaluation, Protocol, evaluate
from bench.evaluation.pictures import LabelledPicture, PictureSet
from bench.evaluation.trials import owners_of
from common.errors import PictureError
from models.engines.engine import FloatArray
from models.flaws import Flaw


def people(count: int, pictures: int = 12) -> PictureSet:
    return PictureSet(
        tuple(
            LabelledPicture(Path(f"{person:02}/{i}.png"), f"{person:02}")
            for person in range(count)
            for i in range(pictures)
        )
    )


def embedded(pictures: PictureSet, noise: float = 0.5) -> FloatArray:
    random = np.random.default_rng(5)
    owners = owners_of(pictures)
    rows = random.normal(size=(len(pictures.names), 48))[owners]
    rows = rows + noise * random.normal(size=rows.shape)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def seen(rows: FloatArray, flawed: int = -1) -> SeenPictures:
    flaws = [frozenset({Flaw.BLURRED}) if i == flawed else frozenset() for i in range(len(rows))]
    return SeenPictures(rows, np.full(len(rows), 0.5, np.float32), tuple(flaws), {})


def evaluated(
    pictures: PictureSet, rows: FloatArray, groups: dict[str, str] | None = None, flawed: int = -1
) -> Evaluation:
    return evaluate(pictures, seen(rows, flawed), lambda size: 0.5, 0.4, Protocol(), groups or {})


def test_a_swapped_label_is_the_worst_miss_and_the_worst_match() -> None:
    pictures, swapped = people(10), 7 * 12 + 9
    rows = embedded(pictures)
    rows[swapped] = rows[3 * 12 + 8]  # of 07 by its label, of 03 in truth
    rows[swapped, 0] += 0.05
    rows[swapped] /= np.linalg.norm(rows[swapped])
    found = evaluated(pictures, rows)
    miss, match = found.misses[0], found.matches[0]
    assert (miss.picture, miss.person) == (swapped, "07")
    assert miss.reason.startswith("it is more like 03")
    assert miss.reason.endswith("the label may be wrong")
    assert (match.picture, match.person, match.claimed) == (swapped, "07", "03")
    assert match.other == 3 * 12 + 8
    taken = [one.reason for one in found.matches if one.picture == swapped]
    assert taken[0] == "it is more like this person than like its own: the label may be wrong"
    assert not any("this person" in reason for reason in taken[1:]), "only one is the right label"
    (confusion,) = found.confusions
    assert (confusion.person, confusion.taken_for, confusion.count) == ("07", "03", 1)
    assert len(found.misses) == len(found.matches) == 10
    assert len({one.picture for one in found.misses}) == 10


def test_a_flaw_is_a_reason() -> None:
    pictures, blurred = people(6), 2 * 12 + 11
    rows = embedded(pictures, noise=0.2)
    rows[blurred] = 0
    rows[blurred, 0] = 1
    others = np.delete(np.arange(len(rows)), np.arange(24, 36))
    rows[others, 0] = -1  # nobody else is like it
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    found = evaluated(pictures, rows, flawed=blurred)
    assert found.misses[0].picture == blurred
    assert found.misses[0].reason == "blurred"


def test_the_worst_group_comes_first() -> None:
    """Its people's pictures are of anybody: a good average would hide it."""
    pictures = people(12)
    rows = embedded(pictures, noise=0.3)
    random = np.random.default_rng(1)
    hard = slice(9 * 12, 12 * 12)
    noise = random.normal(size=rows[hard].shape)
    rows[hard] = noise / np.linalg.norm(noise, axis=1, keepdims=True)
    groups = {name: "easy" if int(name) < 9 else "hard" for name in pictures.names}
    found = evaluated(pictures, rows, groups)
    assert [(one.group, one.people) for one in found.groups] == [("hard", 3), ("easy", 9)]
    assert found.groups[0].figures.fnmr.value > 0.9
    assert found.groups[1].figures.fnmr.value == 0
    assert found.groups[1].figures.nonmated == 9 * 7 * 8
    assert any(warning.startswith("Group hard: 3 people") for warning in found.warnings)


def test_a_family_is_measured_as_far_as_it_goes() -> None:
    """Two people, seven pictures of each: four comparisons of one person, four of two."""
    pictures = people(2, pictures=7)
    found = evaluated(pictures, embedded(pictures, noise=0.2))
    assert (found.verification.mated, found.verification.nonmated) == (4, 4)
    assert found.verification.accuracy.value == 1
    assert found.nonmated is None
    assert any("no false match rate below 100 %" in warning for warning in found.warnings)
    assert diagrams(found)["roc"].rows


def test_people_who_are_enrolled_already() -> None:
    pictures = replace(people(8), enrolled=("00", "01", "02", "someone else"))
    rows = embedded(pictures)
    centres = {name: rows[12 * i : 12 * i + 2] for i, name in enumerate(("00", "01", "02"))}
    templates = {**centres, "someone else": rows[-1:] * np.float32(-1)}
    found = evaluate(pictures, seen(rows), lambda size: 0.5, 0.4, Protocol(), {}, templates)
    many = found.identification
    assert many is not None
    assert (many.known, many.strangers, many.rank1.of) == (4, 5, 36)
    assert many.rank1.errors == 0
    assert found.people == 8


@pytest.mark.parametrize(
    ("pictures", "told"),
    [
        (people(1), "no comparison of different people"),
        (people(40, 1), "no comparison of one person's"),
    ],
)
def test_too_little_to_compare(pictures: PictureSet, told: str) -> None:
    with pytest.raises(PictureError, match=told):
        evaluated(pictures, embedded(pictures))
