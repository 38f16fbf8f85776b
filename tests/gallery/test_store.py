"""What is kept, hidden, purged; who is in the way."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from common.errors import GalleryError, UnknownIdentityError
from gallery.gallery import Gallery
from gallery.identity import Identity
from gallery.journal import PendingErasure
from gallery.store import Store
from gallery.stored_identities import StoredIdentity

from .conftest import sealed_records


@pytest.fixture
def stored(store: Store, gallery: Gallery) -> Store:
    """The store, once a gallery has made it adopt the model."""
    return store


def person(name: str = "Nguyễn Thị Ánh", number: int = 1) -> Identity:
    return Identity(f"{number:032x}", name, datetime(2024, 2, 29, 8, 30, tzinfo=UTC), "a note")


def raw_bytes(path: Path) -> bytes:
    return b"".join(p.read_bytes() for p in path.parent.glob(f"{path.name}*"))


def erase_removed(store: Store) -> list[PendingErasure]:
    """Nothing is kept of them elsewhere."""
    erased = store.erase(store.due_erasures(own=True))
    for item in erased:
        store.end_erasure(item)
    return erased


def test_everything_is_kept_exactly(stored: Store, path: Path, make_templates) -> None:
    templates = make_templates(3)
    stored.add(person(), templates)
    stored.close()
    with closing(Store(path)) as store:
        (loaded,) = store.load_all()
        assert loaded.identity == person()
        assert loaded.embeddings.dtype == np.float32
        np.testing.assert_array_equal(loaded.embeddings, [t.embedding for t in templates])
        for crop, template in zip(store.crops(person().id), templates, strict=True):
            np.testing.assert_array_equal(crop, template.crop)
        assert store.model() == ("toy-8", 8)


def test_the_portrait_is_the_crop_of_the_best_quality(stored: Store, make_templates) -> None:
    worst, middle, best = make_templates(3)
    stored.add(person(), [middle, best, worst])
    np.testing.assert_array_equal(stored.portrait(person().id), best.crop)


def test_nothing_is_half_written_when_one_template_is_unsound(stored, make_templates) -> None:
    good, bad = make_templates(2)
    for crop in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)):
        with pytest.raises(ValueError, match="crop"):
            stored.add(person(), [good, replace(bad, crop=crop)])
    with pytest.raises(ValueError, match="no templates"):
        stored.add(person(), [])
    assert stored._rows("SELECT * FROM identity") == []


def test_of_two_programs_that_begin_a_gallery_both_may_use_it(path: Path, make_templates) -> None:
    """One looks for a model, then the other adopts the same one and enrolls somebody."""

    class Overtaken(Store):
        def changing(self) -> AbstractContextManager[None]:
            with closing(Store(path)) as other:
                other.adopt_model("toy-8", 8)
                other.add(person(), make_templates(1))
            return super().changing()

    with closing(Overtaken(path)) as store:
        store.adopt_model("toy-8", 8)
        assert [stored.identity for stored in store.load_all()] == [person()]


def test_templates_need_an_adopted_model(store: Store, make_templates) -> None:
    with pytest.raises(ValueError, match="adopted no model"):
        store.add(person(), make_templates())


def test_the_removed_stay_hidden_over_a_restart(stored: Store, path, make_templates) -> None:
    before = stored.add(person(), make_templates(2))
    stored.remove(person().id)
    stored.close()
    with closing(Store(path)) as store:
        assert list(store.load_all()) == []
        assert [item.identity_id for item in store.pending_erasures()] == [person().id]
        for reach in (store.crops, store.portrait, store.remove):
            with pytest.raises(GalleryError, match="there is none"):
                reach(person().id)
        (after,) = store.restore(person().id)
        assert after.identity == person()
        np.testing.assert_array_equal(after.embeddings, before.embeddings)
        assert store.pending_erasures() == []


def test_the_first_removed_comes_first(stored: Store, make_templates) -> None:
    people = [person(number=n) for n in range(3)]
    for one in people:
        stored.add(one, make_templates())
    for n in (1, 0, 2):
        stored.remove(people[n].id)
    pending = [item.identity_id for item in stored.pending_erasures()]
    assert pending == [people[n].id for n in (1, 0, 2)]


def test_no_byte_of_the_purged_is_left(stored: Store, path: Path, make_templates) -> None:
    """Also where names, and rows beside them, were rewritten and moved many times before."""
    secret, kept = person("Geheimnis Fräulein"), person("Bleibt Hier", number=2)
    templates = make_templates(5)
    stored.add(kept, make_templates(5))
    stored.add(secret, templates)
    for n in range(100):
        stored.add(person("Vorüber Gehend", number=100 + n), make_templates(2))
    stored.add_templates(secret.id, make_templates(5, near=templates[0].embedding))
    stored.rename(secret.id, "Geheimnis Frau")
    # What grows where it stands splits pages and leaves old copies in their unused parts.
    stored._db.execute("UPDATE identity SET note = hex(zeroblob(300)) WHERE name LIKE 'V%'")

    passing = [person(number=100 + n).id for n in range(100)]
    sought = [record for who in (secret.id, *passing) for record in sealed_records(stored, who)]
    sought += [record[60:100] for record in sought if len(record) > 100]

    def left() -> list[bytes]:
        raw = raw_bytes(path)
        return [piece for piece in sought if piece in raw]

    assert len(left()) > 30
    for n in range(100):
        stored.remove(person(number=100 + n).id)
    stored.remove(secret.id)
    stored._db.execute("PRAGMA wal_checkpoint")
    size = path.stat().st_size
    assert len(erase_removed(stored)) == 101
    assert left() == []
    assert all(record in raw_bytes(path) for record in sealed_records(stored, kept.id))
    assert path.stat().st_size == size
    with pytest.raises(GalleryError, match="there is none"):
        stored.restore(secret.id)
    assert erase_removed(stored) == []


def test_a_purge_that_a_reader_hinders_is_told_and_finished_later(
    stored: Store, path: Path, make_templates
) -> None:
    secret = person("Geheimnis")
    stored.add(secret, make_templates())
    sought = sealed_records(stored, secret.id)
    stored.remove(secret.id)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM sealed_identity").fetchone()
        with pytest.raises(GalleryError, match="another program is using it"):
            erase_removed(stored)
    assert [item.in_gallery for item in stored.pending_erasures()] == [False]
    erase_removed(stored)
    assert not any(record in raw_bytes(path) for record in sought)


def test_another_program_in_the_way_is_told(stored: Store, path: Path, make_templates) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GalleryError, match=r"another program is using it.*try again"):
            stored.add(person(), make_templates())
        assert list(stored.load_all()) == []  # reading goes on
        other.execute("ROLLBACK")
    stored.add(person(), make_templates())


def test_another_programs_change_is_noticed_ones_own_is_not(
    stored: Store, path: Path, make_templates
) -> None:
    version = stored.data_version()
    stored.add(person(), make_templates())
    assert stored.data_version() == version
    with closing(Store(path)) as other:
        other.rename(person().id, "Ánh")
    assert stored.data_version() != version


def test_a_merge_moves_templates_and_in_the_end_notes(stored: Store, make_templates) -> None:
    ann, anne = person("Ann", number=1), replace(person("Anne", number=2), note="left-handed")
    first = stored.add(ann, make_templates(2))
    second = stored.add(anne, make_templates(3))
    merged = stored.merge(ann.id, anne.id)
    both = np.vstack([first.embeddings, second.embeddings])
    np.testing.assert_array_equal(merged.embeddings, both)
    assert [s.identity for s in stored.load_all()] == [ann]
    with pytest.raises(GalleryError, match="there is none"):
        stored.merge(ann.id, anne.id)
    with pytest.raises(ValueError, match="itself"):
        stored.merge(ann.id, ann.id)
    assert stored.due_erasures() == []
    stored.erase(stored.due_erasures(own=True))
    (left,) = stored.load_all()
    assert left.identity == replace(ann, note="a note\nleft-handed")
    np.testing.assert_array_equal(left.embeddings, both)
    with pytest.raises(GalleryError, match="there is none"):
        stored.restore(anne.id)


ANN, BO, CY = (
    replace(person(name, number=n), note=f"of {name}") for n, name in enumerate(["Ann", "Bo", "Cy"])
)


@pytest.fixture
def three(stored: Store, make_templates) -> dict[str, StoredIdentity]:
    """Ann, Bo and Cy as they are enrolled."""
    return {one.id: stored.add(one, make_templates(2)) for one in (ANN, BO, CY)}


def assert_as_before(stored: Store, three: dict[str, StoredIdentity], *people: Identity) -> None:
    for person in people:
        now = stored._one(person.id)
        assert now.identity == person
        np.testing.assert_array_equal(now.embeddings, three[person.id].embeddings)


def test_a_merge_is_undone_even_over_a_restart_of_another_program(
    stored: Store, path: Path, three: dict[str, StoredIdentity], make_templates
) -> None:
    stored.merge(ANN.id, BO.id)
    with closing(Store(path)) as other:
        assert other.due_erasures(own=True) == []
    restored, giver = stored.restore(BO.id)
    assert (restored.identity, giver.identity) == (BO, ANN)
    assert_as_before(stored, three, ANN, BO, CY)
    assert stored.pending_erasures() == []
    stored.merge(ANN.id, BO.id)
    added = stored.add_templates(ANN.id, make_templates(1))
    assert len(added.embeddings) == 5
    stored.restore(BO.id)
    assert len(stored._one(ANN.id).embeddings) == 3
    assert_as_before(stored, three, BO)


@pytest.mark.parametrize("order", [(BO, ANN), (ANN, BO)])
def test_one_merge_after_the_other_is_undone_in_any_order(
    stored: Store, three: dict[str, StoredIdentity], order: tuple[Identity, ...]
) -> None:
    stored.merge(ANN.id, BO.id)
    stored.merge(CY.id, ANN.id)
    assert len(stored._one(CY.id).embeddings) == 6
    for person in order:
        stored.restore(person.id)
    assert_as_before(stored, three, ANN, BO, CY)


def test_a_merge_into_somebody_merged_for_good_can_still_be_undone(
    stored: Store, three: dict[str, StoredIdentity]
) -> None:
    stored.merge(ANN.id, BO.id)
    stored.merge(CY.id, ANN.id)
    (of_ann,) = [one for one in stored.pending_erasures() if one.identity_id == ANN.id]
    stored.erase([of_ann])
    stored.restore(BO.id)
    assert_as_before(stored, three, BO)
    cy = stored._one(CY.id)
    assert cy.identity == replace(CY, note="of Cy\nof Ann")
    assert len(cy.embeddings) == 4
    stored.merge(CY.id, BO.id)
    stored.erase(stored.due_erasures(own=True))
    assert stored._one(CY.id).identity.note == "of Cy\nof Ann\nof Bo"
    assert len(stored._one(CY.id).embeddings) == 6


def test_whoever_was_merged_goes_with_the_person_for_good(
    stored: Store, path: Path, three: dict[str, StoredIdentity]
) -> None:
    of_bo = sealed_records(stored, BO.id)
    assert len(of_bo) > 2
    stored.merge(ANN.id, BO.id)
    with closing(Store(path)) as other:
        other.remove(ANN.id)
        erased = other.erase(other.due_erasures(own=True))
    assert {one.identity_id for one in erased} == {ANN.id, BO.id}
    for record in of_bo:
        assert record not in raw_bytes(path)
    with pytest.raises(UnknownIdentityError):
        stored.restore(BO.id)
    assert_as_before(stored, three, CY)


def test_who_is_waited_for_keeps_no_id_of_whoever_they_were_merged_into(
    stored: Store, path: Path, three: dict[str, StoredIdentity]
) -> None:
    stored.merge(CY.id, BO.id)
    stored.remove(CY.id)
    erased = {one.identity_id: one for one in stored.erase(stored.due_erasures(own=True))}
    stored.end_erasure(erased[CY.id])
    assert CY.id.encode() not in raw_bytes(path)
    (of_bo,) = stored.due_erasures()
    assert (of_bo.identity_id, of_bo.merged_into) == (BO.id, BO.id)
    stored.end_erasure(of_bo)
    assert BO.id.encode() not in raw_bytes(path)
    assert stored.pending_erasures() == []


def test_what_another_program_erases_of_ours_leaves_our_other_removals_ours(
    stored: Store, path: Path, three: dict[str, StoredIdentity]
) -> None:
    stored.merge(ANN.id, BO.id)
    stored.remove(CY.id)
    with closing(Store(path)) as other:
        other.remove(ANN.id)
        other.erase(other.due_erasures(own=True))
        assert CY.id not in {one.identity_id for one in other.due_erasures()}
    stored.restore(CY.id)
    assert_as_before(stored, three, CY)


def test_a_merge_and_a_removal_are_undone_in_any_order(
    stored: Store, three: dict[str, StoredIdentity]
) -> None:
    stored.merge(ANN.id, BO.id)
    stored.remove(ANN.id)
    assert [one.identity for one in stored.restore(BO.id)] == [BO]
    stored.restore(ANN.id)
    assert_as_before(stored, three, ANN, BO, CY)


def test_our_own_mistakes_are_not_explained_away(stored: Store, make_templates) -> None:
    stored.add(person(), make_templates())
    with pytest.raises(sqlite3.IntegrityError):
        stored.add(person(), make_templates())
    with pytest.raises(sqlite3.OperationalError, match="syntax"):
        stored._rows("SELEKT")
