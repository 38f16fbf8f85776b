"""The gallery in memory: searched, changed, in step with the store."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from common.errors import GalleryError, UnknownIdentityError
from gallery.gallery import Gallery
from gallery.identity import Identity, Template
from gallery.store import Store

from .conftest import DIMENSION, MODEL

Reference = dict[str, list[Template]]


def unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def similarities(reference: Reference, probe: NDArray[np.float32]) -> dict[str, float]:
    """By brute force: the best of each identity's templates and their mean."""
    result = {}
    for identity_id, templates in reference.items():
        rows = np.stack([t.embedding for t in templates])
        result[identity_id] = float(max((rows @ probe).max(), unit(rows.mean(axis=0)) @ probe))
    return result


def assert_in_step(gallery: Gallery, reference: Reference, probes: NDArray[np.float32]) -> None:
    assert {i.id for i in gallery.identities} == set(reference)
    assert len(gallery) == len(reference)
    for identity_id, templates in reference.items():
        assert gallery.template_count(identity_id) == len(templates)
    for k in (1, 2, 5):
        for candidates, probe in zip(gallery.search(probes, k), probes, strict=True):
            expected = similarities(reference, probe)
            best = sorted(expected.values(), reverse=True)[:k]
            np.testing.assert_allclose([c.similarity for c in candidates], best, atol=1e-5)
            for c in candidates:
                assert c.similarity == pytest.approx(expected[c.identity.id], abs=1e-5)
                alone = gallery.similarity(c.identity.id, probe)
                assert alone == pytest.approx(expected[c.identity.id], abs=1e-5)
            assert len({c.identity.id for c in candidates}) == len(candidates)


@pytest.mark.parametrize(("seed", "exact_up_to"), [(0, 30_000), (1, 30_000), (2, 20)])
def test_random_changes_agree_with_brute_force(
    store, path, make_templates, seed: int, exact_up_to: int
) -> None:
    rng = np.random.default_rng(seed)
    gallery = Gallery(store, MODEL, DIMENSION, exact_up_to)
    reference: Reference = {}
    removed: Reference = {}
    probes = unit(rng.normal(size=(4, DIMENSION)))
    for step in range(150):
        action = rng.choice(["enroll", "enroll", "add", "rename", "merge", "remove", "restore"])
        known = sorted(reference)
        rng.shuffle(known)
        count = int(rng.integers(1, 5))
        if action == "enroll":
            templates = make_templates(count)
            reference[gallery.enroll(f"Person {step}", templates).id] = templates
        elif action == "restore" and removed:
            identity_id, templates = removed.popitem()
            gallery.restore(identity_id)
            reference[identity_id] = templates
        elif action == "add" and known:
            templates = make_templates(count)
            gallery.add_templates(known[0], templates)
            reference[known[0]] = reference[known[0]] + templates
        elif action == "rename" and known:
            assert gallery.rename(known[0], f"Renamed {step}").name == f"Renamed {step}"
            assert gallery.identity(known[0]).name == f"Renamed {step}"
        elif action == "merge" and len(known) > 1:
            gallery.merge(known[0], known[1])
            reference[known[0]] = reference[known[0]] + reference.pop(known[1])
        elif action == "remove" and known:
            gallery.remove(known[0])
            removed[known[0]] = reference.pop(known[0])
        if step % 40 == 39:
            gallery.erase(gallery.due_erasures(own=True))
            removed.clear()
        assert_in_step(gallery, reference, probes)
    gallery.close()
    with closing(Gallery(Store(path), MODEL, DIMENSION, exact_up_to)) as reopened:
        assert_in_step(reopened, reference, probes)


def test_all_can_go_and_others_come(gallery: Gallery, make_templates) -> None:
    probe = make_templates()[0].embedding[None]
    for _ in range(2):
        people = [gallery.enroll("Ann", make_templates(3)) for _ in range(3)]
        for one in people:
            gallery.remove(one.id)
        assert gallery.search(probe) == [[]]
    newcomer = gallery.enroll("Bo", make_templates())
    assert [c.identity for c in gallery.search(probe)[0]] == [newcomer]


def test_an_empty_gallery_knows_nobody(gallery: Gallery, make_templates) -> None:
    probes = np.stack([t.embedding for t in make_templates(3)])
    assert gallery.search(probes) == [[], [], []]
    assert gallery.mates(probes, -1.0) == []
    assert gallery.identities == ()


def test_no_probe_no_answer(gallery: Gallery, make_templates) -> None:
    gallery.enroll("Ann", make_templates())
    nothing = np.empty((0, DIMENSION), np.float32)
    assert gallery.search(nothing) == []
    assert gallery.mates(nothing, -1.0) == []


def test_one_identitys_many_rows_do_not_hide_the_others(gallery, make_templates) -> None:
    near = make_templates()[0].embedding
    crowd = gallery.enroll("Crowd", make_templates(300, near=near))
    far = gallery.enroll("Far", [replace(make_templates()[0], embedding=-near)])
    (candidates,) = gallery.search(near[None], k=2)
    assert [c.identity for c in candidates] == [crowd, far]
    assert candidates[1].similarity == pytest.approx(-1, abs=1e-5)


def test_the_mean_of_the_templates_counts_too(gallery: Gallery, make_templates) -> None:
    left, right = make_templates(2)
    axes = np.eye(DIMENSION, dtype=np.float32)
    gallery.enroll("Ann", [replace(left, embedding=axes[0]), replace(right, embedding=axes[1])])
    between = unit(np.array([[1.0, 1.0, *[0.0] * 6]]))
    assert gallery.search(between)[0][0].similarity == pytest.approx(1, abs=1e-6)
    assert gallery.search(between)[0][0].similarity <= 1


def test_templates_that_cancel_out_have_no_mean(gallery: Gallery, make_templates) -> None:
    (one,) = make_templates()
    ann = gallery.enroll("Ann", [one, replace(one, embedding=-one.embedding)])
    assert gallery.template_count(ann.id) == 2
    assert gallery.search(one.embedding[None])[0][0].similarity == pytest.approx(1, abs=1e-5)
    gallery.remove(ann.id)
    assert gallery.search(one.embedding[None]) == [[]]


def test_mates_are_all_above_the_threshold_best_first(gallery, make_templates) -> None:
    axes = np.eye(DIMENSION, dtype=np.float32)
    ann = gallery.enroll("Ann", make_templates(40, near=axes[0]))
    bo = gallery.enroll("Bo", [replace(make_templates()[0], embedding=axes[1])])
    gallery.enroll("Cy", make_templates(3, near=-axes[2]))
    found = gallery.mates(axes[:2], threshold=0.6)
    assert [c.identity for c in found] == [bo, ann]
    assert found[0].similarity == pytest.approx(1)
    assert gallery.mates(axes[2:3], threshold=0.6) == []


def unsound(kind: str, good: NDArray[np.float32]) -> NDArray[np.float32]:
    match kind:
        case "long":
            return good * 1.1
        case "zero":
            return good * 0
        case "nan":
            return np.where(np.arange(len(good)) == 3, np.float32(np.nan), good)
        case "infinite":
            return np.where(np.arange(len(good)) == 3, np.float32(np.inf), good)
    return np.append(good, np.float32(0))


@pytest.mark.parametrize("kind", ["long", "zero", "nan", "infinite", "dimension"])
def test_unsound_embeddings_are_our_mistake(gallery, store, make_templates, kind: str) -> None:
    good, spoilt = make_templates(2)
    ann = gallery.enroll("Ann", [good])
    bad = unsound(kind, spoilt.embedding)
    for use in (
        lambda: gallery.search(bad[None]),
        lambda: gallery.mates(bad[None], 0.5),
        lambda: gallery.enroll("Bo", [good, replace(spoilt, embedding=bad)]),
        lambda: gallery.add_templates(ann.id, [replace(spoilt, embedding=bad)]),
    ):
        with pytest.raises(ValueError, match=r"embeddings|shape"):
            use()
    assert gallery.identities == (ann,)
    assert [len(s.embeddings) for s in store.load_all()] == [1]


def test_odd_requests_are_our_mistake(gallery: Gallery, make_templates) -> None:
    with pytest.raises(ValueError, match="k must"):
        gallery.search(make_templates()[0].embedding[None], k=0)
    with pytest.raises(ValueError, match="embeddings"):
        gallery.search(make_templates()[0].embedding)
    with pytest.raises(UnknownIdentityError):
        gallery.identity("0" * 32)
    with pytest.raises(UnknownIdentityError):
        gallery.template_count("0" * 32)


def test_two_people_may_share_a_name(gallery: Gallery, make_templates) -> None:
    one, two = make_templates(2)
    first, second = gallery.enroll("Lê Văn An", [one]), gallery.enroll("Lê Văn An", [two])
    assert gallery.find("Lê Văn An") == [first, second]
    assert gallery.search(one.embedding[None])[0][0].identity == first
    assert gallery.search(two.embedding[None])[0][0].identity == second
    gallery.remove(first.id)
    assert gallery.find("Lê Văn An") == [second]


def test_people_are_listed_by_name_then_by_time(gallery: Gallery, make_templates) -> None:
    names = ["bo", "Ann", "ann", "Cy", "Ann"]
    for name in names:
        gallery.enroll(name, make_templates())
    listed = gallery.identities
    assert [i.name for i in listed] == ["Ann", "ann", "Ann", "bo", "Cy"]
    assert listed[0].enrolled_at <= listed[1].enrolled_at <= listed[2].enrolled_at


def test_people_are_found_by_name_or_id(gallery: Gallery, make_templates) -> None:
    ann = gallery.enroll("Ánh", make_templates(), note=" từ Huế ")
    bo = gallery.enroll(ann.id[:8], make_templates())  # a name that looks like an id
    assert ann.note == "từ Huế"
    assert gallery.find(unicodedata.normalize("NFD", " Ánh ")) == [ann]
    assert gallery.find("ánh") == []
    assert gallery.find(ann.id) == [ann]
    assert gallery.find(ann.id[:6].upper()) == [ann]
    assert gallery.find(ann.id[:5]) == []
    assert gallery.find("") == []
    assert gallery.find(ann.id[:8]) == [bo]


def test_an_id_prefix_of_several_people_finds_none(gallery, store, make_templates) -> None:
    ann = gallery.enroll("Ann", make_templates())
    twin = replace(ann, id=ann.id[:10] + "0" * 22, name="Bo")
    store.add(twin, make_templates())
    gallery.reload()
    assert gallery.find(ann.id[:10]) == []
    assert gallery.find(ann.id) == [ann]


def test_crops_and_portrait_come_from_the_store(gallery: Gallery, make_templates) -> None:
    templates = make_templates(3)
    ann = gallery.enroll("Ann", templates)
    assert len(gallery.crops(ann.id)) == 3
    np.testing.assert_array_equal(gallery.portrait(ann.id), templates[2].crop)


def test_undo_brings_back_the_removed_until_the_purge(gallery, make_templates) -> None:
    (template,) = make_templates()
    ann = gallery.enroll("Ann", [template])
    gallery.remove(ann.id)
    assert [item.identity_id for item in gallery.pending_erasures()] == [ann.id]
    assert gallery.restore(ann.id) == ann
    assert gallery.search(template.embedding[None])[0][0].identity == ann
    gallery.remove(ann.id)
    assert len(gallery.erase(gallery.due_erasures(own=True))) == 1
    with pytest.raises(GalleryError, match="there is none"):
        gallery.restore(ann.id)
    assert gallery.identities == ()


def test_a_name_that_cannot_stand_changes_nothing(gallery: Gallery, make_templates) -> None:
    ann = gallery.enroll("Ann", make_templates())
    with pytest.raises(GalleryError, match="it is empty"):
        gallery.enroll(" ", make_templates())
    with pytest.raises(GalleryError, match="control character"):
        gallery.rename(ann.id, "An\nn")
    assert gallery.identities == (ann,)


def changes(gallery: Gallery, ann: Identity, bo: Identity, gone: Identity,
            templates: list[Template]) -> dict[str, Callable[[], object]]:  # fmt: skip
    return {
        "enroll": lambda: gallery.enroll("New", templates),
        "add": lambda: gallery.add_templates(ann.id, templates),
        "rename": lambda: gallery.rename(ann.id, "Anne" * 40),
        "merge": lambda: gallery.merge(ann.id, bo.id),
        "remove": lambda: gallery.remove(ann.id),
        "restore": lambda: gallery.restore(gone.id),
    }


@pytest.mark.parametrize("change", ["enroll", "add", "rename", "merge", "remove", "restore"])
def test_memory_stays_as_it_was_when_the_store_is_locked(
    gallery, path, make_templates, change: str
) -> None:
    reference = {}
    people = []
    for name in ("Ann", "Bo", "Gone"):
        templates = make_templates(3)
        people.append(gallery.enroll(name, templates))
        reference[people[-1].id] = templates
    gallery.remove(people[2].id)
    del reference[people[2].id]
    probes = np.stack([t.embedding for t in make_templates(3)])
    before = gallery.identities
    with closing(Store(path)) as other, other.changing(), pytest.raises(GalleryError, match="free"):
        changes(gallery, *people, make_templates(4))[change]()
    assert gallery.identities == before
    assert_in_step(gallery, reference, probes)
    changes(gallery, *people, make_templates(4))[change]()  # the same succeeds afterwards


@pytest.mark.parametrize("change", ["enroll", "add"])
def test_a_full_disk_is_told_and_nothing_is_half_written(
    gallery, store, path, make_templates, change: str
) -> None:
    templates = make_templates(3)
    ann, bo = gallery.enroll("Ann", templates), gallery.enroll("Bo", make_templates())
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    before = [(s.identity, s.embeddings.tolist()) for s in store.load_all()]
    with pytest.raises(GalleryError, match=r"disk is full.*nothing was changed"):
        changes(gallery, ann, bo, bo, make_templates(40))[change]()
    assert gallery.identities == (ann, bo)
    assert gallery.template_count(ann.id) == 3
    assert [(s.identity, s.embeddings.tolist()) for s in store.load_all()] == before
    gallery.rename(ann.id, "Anne")  # what needs no room goes on
    store._db.execute("PRAGMA max_page_count = 1000000")
    changes(gallery, ann, bo, bo, make_templates(40))[change]()


def test_changes_of_another_process_are_noticed_and_taken_up(gallery, path, make_templates) -> None:
    ann = gallery.enroll("Ann", make_templates())
    assert not gallery.changed_elsewhere()
    with closing(Gallery(Store(path), MODEL, DIMENSION)) as other:
        bo = other.enroll("Bo", make_templates())
        other.remove(ann.id)
    assert gallery.changed_elsewhere()
    with pytest.raises(GalleryError, match="another program may have changed it"):
        gallery.rename(ann.id, "Anne")
    assert gallery.identities == (bo,)
    assert not gallery.changed_elsewhere()


def test_a_file_that_takes_the_others_place_is_used(gallery, path, make_templates) -> None:
    """A backup that is put back while the program runs, or a file that was moved away."""
    gallery.enroll("Ann", make_templates())
    for file in path.parent.glob(f"{path.name}*"):
        file.rename(file.with_name(f"old {file.name}"))
    assert gallery.changed_elsewhere()
    gallery.reload()
    assert gallery.identities == ()
    bo = gallery.enroll("Bo", make_templates())
    with closing(Gallery(Store(path), MODEL, DIMENSION)) as other:
        assert other.identities == (bo,)


def test_another_models_gallery_is_refused_with_both_names(gallery, path, make_templates) -> None:
    gallery.enroll("Ann", make_templates())
    with closing(Store(path)) as store:
        for model_id, dimension in (("other", DIMENSION), (MODEL, 4)):
            with pytest.raises(GalleryError, match=f"model {model_id}.*{MODEL}.*Embed it again"):
                Gallery(store, model_id, dimension)
        assert store.model() == (MODEL, DIMENSION)


def test_the_removed_still_belong_to_their_model(gallery, store, make_templates) -> None:
    gallery.remove(gallery.enroll("Ann", make_templates()).id)
    with pytest.raises(GalleryError, match=MODEL):
        Gallery(store, "other", 4)
    gallery.erase(gallery.due_erasures(own=True))
    assert len(Gallery(store, "other", 4)) == 0


def test_an_empty_gallery_takes_on_another_model(gallery: Gallery, store: Store) -> None:
    Gallery(store, "other", 4)
    assert store.model() == ("other", 4)


def test_a_gallery_may_be_opened_from_a_path_with_any_letters(path: Path) -> None:
    with closing(Gallery(Store(path), MODEL, DIMENSION)):
        assert path.is_file()


def removed_and_added_nothing(gallery: Gallery, removed: str, added_to: str) -> None:
    with gallery.changing():
        gallery.remove(removed)
        gallery.add_templates(added_to, [])


def test_a_change_begins_with_what_others_have_changed(gallery, path, make_templates) -> None:
    with closing(Gallery(Store(path, busy_timeout_s=0.05), MODEL, DIMENSION)) as other:
        ann = other.enroll("Ann", make_templates())
        with gallery.changing():
            assert gallery.identities == (ann,)
            with pytest.raises(GalleryError, match="another program is using it"):
                other.rename(ann.id, "Anne")
            gallery.add_templates(ann.id, make_templates())
            bo = gallery.enroll("Bo", make_templates())
        assert gallery.identities == (ann, bo)
        assert gallery.template_count(ann.id) == 2
        assert not gallery.changed_elsewhere()
        revision = gallery.revision
        with pytest.raises(ValueError, match="no templates"):
            removed_and_added_nothing(gallery, bo.id, ann.id)
        assert gallery.identities == (ann, bo)
        assert gallery.revision == revision
        other.catch_up()
        assert other.identities == (ann, bo)


def test_a_merge_and_a_removal_at_once_leave_nobody_half(gallery, path, make_templates) -> None:
    ann, bo = (gallery.enroll(name, make_templates()) for name in ("Ann", "Bo"))
    with closing(Gallery(Store(path), MODEL, DIMENSION)) as other:
        other.remove(bo.id)
        with pytest.raises(UnknownIdentityError):
            gallery.merge(ann.id, bo.id)
        assert gallery.identities == other.identities == (ann,)
        assert gallery.template_count(ann.id) == 1


def test_a_merge_is_undone_in_memory_too_and_its_note_comes_with_its_end(
    gallery, path, make_templates
) -> None:
    ann, bo = (gallery.enroll(name, make_templates(2), note=f"of {name}") for name in ("Ann", "Bo"))
    gallery.merge(ann.id, bo.id)
    assert (gallery.identities, gallery.template_count(ann.id)) == ((ann,), 4)
    assert gallery.restore(bo.id) == bo
    assert [gallery.template_count(one.id) for one in (ann, bo)] == [2, 2]
    gallery.merge(ann.id, bo.id)
    gallery.erase(gallery.due_erasures(own=True))
    assert [one.note for one in gallery.identities] == ["of Ann\nof Bo"]
    assert gallery.template_count(ann.id) == 4


def test_everybody_else_is_told_by_likeness(gallery, make_templates) -> None:
    ann, bo, cy = (gallery.enroll(name, make_templates(3)) for name in ("Ann", "Bo", "Cy"))
    gallery.remove(gallery.enroll("Gone", make_templates()).id)
    alike = gallery.alike(ann.id)
    assert {found.identity for found in alike} == {bo, cy}
    assert [found.similarity for found in alike] == pytest.approx(
        sorted((gallery.likeness(ann.id, other.id) for other in (bo, cy)), reverse=True), abs=1e-5
    )
    with pytest.raises(UnknownIdentityError):
        gallery.alike("0" * 32)
