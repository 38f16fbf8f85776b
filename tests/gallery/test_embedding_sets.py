"""A gallery is embedded again beside the embeddings in use, which go on until it is complete."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from common.errors import GalleryError
from common.picture import RgbImage
from gallery.gallery import Gallery
from gallery.identity import FaceView, Template
from gallery.store import OtherModelError, Store

from .conftest import DIMENSION, MODEL, embed_again, sealed_records


def by_colour(crop: RgbImage) -> NDArray[np.float32]:
    mean = crop.mean(axis=(0, 1))
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def colours(templates: list[Template]) -> NDArray[np.float32]:
    return np.stack([by_colour(template.crop) for template in templates])


def rows_by_name(store: Store) -> dict[str, NDArray[np.float32]]:
    return {stored.identity.name: stored.embeddings for stored in store.load_all()}


def test_a_gallery_is_embedded_again_from_its_crops(gallery, store, make_templates) -> None:
    templates = make_templates(5)
    ann = gallery.enroll("Ann", templates)
    gone = gallery.enroll("Gone", make_templates(2))
    gallery.remove(gone.id)
    assert embed_again(store, "colour", 3, by_colour).is_active
    assert store.model() == ("colour", 3)
    np.testing.assert_array_equal(rows_by_name(store)["Ann"], colours(templates))
    other = Gallery(store, "colour", 3)
    assert other.search(colours(templates)[:1])[0][0].similarity == pytest.approx(1)
    assert other.restore(gone.id) == gone
    # The window that still shows the old model must not mix the two.
    with pytest.raises(OtherModelError, match=r"colour.*facedesk gallery reembed"):
        gallery.add_templates(ann.id, make_templates())


def test_until_it_is_complete_the_old_one_works(gallery, store, path, make_templates) -> None:
    templates = make_templates(4)
    gallery.enroll("Ann", templates)
    made = store.sets.begin("colour", 3)
    assert store.sets.count_without(made) == 4
    pictures = store.sets.pictures_without(made, 0, 3)
    store.sets.put(made, [(p.template_id, by_colour(p.crop)) for p in pictures])
    assert store.sets.count_without(made) == 1
    activation = store.sets.activate(made)
    assert (activation.is_active, activation.missing) == (False, 1)
    assert not gallery.changed_elsewhere()
    with closing(Store(path)) as other:
        assert other.model() == (MODEL, DIMENSION)
        expected = [t.embedding for t in templates]
        np.testing.assert_array_equal(rows_by_name(other)["Ann"], expected)
        again = other.sets.begin("colour", 3)
        (last,) = other.sets.pictures_without(again, 0, 10)
        assert last.template_id > pictures[-1].template_id


def test_a_return_is_one_step_and_right_for_all_who_changed_meanwhile(
    gallery, store, make_templates
) -> None:
    everyone = {name: make_templates(2) for name in ("Ann", "Bo", "Cem", "Dee", "Eva")}
    ids = {name: gallery.enroll(name, templates).id for name, templates in everyone.items()}
    embed_again(store, "colour", 3, by_colour)
    former = store.sets.former
    assert former is not None
    assert (former.model_id, former.dimension) == (MODEL, DIMENSION)
    new = Gallery(store, "colour", 3)
    new.remove(ids["Bo"])
    new.erase(new.due_erasures(own=True))
    new.rename(ids["Cem"], "Çem")
    new.merge(ids["Ann"], ids["Dee"])
    fresh = [
        Template(by_colour(t.crop), t.crop, 0.5, "colour", view=None) for t in make_templates(2)
    ]
    new.enroll("Fay", fresh)
    activation = store.sets.activate(former)
    assert (activation.is_active, activation.missing) == (False, 2)
    made: list[RgbImage] = []

    def as_before(crop: RgbImage) -> NDArray[np.float32]:
        made.append(crop)
        return np.eye(DIMENSION, dtype=np.float32)[len(made)]

    assert embed_again(store, MODEL, DIMENSION, as_before).is_active
    assert len(made) == 2
    old = Gallery(store, MODEL, DIMENSION)
    assert [i.name for i in old.identities] == ["Ann", "Çem", "Eva", "Fay"]
    rows = rows_by_name(store)
    both = [t.embedding for name in ("Ann", "Dee") for t in everyone[name]]
    np.testing.assert_array_equal(rows["Ann"], both)
    np.testing.assert_array_equal(rows["Çem"], [t.embedding for t in everyone["Cem"]])
    np.testing.assert_array_equal(rows["Fay"], np.eye(DIMENSION)[1:3])
    old.restore(ids["Dee"])
    assert old.template_count(ids["Ann"]) == old.template_count(ids["Dee"]) == 2


def test_whoever_is_erased_is_erased_from_both(gallery, store, path, make_templates) -> None:
    templates = make_templates(3)
    ann = gallery.enroll("Ann", templates)
    gallery.enroll("Bo", make_templates(1))
    embed_again(store, "colour", 3, by_colour)
    secret = sealed_records(store, ann.id)

    def left() -> list[bytes]:
        raw = b"".join(p.read_bytes() for p in path.parent.glob("gallery.db*"))
        return [piece for piece in secret if piece in raw]

    assert len(left()) == 1 + 3 + 2 * 3
    new = Gallery(store, "colour", 3)
    new.remove(ann.id)
    new.erase(new.due_erasures(own=True))
    assert left() == []
    former = store.sets.former
    assert former is not None
    assert store.sets.activate(former).is_active
    assert list(rows_by_name(store)) == ["Bo"]


def test_people_of_whom_nothing_can_be_made_are_named(gallery, store, make_templates) -> None:
    dark = [Template(t.embedding, t.crop // 8, 0.5, MODEL) for t in make_templates(2)]
    gallery.enroll("Ann", make_templates(2))
    bo = gallery.enroll("Bo", dark)
    gallery.enroll("Cem", [*make_templates(1), dark[0]])
    gone = gallery.enroll("Gone", dark)
    gallery.remove(gone.id)

    def embed(crop: RgbImage) -> NDArray[np.float32] | None:
        return by_colour(crop) if crop.max() > 32 else None

    refused = embed_again(store, "colour", 3, embed)
    assert (refused.is_active, refused.missing, refused.without) == (False, 0, {bo.id: "Bo"})
    assert store.model() == (MODEL, DIMENSION)
    accepted = embed_again(store, "colour", 3, embed, anyway=True)
    assert accepted.is_active
    new = Gallery(store, "colour", 3)
    assert [i.name for i in new.identities] == ["Ann", "Bo", "Cem"]
    assert new.template_count(bo.id) == 2
    assert len(new.portrait(bo.id)) == 16
    ann, cem = new.find("Ann")[0].id, new.find("Cem")[0].id
    probe = np.float32([[0, 0, 1]])
    assert {c.identity.name for c in new.search(probe, k=5)[0]} == {"Ann", "Cem"}
    assert new.similarity(bo.id, probe[0]) == new.likeness(bo.id, ann) == -1
    assert new.likeness(ann, cem) > 0
    assert new.alike(bo.id) == []
    # Photos of another time help; and what can be made after all is made the next time.
    new.add_templates(bo.id, [Template(probe[0], dark[0].crop, 0.5, "colour")])
    assert new.search(probe, k=1)[0][0].identity.name == "Bo"
    assert new.template_count(bo.id) == 3
    assert embed_again(store, "colour", 3, by_colour).without == {}
    assert len(rows_by_name(store)["Bo"]) == 3
    new.reload()
    assert new.similarity(bo.id, by_colour(dark[0].crop)) == pytest.approx(1)


def test_a_view_is_kept_with_the_template(gallery, store, make_templates, rng) -> None:
    picture = np.full((40, 30, 3), 99, np.uint8)
    landmarks = rng.uniform(0, 30, (5, 2)).astype(np.float32)
    view = FaceView(picture, np.float32([-2, 3, 25, 38]), landmarks)
    (template,) = make_templates(1)
    seen = Template(template.embedding, template.crop, 0.5, MODEL, "part", view)
    gallery.enroll("Ann", [seen, template])
    first, second = store.sets.pictures_without(store.sets.begin("other", 3), 0, 5)
    assert (first.crop_model_id, second.crop_model_id) == ("part", MODEL)
    assert second.view is None
    assert first.view is not None
    np.testing.assert_allclose(first.view.picture.astype(int), 99, atol=2)
    np.testing.assert_array_equal(first.view.box, view.box)
    np.testing.assert_array_equal(first.view.landmarks, landmarks)
    np.testing.assert_array_equal(second.crop, template.crop)


def test_what_cannot_be_read_is_no_picture(gallery, store, make_templates) -> None:
    gallery.enroll("Ann", make_templates(1))
    store._db.execute("UPDATE crop SET png = x'00'")
    (picture,) = store.sets.pictures_without(store.sets.begin("other", 3), 0, 5)
    assert picture.crop is None


def test_the_removed_come_back_and_the_erased_do_not(gallery, store, make_templates) -> None:
    """While the other set is made, between reading a picture and adding its embedding."""
    ann, bo = (gallery.enroll(name, make_templates(1)) for name in ("Ann", "Bo"))
    made = store.sets.begin("colour", 3)
    pictures = store.sets.pictures_without(made, 0, 5)
    gallery.remove(ann.id)
    gallery.erase(gallery.due_erasures(own=True))
    gallery.remove(bo.id)
    store.sets.put(made, [(p.template_id, by_colour(p.crop)) for p in pictures])
    assert store._rows(f"SELECT count(*) FROM {made.table}") == [(1,)]
    assert store.sets.activate(made).is_active
    assert Gallery(store, "colour", 3).restore(bo.id) == bo


def test_who_is_enrolled_meanwhile_is_waited_for(gallery, store, make_templates) -> None:
    gallery.enroll("Ann", make_templates(1))
    made = store.sets.begin("colour", 3)
    for name in ("Bo", "Cem"):
        pictures = store.sets.pictures_without(made, 0, 5)
        store.sets.put(made, [(p.template_id, by_colour(p.crop)) for p in pictures])
        gallery.enroll(name, make_templates(1))
        assert store.sets.activate(made).missing == 1


def test_two_programs_may_embed_for_the_same_model(gallery, store, path, make_templates) -> None:
    gallery.enroll("Ann", make_templates(5))
    with closing(Store(path)) as other:
        ours, theirs = store.sets.begin("colour", 3), other.sets.begin("colour", 3)
        assert ours == theirs
        pictures = store.sets.pictures_without(ours, 0, 4)
        rows = [(p.template_id, by_colour(p.crop)) for p in pictures]
        store.sets.put(ours, rows)
        other.sets.put(theirs, rows[1:])
        last = other.sets.pictures_without(theirs, 0, 4)
        other.sets.put(theirs, [(p.template_id, by_colour(p.crop)) for p in last])
        assert other.sets.activate(theirs).is_active
        assert store.sets.activate(ours).is_active
        former = store.sets.former
        assert former is not None
        assert former.model_id == MODEL


def test_of_two_programs_for_two_models_one_is_told(gallery, store, path, make_templates) -> None:
    gallery.enroll("Ann", make_templates(1))
    with closing(Store(path)) as other:
        ours = store.sets.begin("colour", 3)
        other.sets.begin("shade", 1)
        for fails in (
            lambda: store.sets.count_without(ours),
            lambda: store.sets.pictures_without(ours, 0, 5),
            lambda: store.sets.put(ours, []),
            lambda: store.sets.activate(ours),
        ):
            with pytest.raises(GalleryError, match="another program has begun"):
                fails()
    assert store.model() == (MODEL, DIMENSION)


def test_only_the_set_in_use_and_the_one_before_are_kept(gallery, store, make_templates) -> None:
    gallery.enroll("Ann", make_templates(2))
    embed_again(store, "colour", 3, by_colour)
    store.sets.begin("unfinished", 5)
    embed_again(store, "shade", 1, lambda crop: np.ones(1, np.float32))
    kept = dict(store._rows("SELECT model_id, state FROM embedding_set"))
    assert kept == {"colour": "former", "shade": "active"}
    of_sets = "SELECT count(*) FROM sqlite_master WHERE name LIKE 'sealed_embedding_%'"
    assert store._rows(of_sets) == [(2,)]


def test_the_same_model_again_changes_nothing(gallery, store, make_templates) -> None:
    gallery.enroll("Ann", make_templates(2))

    def never(crop: RgbImage) -> None:
        raise AssertionError

    assert embed_again(store, MODEL, DIMENSION, never).is_active
    assert store.model() == (MODEL, DIMENSION)
    assert store.sets.former is None


def test_a_set_of_another_length_is_our_mistake(gallery, store) -> None:
    with pytest.raises(ValueError, match="has 8 numbers, not 9"):
        store.sets.begin(MODEL, DIMENSION + 1)


@pytest.mark.parametrize("row", [[2, 0, 0], [1, 0], [np.nan, 0, 0]])
def test_unsound_embeddings_are_our_mistake(gallery, store, make_templates, row) -> None:
    gallery.enroll("Ann", make_templates(1))
    made = store.sets.begin("colour", 3)
    with pytest.raises(ValueError, match="embeddings"):
        store.sets.put(made, [(1, np.float32(row))])
    assert store.sets.count_without(made) == 1


def test_another_program_in_the_way_is_told(gallery, store, path: Path, make_templates) -> None:
    gallery.enroll("Ann", make_templates(1))
    made = store.sets.begin("colour", 3)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GalleryError, match="another program is using it"):
            store.sets.put(made, [(1, np.float32([1, 0, 0]))])


def test_a_full_disk_is_told_and_the_old_one_works(gallery, store, make_templates) -> None:
    gallery.enroll("Ann", make_templates(20))
    before = rows_by_name(store)["Ann"]
    made = store.sets.begin("large", 4000)
    ((pages,),) = store._rows("PRAGMA page_count")
    store._db.execute(f"PRAGMA max_page_count = {pages + 10}")
    row = np.eye(4000, dtype=np.float32)[0]
    pictures = store.sets.pictures_without(made, 0, 20)
    with pytest.raises(GalleryError, match=r"the disk is full.*nothing was changed"):
        store.sets.put(made, [(p.template_id, row) for p in pictures])
    store._db.execute("PRAGMA max_page_count = 1000000")
    np.testing.assert_array_equal(rows_by_name(store)["Ann"], before)
    store.sets.put(made, [(p.template_id, row) for p in pictures])
    assert store.sets.activate(made).is_active


def test_what_parts_weigh_may_change_and_the_file_need_not(store, make_templates, path) -> None:
    """Two parts of four numbers each; the file has them with the same weight."""
    equal = Gallery(store, MODEL, DIMENSION)
    halves = [np.random.default_rng(n).normal(size=(2, 4)) for n in range(3)]
    rows = [(h / np.linalg.norm(h, axis=1, keepdims=True)).astype(np.float32) for h in halves]

    def joined(row: NDArray[np.float32], first: float) -> NDArray[np.float32]:
        return np.concatenate([row[0] * first**0.5, row[1] * (1 - first) ** 0.5])

    crop = make_templates(1)[0].crop
    ann = equal.enroll("Ann", [Template(joined(rows[0], 0.5), crop, 0.5, MODEL)])
    stored = rows_by_name(store)["Ann"].copy()
    scale = np.float32([0.4**0.5] * 4 + [1.6**0.5] * 4)
    weighted = Gallery(store, MODEL, DIMENSION, scale=scale)
    probe = joined(rows[2], 0.2)
    expected = 0.2 * rows[0][0] @ rows[2][0] + 0.8 * rows[0][1] @ rows[2][1]
    assert weighted.search(probe[np.newaxis])[0][0].similarity == pytest.approx(expected, abs=1e-6)
    np.testing.assert_array_equal(rows_by_name(store)["Ann"], stored)
    weighted.add_templates(ann.id, [Template(joined(rows[1], 0.2), crop, 0.5, MODEL)])
    np.testing.assert_allclose(rows_by_name(store)["Ann"][1], joined(rows[1], 0.5), atol=1e-6)
    assert equal.catch_up() is False
    equal.reload()
    assert equal.search(joined(rows[1], 0.5)[np.newaxis])[0][0].similarity == pytest.approx(1)
