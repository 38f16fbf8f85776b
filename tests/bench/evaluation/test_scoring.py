from __future__ import annotations

import resource
from pathlib import Path

import numpy as np
import pytest

from bench.evaluation import scoring
from bench.evaluation.figures import identification, verification
from bench.evaluation.pictures import LabelledPicture, PicturePair, PictureSet
from bench.evaluation.scoring import Scores, score, score_pairs
from bench.evaluation.trials import owners_of, trials
from gallery.search.identity_rows import IdentityRows
from models.engines.engine import FloatArray


def pictures_of(counts: dict[str, int], strangers: tuple[str, ...] = ()) -> PictureSet:
    return PictureSet(
        tuple(
            LabelledPicture(Path(f"{name}/{i}.png"), name, name in strangers)
            for name, count in counts.items()
            for i in range(count)
        )
    )


def drawn(pictures: PictureSet, dimension: int = 32, noise: float = 0.4) -> FloatArray:
    """Pictures around a direction of each person's own."""
    random = np.random.default_rng(3)
    centres = random.normal(size=(len(pictures.names), dimension))
    owners = owners_of(pictures)
    rows = centres[owners] + noise * random.normal(size=(len(owners), dimension))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def scored(pictures: PictureSet, rows: FloatArray, enroll: int = 5, repeat: int = 1) -> Scores:
    several = trials(pictures, rows, enroll, repeat)
    return score(several, rows, owners_of(pictures), len(pictures.names))


def test_people_are_compared_as_the_gallery_compares_them() -> None:
    pictures = pictures_of(dict.fromkeys("abcdef", 8))
    rows = drawn(pictures, noise=1.5)
    found = scored(pictures, rows)
    gallery = IdentityRows(rows.shape[1])
    for person in range(6):
        gallery.put(str(person), rows[8 * person : 8 * person + 5])
    told = {
        (int(picture), int(claimed)): float(similarity)
        for picture, claimed, similarity in (
            *zip(found.mated.pictures, found.mated.persons, found.mated.scores, strict=True),
            *zip(
                found.nonmated.pictures,
                found.nonmated.claimed,
                found.nonmated.scores,
                strict=True,
            ),
        )
    }
    expected = {
        (picture, int(who)): similarity
        for picture in found.mated.pictures.tolist()
        for who, similarity in gallery.best(rows[picture], 6)
    }
    assert len(told) == 18 * 6
    assert told == pytest.approx(expected, abs=1e-5)
    (everyone,) = found.everyone
    for picture, who, best in zip(everyone.pictures, everyone.found, everyone.best, strict=True):
        ((nearest, similarity),) = gallery.best(rows[picture], 1)
        assert (str(who), float(best)) == (nearest, pytest.approx(similarity, abs=1e-5))


def test_a_person_with_few_pictures_counts_as_far_as_it_can() -> None:
    pictures = pictures_of({"alone": 1, "many": 9, "two": 2})
    rows = drawn(pictures)
    found = scored(pictures, rows)
    assert np.bincount(found.mated.persons, minlength=3).tolist() == [0, 4, 1]
    # The one with a single picture is nobody's mate, but different from both others.
    assert (found.nonmated.persons == 0).sum() == 2
    assert not (found.nonmated.claimed == 0).any()
    assert found.probed.tolist() == [1, 4, 1]


def test_pictures_without_a_face_are_misses_and_enroll_nobody() -> None:
    pictures = pictures_of(dict.fromkeys("abcd", 7))
    rows = drawn(pictures)
    rows[:5] = np.nan  # nobody can enroll a
    rows[13] = np.nan  # and b has a probe without a face
    found = scored(pictures, rows)
    assert np.isneginf(found.mated.scores).tolist() == [True, True, False, True] + 4 * [False]
    assert not (found.nonmated.claimed == 0).any()
    assert found.missed.tolist() == [0, 1, 0, 0]
    many = identification(found, lambda size: 0.5)
    assert many is not None
    assert (many.rank1.errors, many.rank1.of) == (3, 8)


def test_each_half_are_strangers_once() -> None:
    pictures = pictures_of(dict.fromkeys("abcd", 7))
    found = scored(pictures, drawn(pictures))
    one, other = found.open_set
    assert np.unique(one.persons[one.is_known]).tolist() == [0, 2]
    assert np.unique(other.persons[other.is_known]).tolist() == [1, 3]
    assert set(one.found.tolist()) <= {0, 2}


def test_strangers_of_their_own_are_never_enrolled() -> None:
    pictures = pictures_of({**dict.fromkeys("abcd", 7), "s": 3}, strangers=("s",))
    found = scored(pictures, drawn(pictures))
    (choice,) = found.open_set
    assert choice.size == 4
    assert np.unique(choice.persons[~choice.is_known]).tolist() == [4]
    assert not (found.nonmated.claimed == 4).any()


def test_splits_are_drawn_anew() -> None:
    pictures = pictures_of(dict.fromkeys("abcd", 10))
    found = scored(pictures, drawn(pictures), repeat=4)
    assert len(found.mated.scores) == 4 * 20
    assert len(found.open_set) == 8
    assert len(set(map(tuple, np.split(found.mated.pictures, 4)))) == 4
    again = scored(pictures, drawn(pictures), repeat=4)
    assert (again.mated.pictures == found.mated.pictures).all(), "the same each time"


def test_pairs_of_a_list() -> None:
    pictures = pictures_of({"a": 2, "b": 2})
    pairs = (PicturePair(0, 1, True), PicturePair(2, 3, True), PicturePair(0, 2, False))
    rows = drawn(pictures)
    rows[3] = np.nan
    found = score_pairs(PictureSet(pictures.pictures, pairs), rows)
    assert found.mated.scores.tolist() == pytest.approx([float(rows[0] @ rows[1]), -np.inf])
    assert found.nonmated.scores.tolist() == pytest.approx([float(rows[0] @ rows[2])])
    assert found.missed.tolist() == [0, 1]
    assert identification(found, lambda size: 0.5) is None


def test_pairs_of_one_picture_with_several_are_different_comparisons() -> None:
    pictures = pictures_of({"a": 30, "b": 30})
    pairs = tuple(
        PicturePair(i, j, (i < 30) == (j < 30))
        for i in range(0, 60, 20)
        for j in range(60)
        if i != j
    )
    found = verification(score_pairs(PictureSet(pictures.pictures, pairs), drawn(pictures)), 0.99)
    assert found.nonmated == 90
    assert found.fmr.high == pytest.approx(3 / 90)


def test_a_share_of_many_comparisons_tells_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = pictures_of({f"{i:03}": 6 for i in range(120)})
    rows = drawn(pictures, noise=1.2)
    whole = scored(pictures, rows, enroll=1)
    monkeypatch.setattr(scoring, "MOST_COMPARISONS", 20_000)
    thinned = scored(pictures, rows, enroll=1)
    assert len(whole.nonmated.scores) == whole.nonmated.total == thinned.nonmated.total
    assert len(thinned.nonmated.scores) == pytest.approx(20_000, rel=0.05)
    one, other = verification(whole, 0.5), verification(thinned, 0.5)
    assert other.auc.value == pytest.approx(one.auc.value, abs=0.003)
    assert other.tpr[0].value == pytest.approx(one.tpr[0].value, abs=0.03)


def test_a_thousand_people_in_little_memory() -> None:
    """5,000 probes and 5 million comparisons; all similarities at once would take 120 MB."""
    pictures = pictures_of({f"{i:04}": 10 for i in range(1000)})
    rows = drawn(pictures, dimension=128, noise=1.0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = scored(pictures, rows)
    assert found.nonmated.total == 5000 * 999
    one = verification(found, 0.5)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert one.mated == 5000
    assert grown < 250
