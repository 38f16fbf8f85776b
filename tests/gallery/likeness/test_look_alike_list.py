"""The list of look-alikes as people come, change and go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from common.errors import GalleryError
from gallery.gallery import Gallery
from gallery.identity import Template
from gallery.likeness.impostors import Impostors
from gallery.likeness.look_alike_list import SLACK, LookAlikeList
from gallery.look_alikes import LookAlikes
from gallery.store import Store

MODEL = "toy-2"
THRESHOLD = float(np.cos(np.radians(30)))


def at(*degrees: float) -> list[Template]:
    """Templates on a circle: their similarities are the cosines of the angles between them."""
    crop = np.zeros((4, 4, 3), np.uint8)
    return [
        Template(np.array([np.cos(a), np.sin(a)], np.float32), crop, 0.5, MODEL)
        for a in np.radians(degrees)
    ]


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    gallery = Gallery(Store(tmp_path / "gallery.db"), MODEL, 2)
    yield gallery
    gallery.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "impostors.db"


def names(pairs: list[LookAlikes]) -> set[str]:
    return {"".join(sorted((pair.one.name, pair.other.name))) for pair in pairs}


def test_the_most_alike_come_first_and_each_pair_once(gallery: Gallery, path: Path) -> None:
    for name, degrees in (("A", (0, 20)), ("B", (45,)), ("C", (60,)), ("D", (180,))):
        gallery.enroll(name, at(*degrees))
    listed = LookAlikeList(path, gallery)
    assert listed.pairs(THRESHOLD) == []
    listed.complete(THRESHOLD)
    found = listed.pairs(THRESHOLD)
    assert [{pair.one.name, pair.other.name} for pair in found] == [{"B", "C"}, {"A", "B"}]
    cosines = [np.cos(np.radians(15)), np.cos(np.radians(25))]
    assert [pair.similarity for pair in found] == pytest.approx(cosines, abs=1e-5)


def test_only_who_is_new_or_changed_is_compared_again(gallery: Gallery, path: Path) -> None:
    ann = gallery.enroll("A", at(0))
    bob = gallery.enroll("B", at(90))
    listed = LookAlikeList(path, gallery)
    assert listed.advance(THRESHOLD, 1) == 1
    assert listed.advance(THRESHOLD, 1) == 0
    chi = gallery.enroll("C", at(100))
    assert listed.due(THRESHOLD) == [chi.id]
    assert [one.name for one in listed.compare(chi.id, THRESHOLD)] == ["B"]
    assert listed.due(THRESHOLD) == []
    gallery.add_templates(ann.id, at(75))
    assert listed.due(THRESHOLD) == [ann.id]
    assert names(listed.pairs(THRESHOLD)) == {"BC"}
    listed.complete(THRESHOLD)
    assert names(listed.pairs(THRESHOLD)) == {"AB", "AC", "BC"}
    gallery.remove(bob.id)
    assert names(listed.pairs(THRESHOLD)) == {"AC"}
    gallery.restore(bob.id)
    assert names(listed.pairs(THRESHOLD)) == {"AB", "AC", "BC"}
    gallery.merge(ann.id, bob.id)
    listed.complete(THRESHOLD)
    assert names(listed.pairs(THRESHOLD)) == {"AC"}


def test_it_follows_the_threshold(gallery: Gallery, path: Path) -> None:
    gallery.enroll("A", at(0))
    gallery.enroll("B", at(31))  # a little below the threshold
    listed = LookAlikeList(path, gallery)
    listed.complete(THRESHOLD)
    assert listed.pairs(THRESHOLD) == []
    lower = THRESHOLD - SLACK / 2
    assert listed.due(lower) == []
    assert names(listed.pairs(lower)) == {"AB"}
    assert len(listed.due(THRESHOLD - 2 * SLACK)) == 2


def test_a_mean_that_is_like_another_is_found_from_either_side(
    gallery: Gallery, path: Path
) -> None:
    """The mean of the two templates is 5 degrees from the other; they are 45 and 35."""
    ann = gallery.enroll("A", at(0, 80))
    bob = gallery.enroll("B", at(45))
    listed = LookAlikeList(path, gallery)
    assert [one.id for one in listed.compare(ann.id, THRESHOLD)] == [bob.id]
    assert [one.id for one in listed.compare(bob.id, THRESHOLD)] == [ann.id]


def test_an_erasure_leaves_no_byte_of_who_was_compared(gallery: Gallery, path: Path) -> None:
    ann, bob = gallery.enroll("A", at(0)), gallery.enroll("B", at(10))
    chi = gallery.enroll("C", at(5))
    LookAlikeList(path, gallery).complete(THRESHOLD)
    impostors = Impostors(path, MODEL)
    impostors.forget(ann.id)
    impostors.close()
    raw = b"".join(one.read_bytes() for one in path.parent.glob("impostors.db*"))
    assert ann.id.encode() not in raw
    assert bob.id.encode() in raw
    gallery.remove(ann.id)
    assert names(LookAlikeList(path, gallery).pairs(THRESHOLD)) == {"BC"}
    assert chi.id.encode() in raw


def test_damage_is_told(gallery: Gallery, path: Path) -> None:
    gallery.enroll("A", at(0))
    path.write_bytes(b"")
    with pytest.raises(GalleryError, match="empty"):
        LookAlikeList(path, gallery).pairs(THRESHOLD)
