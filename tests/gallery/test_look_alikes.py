"""Pairs who may be named for one another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gallery.gallery import Gallery
from gallery.identity import Template
from gallery.look_alikes import look_alikes
from gallery.store import Store


def _at(*degrees: float) -> list[Template]:
    """Templates on a circle: their similarities are the cosines of the angles between them."""
    crop = np.zeros((4, 4, 3), np.uint8)
    return [
        Template(np.array([np.cos(a), np.sin(a)], np.float32), crop, 0.5, "toy-2")
        for a in np.radians(degrees)
    ]


def test_the_most_alike_come_first_and_each_pair_once(tmp_path: Path) -> None:
    gallery = Gallery(Store(tmp_path / "gallery.db"), "toy-2", 2)
    for name, degrees in (("A", (0, 20)), ("B", (45,)), ("C", (60,)), ("D", (180,))):
        gallery.enroll(name, _at(*degrees))
    found = look_alikes(gallery, np.cos(np.radians(30)))
    assert [(pair.one.name, pair.other.name) for pair in found] == [("B", "C"), ("A", "B")]
    cosines = [np.cos(np.radians(15)), np.cos(np.radians(25))]
    assert [pair.similarity for pair in found] == pytest.approx(cosines, abs=1e-5)
    assert look_alikes(gallery, 0.999) == []
    gallery.close()
