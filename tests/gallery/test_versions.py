"""Versions of the gallery: what each change made, returns to them, what erasing leaves of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from common.errors import GalleryError
from gallery.gallery import Gallery
from gallery.history import log
from gallery.history.words import between, told
from gallery.store import Store

from .conftest import DIMENSION, MODEL, embed_again, sealed_records


def words(gallery: Gallery) -> list[list[str]]:
    return [list(map(str, told(version))) for version in gallery.versions()]


def contents(gallery: Gallery) -> dict[str, tuple[str, str, list[int]]]:
    """Name, note and pictures of everybody shown, by id."""
    return {
        one.id: (one.name, one.note, [p.template_id for p in gallery.pictures(one.id)])
        for one in gallery.identities
    }


def portraits(gallery: Gallery) -> dict[str, list[int]]:
    return {
        one.id: [p.template_id for p in gallery.pictures(one.id) if p.is_portrait]
        for one in gallery.identities
    }


def erase(gallery: Gallery) -> None:
    for item in gallery.erase(gallery.due_erasures(own=True)):
        gallery.end_erasure(item)


def test_each_change_is_a_version_in_words(gallery: Gallery, make_templates) -> None:
    anna = gallery.enroll("Anna", make_templates(2))
    bert = gallery.enroll("Bert", make_templates(3), "Mondays")
    gallery.rename(anna.id, "Anne")
    gallery.rename(anna.id, "Anne")  # nothing: no version
    gallery.set_note(bert.id, "")
    gallery.add_templates(anna.id, make_templates(1))
    first = gallery.pictures(anna.id)[0].template_id
    gallery.choose_portrait(anna.id, first)
    removal = gallery.remove_picture(anna.id, first)
    gallery.restore(removal)
    new = gallery.split(bert.id, [gallery.pictures(bert.id)[0].template_id], "Carl")
    gallery.merge(bert.id, new.id)
    gallery.restore(new.id)
    gallery.remove(new.id)
    gallery.restore(new.id)
    assert words(gallery) == [
        ["Anna enrolled; pictures: 2"],
        ["Bert enrolled; pictures: 3"],
        ["Anna renamed Anne"],
        ["Note of Bert changed"],
        ["Pictures added to Anne: 1"],
        ["Another portrait of Anne chosen"],
        ["Pictures taken from Anne: 1"],
        ["Pictures added to Anne: 1"],
        ["Pictures taken from Bert: 1", "Carl split off from Bert"],
        ["Carl merged into Bert", "Pictures added to Bert: 1"],
        ["Carl brought back", "Pictures added to Carl: 1", "Pictures taken from Bert: 1"],
        ["Carl removed"],
        ["Carl brought back"],
    ]


def test_a_return_leads_to_every_version_and_back(gallery: Gallery, make_templates) -> None:
    """From each version to each other one, with removals, merges and splits among them."""
    states, faces = [contents(gallery)], [portraits(gallery)]

    def done() -> None:
        states.append(contents(gallery))
        faces.append(portraits(gallery))

    anna = gallery.enroll("Anna", make_templates(2))
    done()
    bert = gallery.enroll("Bert", make_templates(3), "Mondays")
    done()
    gallery.add_templates(anna.id, make_templates(2))
    done()
    gallery.choose_portrait(anna.id, gallery.pictures(anna.id)[0].template_id)
    done()
    gallery.remove_picture(anna.id, gallery.pictures(anna.id)[0].template_id)
    done()
    carl = gallery.split(bert.id, [gallery.pictures(bert.id)[0].template_id], "Carl")
    done()
    gallery.merge(anna.id, carl.id)
    done()
    with gallery.changing():
        gallery.rename(bert.id, "Albert")
        gallery.set_note(bert.id, "")
    done()
    gallery.remove(anna.id)
    done()
    order = np.random.default_rng(3).permutation(np.repeat(np.arange(len(states)), 4))
    for number in map(int, order):
        gallery.return_to(number)
        assert (contents(gallery), portraits(gallery)) == (states[number], faces[number]), number
        assert gallery.versions()[-1].returned_to == number or not gallery.versions()[-1].people
        with closing(Gallery(Store(gallery._store._path), MODEL, DIMENSION)) as other:
            assert contents(other) == states[number]
            for one in other.identities:
                rows = (np.sort(which.embeddings(one.id), axis=0) for which in (other, gallery))
                np.testing.assert_array_equal(*rows)


def test_a_return_is_seen_by_other_programs(gallery: Gallery, path: Path, make_templates) -> None:
    anna = gallery.enroll("Anna", make_templates(2))
    with closing(Gallery(Store(path), MODEL, DIMENSION)) as other:
        gallery.rename(anna.id, "Anne")
        assert other.catch_up()
        other.return_to(1)
        assert gallery.catch_up()
        assert [one.name for one in gallery.identities] == ["Anna"]


def test_a_look_at_a_return_changes_nothing(gallery: Gallery, path, make_templates) -> None:
    anna = gallery.enroll("Anna", make_templates(2))
    gallery.enroll("Bert", make_templates(1))
    gallery.rename(anna.id, "Anne")
    before = contents(gallery), gallery.versions()
    seen = gallery.preview_return(1)
    assert {(one.before.name, one.after.state) for one in seen} == {
        ("Anne", "shown"),
        ("Bert", "removed"),
    }
    assert (contents(gallery), gallery.versions()) == before
    with closing(Store(path)) as other:
        assert other.pending_erasures() == []


def test_what_was_erased_comes_back_with_no_version(gallery: Gallery, make_templates) -> None:
    anna = gallery.enroll("Anna Nhân", make_templates(2), "secret note")
    bert = gallery.enroll("Bert", make_templates(2))
    gallery.rename(anna.id, "Anne Nhân")
    gallery.remove(anna.id)
    erase(gallery)
    gallery.return_to(3)
    assert [one.id for one in gallery.identities] == [bert.id]
    assert [version.erased for version in gallery.versions()] == [1, 0, 1, 1]
    assert words(gallery)[0] == ["1 erased: cannot be brought back"]


def test_whose_erasure_is_due_is_not_brought_back(
    gallery: Gallery, path: Path, make_templates
) -> None:
    """They were removed, or merged, in a window that is closed: nobody may undo that any more."""
    anna, bert, carl = (
        gallery.enroll(name, make_templates(2)) for name in ("Anna", "Bert", "Carl")
    )
    with closing(Gallery(Store(path), MODEL, DIMENSION)) as window:
        window.remove_picture(anna.id, window.pictures(anna.id)[0].template_id)
        window.merge(anna.id, bert.id)
        window.remove(carl.id)
        window.return_to(3)
        assert len(window) == 3
        window.return_to(6)
        assert [one.name for one in window.identities] == ["Anna"]
        window.return_to(3)
        window.remove(carl.id)
    gallery.return_to(3)
    assert [one.name for one in gallery.identities] == ["Anna", "Bert"]
    assert [item.name for item in gallery.due_erasures()] == ["Carl"]


def test_no_byte_of_whoever_is_erased_stays_in_a_version(
    gallery: Gallery, store: Store, path: Path, make_templates
) -> None:
    gallery.enroll("Bert", make_templates(1))
    anna = gallery.enroll("Anna", make_templates(2))
    for n in range(30):
        gallery.rename(anna.id, f"Anna the {n}")
        gallery.enroll(f"Bert {n}", make_templates(1))
    number = store._number(anna.id)
    records = [
        record
        for (record,) in store._rows(
            "SELECT sealed FROM sealed_version_person WHERE identity_number = ?", number
        )
    ]
    records += sealed_records(store, anna.id)
    assert len(records) > 31
    gallery.remove(anna.id)
    erase(gallery)
    left = b"".join(p.read_bytes() for p in path.parent.glob(f"{path.name}*"))
    assert not [record for record in records if record[-24:] in left]
    assert anna.id.encode() not in left


def test_a_removed_picture_of_somebody_is_gone_from_their_versions(
    gallery: Gallery, make_templates
) -> None:
    anna = gallery.enroll("Anna", make_templates(2))
    gone, stays = (one.template_id for one in gallery.pictures(anna.id))
    gallery.remove_picture(anna.id, gone)
    erase(gallery)
    gallery.return_to(1)
    assert contents(gallery)[anna.id][2] == [stays]


def test_who_could_not_be_recognized_any_more_keeps_later_pictures(
    gallery: Gallery, make_templates
) -> None:
    anna = gallery.enroll("Anna", make_templates(1))
    (first,) = gallery.pictures(anna.id)
    gallery.add_templates(anna.id, make_templates(1))
    gallery.remove_picture(anna.id, first.template_id)
    erase(gallery)
    gallery.return_to(1)
    assert len(gallery.pictures(anna.id)) == 1


def test_what_a_return_sets_aside_is_erased_after_its_time(
    gallery: Gallery, store: Store, path: Path, make_templates, monkeypatch
) -> None:
    gallery.enroll("Anna", make_templates(1))
    gallery.enroll("Bert", make_templates(1))
    gallery.return_to(1)
    gallery.close()
    with closing(Gallery(Store(path), MODEL, DIMENSION)) as later:
        assert later.due_erasures(own=True) == []
        (item,) = later.pending_erasures()
        assert (item.name, item.is_set_aside) == ("Bert", True)
        later._store._db.execute(
            "UPDATE erasure SET asked_at = ?", ((item.asked_at - timedelta(days=31)).isoformat(),)
        )
        erase(later)
        assert later.pending_erasures() == []
        later.return_to(2)
        assert [one.name for one in later.identities] == ["Anna"]


def test_a_removal_takes_the_pictures_along_that_were_set_aside(
    gallery: Gallery, make_templates
) -> None:
    anna = gallery.enroll("Anna", make_templates(1))
    gallery.add_templates(anna.id, make_templates(1))
    gallery.return_to(1)
    gallery.remove(anna.id)
    assert len(gallery.due_erasures(own=True)) == 2
    erase(gallery)
    assert gallery._store._rows("SELECT 1 FROM template WHERE identity_number NOT NULL") == []


def test_old_versions_go_but_the_last_20_and_30_days_stay(
    gallery: Gallery, store: Store, make_templates
) -> None:
    anna = gallery.enroll("Anna", make_templates(1))
    for n in range(99):
        gallery.rename(anna.id, f"Anna {n}")
    assert len(gallery.versions()) == 100
    old = (datetime.now(UTC) - log.KEPT - timedelta(days=1)).isoformat()
    store._db.execute("UPDATE version SET made_at = ? WHERE number <= 60", (old,))
    gallery.rename(anna.id, "Anne")
    assert [one.number for one in gallery.versions()] == list(range(61, 102))
    with pytest.raises(GalleryError, match="one of the versions 60 to 101"):
        gallery.return_to(59)
    gallery.return_to(60)
    assert gallery.identity(anna.id).name == "Anna 58"
    store._db.execute("UPDATE version SET made_at = ?", (old,))
    for n in range(log.LEAST_CHANGES):
        gallery.rename(anna.id, f"Anne {n}")
        assert len(gallery.versions()) >= log.LEAST_CHANGES
    store._db.execute("UPDATE version SET made_at = ?", (old,))
    gallery.rename(anna.id, "Anna")
    assert len(gallery.versions()) == log.LEAST_CHANGES


def test_a_change_that_fails_makes_no_version(gallery: Gallery, make_templates) -> None:
    anna = gallery.enroll("Anna", make_templates(1))
    with suppress(RuntimeError), gallery.changing():
        gallery.rename(anna.id, "Anne")
        raise RuntimeError
    gallery.set_note(anna.id, "a note")
    assert words(gallery)[1:] == [["Note of Anna changed"]]


def test_another_set_in_use_is_a_version(store: Store, gallery: Gallery, make_templates) -> None:
    gallery.enroll("Anna", make_templates(1))
    embed_again(store, "other-4", 4, lambda _: np.eye(4, dtype=np.float32)[0])
    assert words(gallery)[-1] == ["Embedder other-4 put in use, toy-8 before"]


def test_the_difference_of_two_versions(gallery: Gallery, make_templates) -> None:
    anna = gallery.enroll("Anna", make_templates(1))
    gallery.rename(anna.id, "Anne")
    gallery.rename(anna.id, "Ann")
    gallery.rename(anna.id, "Anne")
    (change,) = between(gallery.versions(1))
    assert (change.before.name, change.after.name) == ("Anna", "Anne")
    assert between(gallery.versions(2)) == []


def test_one_change_may_be_of_more_people_than_sql_takes_values(
    gallery: Gallery, store: Store, make_templates
) -> None:
    store._db.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 10)
    with gallery.changing():
        people = [gallery.enroll(f"P{n}", make_templates(1)) for n in range(15)]
    assert len(gallery.versions()[0].people) == len(people)
    gallery.return_to(0)
    assert len(gallery) == 0
    gallery.return_to(1)
    assert len(gallery) == len(people)
