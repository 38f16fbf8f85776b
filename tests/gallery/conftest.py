"""People to enroll, and a store and a gallery to enroll them in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from common.picture import RgbImage
from gallery.embedding_sets import Activation
from gallery.gallery import Gallery
from gallery.identity import Template
from gallery.store import Store

MODEL = "toy-8"
DIMENSION = 8

MakeTemplates = Callable[..., list[Template]]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240229)


@pytest.fixture
def make_templates(rng: np.random.Generator) -> MakeTemplates:
    """make_templates(count, near=None): with random crops; the qualities rise."""

    def make(count: int = 1, near: NDArray[np.float32] | None = None) -> list[Template]:
        vectors = rng.normal(size=(count, DIMENSION))
        if near is not None:
            vectors = near + 0.05 * vectors
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return [
            Template(
                embedding=vector.astype(np.float32),
                crop=rng.integers(0, 256, (16, 12, 3), dtype=np.uint8),
                quality=(n + 1) / count,
                model_id=MODEL,
            )
            for n, vector in enumerate(vectors)
        ]

    return make


def sealed_records(store: Store, identity_id: str) -> list[bytes]:
    """Return all sealed records of a person, as they stand in the file: erased is what is not
    there any more, though nobody can read it without the key."""
    of_template = (
        "SELECT sealed FROM sealed_{} WHERE template_id IN (SELECT id FROM sealed_template WHERE"
        " identity_number = (SELECT number FROM sealed_identity WHERE id = ?))"
    )
    sets = [one.table for one in store.sets._where("TRUE")]
    of_one = [
        "SELECT sealed FROM sealed_identity WHERE id = ?",
        *(of_template.format(table) for table in ("crop", "view", *sets)),
    ]
    return [record for sql in of_one for (record,) in store._rows(sql, identity_id)]


Embed = Callable[[RgbImage], NDArray[np.float32] | None]


def embed_again(
    store: Store, model_id: str, dimension: int, embed: Embed, *, anyway: bool = False
) -> Activation:
    """Make a set of embeddings from the crops, three at a time, and put it in use."""
    made = store.sets.begin(model_id, dimension)
    after = 0
    while pictures := store.sets.pictures_without(made, after, 3):
        after = pictures[-1].template_id
        rows = []
        for picture in pictures:
            assert picture.crop is not None
            rows.append((picture.template_id, embed(picture.crop)))
        store.sets.put(made, rows)
    return store.sets.activate(made, anyway=anyway)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "nhà của tôi" / "gallery.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store(path, busy_timeout_s=0.05)
    yield opened
    opened.close()


@pytest.fixture
def gallery(store: Store) -> Gallery:
    return Gallery(store, MODEL, DIMENSION)
