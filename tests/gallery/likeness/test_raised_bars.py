"""What a name needs once others were taken for its owner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from common.errors import GalleryError, UnknownIdentityError
from gallery.gallery import Gallery
from gallery.identity import Candidate, Identity, Match, Template
from gallery.likeness.raised_bars import ABOVE, RaisedBars, own_similarities
from gallery.store import Store

MODEL = "toy-3"
THRESHOLD = 0.5
AT_MOST = 0.2


def at(*degrees: float) -> list[Template]:
    """Templates on a circle: their similarities are the cosines of the angles between them."""
    crop = np.zeros((4, 4, 3), np.uint8)
    return [
        Template(np.array([np.cos(a), np.sin(a), 0], np.float32), crop, 0.5, MODEL)
        for a in np.radians(degrees)
    ]


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    gallery = Gallery(Store(tmp_path / "gallery.db"), MODEL, 3)
    yield gallery
    gallery.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "impostors.db"


def bars_of(gallery: Gallery, path: Path) -> RaisedBars:
    return RaisedBars(path, gallery, AT_MOST)


def taken_for(identity: Identity, similarity: float, second: Candidate | None = None) -> Match:
    return Match(identity, similarity, THRESHOLD, second)


def test_more_is_needed_than_the_example_had_and_never_less(gallery: Gallery, path: Path) -> None:
    ann, bob = gallery.enroll("Ann", at(0)), gallery.enroll("Bob", at(90))
    bars = bars_of(gallery, path)
    assert bars.wanted(ann.id, THRESHOLD) == -1
    assert bars.add(taken_for(ann, 0.6), THRESHOLD).bar.at == pytest.approx(0.6 + ABOVE)
    bars.add(taken_for(ann, 0.55), THRESHOLD)
    assert bars.wanted(ann.id, THRESHOLD) == pytest.approx(0.6 + ABOVE)
    assert bars.wanted(bob.id, THRESHOLD) == -1
    assert not path.with_name("impostors.db-wal").exists()  # nothing stays open


def test_her_own_pictures_are_the_limit(gallery: Gallery, path: Path) -> None:
    """At 0, 50 and 100 degrees each is 50 degrees from the next: the cosine is 0.643."""
    ann = gallery.enroll("Ann", at(0, 50, 100))
    bob = gallery.enroll("Bob", at(60))
    bars = bars_of(gallery, path)
    kept = bars.add(taken_for(ann, 0.66, Candidate(bob, 0.6)), THRESHOLD)
    limit = float(np.cos(np.radians(50)))
    assert kept.bar.at == pytest.approx(limit, abs=1e-4)
    assert own_similarities(gallery.embeddings(ann.id)).min() >= kept.bar.at
    assert kept.bar.capped
    assert kept.are_look_alikes
    assert [(bar.identity, other, found) for bar, other, found in bars.confused(THRESHOLD)] == [
        (ann, bob, 0.66)
    ]


def test_a_picture_that_fails_anyway_limits_nothing(gallery: Gallery, path: Path) -> None:
    ann = gallery.enroll("Ann", at(0, 10, 120))
    kept = bars_of(gallery, path).add(taken_for(ann, 0.6), THRESHOLD)
    assert kept.bar.at == pytest.approx(0.6 + ABOVE)
    assert not kept.bar.capped


def test_the_embedders_limit_holds_where_pictures_are_alike(gallery: Gallery, path: Path) -> None:
    ann = gallery.enroll("Ann", at(0, 1))
    kept = bars_of(gallery, path).add(taken_for(ann, 0.95), THRESHOLD)
    assert kept.bar.at == pytest.approx(THRESHOLD + AT_MOST)
    assert kept.bar.capped
    assert kept.other is None


def test_who_comes_near_without_passing_is_no_look_alike(gallery: Gallery, path: Path) -> None:
    ann, bob = gallery.enroll("Ann", at(0, 1)), gallery.enroll("Bob", at(80))
    bars = bars_of(gallery, path)
    kept = bars.add(taken_for(ann, 0.95, Candidate(bob, THRESHOLD - 0.01)), THRESHOLD)
    assert kept.other is None
    assert bars.confused(THRESHOLD) == []


def test_new_pictures_move_the_limit(gallery: Gallery, path: Path) -> None:
    ann = gallery.enroll("Ann", at(0, 50))
    bars = bars_of(gallery, path)
    bars.add(taken_for(ann, 0.68), THRESHOLD)
    before = bars.wanted(ann.id, THRESHOLD)
    gallery.add_templates(ann.id, at(25))
    assert bars.wanted(ann.id, THRESHOLD) == pytest.approx(0.68 + ABOVE)
    assert bars.wanted(ann.id, THRESHOLD) > before


def test_a_careless_picture_lowers_no_bar(gallery: Gallery, path: Path) -> None:
    ann = gallery.enroll("Ann", at(0, 10))
    bars = bars_of(gallery, path)
    bars.add(taken_for(ann, 0.65), THRESHOLD)
    before = bars.wanted(ann.id, THRESHOLD)
    gallery.add_templates(ann.id, at(65))  # 0.57 from the next: recognized, and only just
    assert bars.wanted(ann.id, THRESHOLD) == before == pytest.approx(0.65 + ABOVE)
    assert bars_of(gallery, path).wanted(ann.id, THRESHOLD) == before


def test_undone_removed_and_listed(gallery: Gallery, path: Path) -> None:
    ann, bob = gallery.enroll("Ann", at(0)), gallery.enroll("Bob", at(90))
    bars = bars_of(gallery, path)
    first = bars.add(taken_for(ann, 0.6), THRESHOLD)
    bars.add(taken_for(bob, 0.58), THRESHOLD)
    bars.add(taken_for(bob, 0.55), THRESHOLD)
    assert [(bar.identity.name, len(bar.examples)) for bar in bars.all(THRESHOLD)] == [
        ("Ann", 1),
        ("Bob", 2),
    ]
    assert bars.take_back(first.example)
    assert bars.bar(ann.id, THRESHOLD) is None
    assert bars.remove(bob.id) == 2
    assert bars.all(THRESHOLD) == []


def test_it_holds_after_a_restart_and_in_the_other_program(gallery: Gallery, path: Path) -> None:
    ann = gallery.enroll("Ann", at(0))
    station, window = bars_of(gallery, path), bars_of(gallery, path)
    kept = window.add(taken_for(ann, 0.6), THRESHOLD)
    assert station.wanted(ann.id, THRESHOLD) == -1
    assert station.catch_up()
    assert station.wanted(ann.id, THRESHOLD) == pytest.approx(0.61)
    assert not station.catch_up()
    assert bars_of(gallery, path).wanted(ann.id, THRESHOLD) == pytest.approx(0.61)
    window.take_back(kept.example)
    assert station.catch_up()
    assert station.wanted(ann.id, THRESHOLD) == -1


def test_a_merge_keeps_them_from_the_first_moment_on(gallery: Gallery, path: Path) -> None:
    ann, bob = gallery.enroll("Ann", at(0)), gallery.enroll("Bob", at(10))
    bars = bars_of(gallery, path)
    bars.add(taken_for(bob, 0.6), THRESHOLD)
    bars.add(taken_for(ann, 0.65, Candidate(bob, 0.62)), THRESHOLD)  # she herself
    gallery.merge(ann.id, bob.id)
    assert bars.wanted(ann.id, THRESHOLD) == pytest.approx(0.6 + ABOVE)
    gallery.restore(bob.id)
    assert bars.wanted(bob.id, THRESHOLD) == pytest.approx(0.6 + ABOVE)


def test_nothing_is_kept_of_who_is_gone(gallery: Gallery, path: Path) -> None:
    ann = gallery.enroll("Ann", at(0))
    gallery.remove(ann.id)
    with pytest.raises(UnknownIdentityError):
        bars_of(gallery, path).add(taken_for(ann, 0.6), THRESHOLD)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"not a database" * 100])
def test_a_damaged_file_is_told_and_loosens_nothing(
    gallery: Gallery, path: Path, content: bytes
) -> None:
    ann = gallery.enroll("Ann", at(0))
    bars = bars_of(gallery, path)
    bars.add(taken_for(ann, 0.6), THRESHOLD)
    path.write_bytes(content)
    with pytest.raises(GalleryError):
        bars.catch_up()
    assert bars.wanted(ann.id, THRESHOLD) == pytest.approx(0.61)
    with pytest.raises(GalleryError):
        bars_of(gallery, path)
    path.unlink()
    assert not bars.catch_up()
    assert bars.wanted(ann.id, THRESHOLD) == pytest.approx(0.61)


def test_an_own_picture_counts_as_the_search_compares(gallery: Gallery) -> None:
    """By the nearest of the others, or their mean: what the gallery says without it."""
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(4, 3)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    crop = np.zeros((4, 4, 3), np.uint8)
    expected = []
    for left_out in range(4):
        others = [Template(row, crop, 0.5, MODEL) for i, row in enumerate(rows) if i != left_out]
        one = gallery.enroll("Ann", others)
        expected.append(gallery.similarity(one.id, rows[left_out]))
    assert own_similarities(rows) == pytest.approx(expected, abs=1e-5)
    assert len(own_similarities(rows[:1])) == 0


def test_a_gallery_of_another_model_has_none_of_these(gallery: Gallery, path: Path) -> None:
    ann = gallery.enroll("Ann", at(0))
    bars_of(gallery, path).add(taken_for(ann, 0.6), THRESHOLD)
    with closing(Gallery(Store(path.with_name("other.db")), "toy-4", 3)) as other:
        assert bars_of(other, path).wanted(ann.id, THRESHOLD) == -1
