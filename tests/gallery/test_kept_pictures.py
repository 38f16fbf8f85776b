"""One person's pictures: which there are, removed one by one, chosen, split off."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from common.errors import GalleryError, UnknownIdentityError
from common.sqlite_file import open_database
from gallery.crops import NO_CROP
from gallery.gallery import Gallery
from gallery.identity import FaceView, Template
from gallery.schema import GALLERY
from gallery.store import Store

from .conftest import sealed_records


def numbers(gallery: Gallery, identity_id: str) -> list[int]:
    return [one.template_id for one in gallery.pictures(identity_id)]


def raw_bytes(path: Path) -> bytes:
    return b"".join(p.read_bytes() for p in path.parent.glob(f"{path.name}*"))


def erase_removed(gallery: Gallery) -> None:
    for item in gallery.erase(gallery.due_erasures(own=True)):
        gallery.end_erasure(item)


def test_pictures_have_all_that_is_known(gallery: Gallery, make_templates) -> None:
    before = datetime.now(UTC)
    plain, seen = make_templates(2)
    view = FaceView(np.zeros((30, 30, 3), np.uint8), np.ones(4, "f4"), np.ones((5, 2), "f4"))
    with_view = Template(seen.embedding, seen.crop, seen.quality, seen.model_id, view=view)
    ann = gallery.enroll("Ann", [plain, with_view])
    first, second = gallery.pictures(ann.id)
    assert before <= first.added_at <= datetime.now(UTC)
    assert (first.quality, second.quality) == (0.5, 1.0)
    assert (first.is_portrait, second.is_portrait) == (False, True)
    assert first.is_compared
    np.testing.assert_array_equal(first.embedding, plain.embedding)
    np.testing.assert_array_equal(first.picture, plain.crop)
    assert second.picture.shape == (30, 30, 3)
    with pytest.raises(UnknownIdentityError):
        gallery.pictures("0" * 32)


def test_a_picture_of_a_time_without_dates_is_as_old_as_its_person(
    gallery: Gallery, path: Path, make_templates
) -> None:
    ann = gallery.enroll("Ann", make_templates(1))
    with closing(open_database(path, 1.0, GALLERY)) as db:
        db.execute("UPDATE template SET added_at = NULL")
    (picture,) = gallery.pictures(ann.id)
    assert picture.added_at == ann.enrolled_at


def test_a_removed_picture_is_gone_at_once_and_can_come_back(
    gallery: Gallery, make_templates
) -> None:
    templates = make_templates(3)
    ann = gallery.enroll("Ann", templates)
    before = numbers(gallery, ann.id)
    removal = gallery.remove_picture(ann.id, before[1])
    assert numbers(gallery, ann.id) == [before[0], before[2]]
    assert gallery.template_count(ann.id) == 2
    assert len(gallery) == 1
    found = gallery.search(templates[1].embedding[np.newaxis])[0][0]
    assert found.similarity < 0.99
    assert gallery.restore(removal) == ann
    assert numbers(gallery, ann.id) == before
    assert gallery.pending_erasures() == []
    assert gallery.similarity(ann.id, templates[1].embedding) == pytest.approx(1, abs=1e-5)
    with pytest.raises(UnknownIdentityError):
        gallery.restore(removal)


def test_a_removed_picture_is_erased_for_good(gallery: Gallery, path: Path, make_templates) -> None:
    kept, gone = make_templates(2)
    ann = gallery.enroll("Ann", [kept, gone])
    with_both = sealed_records(gallery._store, ann.id)
    removal = gallery.remove_picture(ann.id, numbers(gallery, ann.id)[1])
    with_one = sealed_records(gallery._store, ann.id)
    of_picture = [record for record in with_both if record not in with_one]
    assert len(of_picture) == 2
    assert all(record in raw_bytes(path) for record in of_picture)
    erase_removed(gallery)
    assert not any(record in raw_bytes(path) for record in of_picture)
    assert removal.encode() not in raw_bytes(path)
    assert gallery.pending_erasures() == []
    assert len(numbers(gallery, ann.id)) == 1
    with pytest.raises(UnknownIdentityError):
        gallery.restore(removal)


def test_the_last_picture_stays(gallery: Gallery, make_templates) -> None:
    ann = gallery.enroll("Ann", make_templates(1))
    (only,) = numbers(gallery, ann.id)
    with pytest.raises(GalleryError, match=r"the last one.*remove the whole person"):
        gallery.remove_picture(ann.id, only)
    assert numbers(gallery, ann.id) == [only]


def test_the_last_picture_that_the_model_can_use_stays(
    gallery: Gallery, path: Path, make_templates
) -> None:
    ann = gallery.enroll("Ann", make_templates(2))
    useless, useful = numbers(gallery, ann.id)
    with closing(open_database(path, 1.0, GALLERY)) as db:
        db.execute("UPDATE embedding_1 SET vector = zeroblob(32) WHERE template_id = ?", (useless,))
    gallery.reload()
    with pytest.raises(GalleryError, match="the last one"):
        gallery.remove_picture(ann.id, useful)
    gallery.remove_picture(ann.id, useless)
    assert numbers(gallery, ann.id) == [useful]


def test_anothers_picture_is_not_removed(gallery: Gallery, make_templates) -> None:
    ann, bob = (gallery.enroll(name, make_templates(2)) for name in ("Ann", "Bob"))
    for_bob = numbers(gallery, bob.id)[0]
    for act in (gallery.remove_picture, gallery.choose_portrait):
        with pytest.raises(GalleryError, match=f"number {for_bob} is none"):
            act(ann.id, for_bob)
    assert len(numbers(gallery, bob.id)) == 2


def test_another_program_sees_the_removal(gallery: Gallery, path: Path, make_templates) -> None:
    ann = gallery.enroll("Ann", make_templates(2))
    other = Gallery(Store(path), "toy-8", 8)
    gallery.remove_picture(ann.id, numbers(gallery, ann.id)[0])
    assert other.catch_up()
    assert other.template_count(ann.id) == 1
    assert other.due_erasures() == []  # whoever removed it still may undo it
    gallery.close()
    assert len(other.due_erasures()) == 1
    other.close()


def test_whoever_is_erased_leaves_no_removed_picture_behind(
    gallery: Gallery, path: Path, make_templates
) -> None:
    ann = gallery.enroll("Ann", make_templates(2))
    records = sealed_records(gallery._store, ann.id)
    gallery.remove_picture(ann.id, numbers(gallery, ann.id)[0])
    with closing(Store(path)) as elsewhere:  # it may undo nothing of the gallery's removals
        elsewhere.remove(ann.id)
        for item in elsewhere.erase(elsewhere.due_erasures(own=True)):
            elsewhere.end_erasure(item)
        assert elsewhere.pending_erasures() == []
    assert not any(record in raw_bytes(path) for record in records)
    assert ann.id.encode() not in raw_bytes(path)


def test_a_removed_picture_outlives_the_undoing_of_a_merge(
    gallery: Gallery, make_templates
) -> None:
    ann, bob = (gallery.enroll(name, make_templates(2)) for name in ("Ann", "Bob"))
    of_bob = numbers(gallery, bob.id)
    gallery.merge(ann.id, bob.id)
    removal = gallery.remove_picture(ann.id, of_bob[0])
    gallery.restore(bob.id)
    assert numbers(gallery, bob.id) == of_bob[1:]  # it was removed, and stays so
    assert gallery.restore(removal).id == bob.id
    assert numbers(gallery, bob.id) == of_bob
    assert len(numbers(gallery, ann.id)) == 2


def test_a_removed_picture_follows_its_person_into_a_merge(
    gallery: Gallery, make_templates
) -> None:
    ann, bob = (gallery.enroll(name, make_templates(2)) for name in ("Ann", "Bob"))
    removal = gallery.remove_picture(bob.id, numbers(gallery, bob.id)[0])
    gallery.merge(ann.id, bob.id)
    assert gallery.restore(removal).id == ann.id
    assert len(numbers(gallery, ann.id)) == 4
    gallery.restore(bob.id)
    assert len(numbers(gallery, bob.id)) == 2


def test_a_merge_of_whose_pictures_none_is_left_is_not_undone(
    gallery: Gallery, make_templates
) -> None:
    ann = gallery.enroll("Ann", make_templates(2))
    bob = gallery.enroll("Bob", make_templates(1))
    of_bob = numbers(gallery, bob.id)
    gallery.merge(ann.id, bob.id)
    gallery.remove_picture(ann.id, of_bob[0])
    with pytest.raises(GalleryError, match="removed or split off since"):
        gallery.restore(bob.id)
    assert [one.name for one in gallery.identities] == ["Ann"]
    assert gallery.template_count(ann.id) == 2


def test_a_chosen_portrait_is_shown(gallery: Gallery, make_templates) -> None:
    templates = make_templates(3)
    ann = gallery.enroll("Ann", templates)
    first, _, last = numbers(gallery, ann.id)
    gallery.choose_portrait(ann.id, first)
    np.testing.assert_array_equal(gallery.portrait(ann.id), templates[0].crop)
    assert [one.is_portrait for one in gallery.pictures(ann.id)] == [True, False, False]
    gallery.choose_portrait(ann.id, last)
    np.testing.assert_array_equal(gallery.portrait(ann.id), templates[2].crop)
    gallery.choose_portrait(ann.id, first)
    gallery.remove_picture(ann.id, first)
    np.testing.assert_array_equal(gallery.portrait(ann.id), templates[2].crop)


def test_of_two_portraits_that_of_who_stays_is_shown(
    gallery: Gallery, path: Path, make_templates
) -> None:
    of_ann, of_bob = make_templates(2), make_templates(2)
    ann, bob = gallery.enroll("Ann", of_ann), gallery.enroll("Bob", of_bob)
    gallery.choose_portrait(ann.id, numbers(gallery, ann.id)[0])
    gallery.choose_portrait(bob.id, numbers(gallery, bob.id)[1])  # of a better quality
    gallery.merge(ann.id, bob.id)
    np.testing.assert_array_equal(gallery.portrait(ann.id), of_ann[0].crop)
    erase_removed(gallery)
    np.testing.assert_array_equal(gallery.portrait(ann.id), of_ann[0].crop)


def test_a_picture_without_a_crop_is_no_portrait(gallery: Gallery, make_templates) -> None:
    one, other = make_templates(2)
    bare = Template(other.embedding, NO_CROP, 0.0, other.model_id)
    ann = gallery.enroll("Ann", [one, bare])
    with pytest.raises(GalleryError, match="is none"):
        gallery.choose_portrait(ann.id, numbers(gallery, ann.id)[1])


def test_split_makes_two_people_of_one(gallery: Gallery, path: Path, make_templates) -> None:
    templates = make_templates(4)
    mixed = gallery.enroll("Ann", templates, note="of both")
    first, second, third, fourth = numbers(gallery, mixed.id)
    bob = gallery.split(mixed.id, [second, fourth], " Bob ")
    assert bob.name == "Bob"
    assert numbers(gallery, mixed.id) == [first, third]
    assert numbers(gallery, bob.id) == [second, fourth]
    assert gallery.search(templates[1].embedding[np.newaxis])[0][0].identity == bob
    assert gallery.identity(mixed.id).note == "of both"
    with closing(Store(path)) as again:
        assert len(list(again.load_all())) == 2
    gallery.merge(mixed.id, bob.id)
    assert numbers(gallery, mixed.id) == [first, second, third, fourth]


def test_split_pictures_keep_their_date(gallery: Gallery, path: Path, make_templates) -> None:
    ann = gallery.enroll("Ann", make_templates(2))
    long_ago = ann.enrolled_at - timedelta(days=900)
    with closing(open_database(path, 1.0, GALLERY)) as db:
        db.execute("UPDATE template SET added_at = NULL")
        db.execute("UPDATE identity SET enrolled_at = ?", (long_ago.isoformat(),))
    gallery.reload()
    bob = gallery.split(ann.id, numbers(gallery, ann.id)[:1], "Bob")
    assert [one.added_at for one in gallery.pictures(bob.id)] == [long_ago]


@pytest.mark.parametrize("which", [slice(0, 0), slice(0, 3)])
def test_a_split_leaves_nobody_without_a_picture(gallery, make_templates, which: slice) -> None:
    ann = gallery.enroll("Ann", make_templates(3))
    with pytest.raises(GalleryError, match="the last one"):
        gallery.split(ann.id, numbers(gallery, ann.id)[which], "Bob")
    assert len(gallery) == 1


def test_a_note_is_kept(gallery: Gallery, path: Path, make_templates) -> None:
    ann = gallery.enroll("Ann", make_templates(1))
    assert gallery.set_note(ann.id, " two\nlines ").note == "two\nlines"
    with closing(Store(path)) as again:
        (stored,) = again.load_all()
        assert stored.identity.note == "two\nlines"
    assert gallery.set_note(ann.id, "").note == ""
    with pytest.raises(GalleryError, match="changes the direction"):
        gallery.set_note(ann.id, "\u202eabc")
