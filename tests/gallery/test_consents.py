from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.errors import GalleryError
from gallery.consents import Consent, ConsentWay
from gallery.gallery import Gallery
from gallery.store import Store
from tests.gallery.conftest import DIMENSION, MODEL, MakeTemplates

AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
WORDS = "Tôi đồng ý rằng khuôn mặt của tôi được lưu lại ở đây."
AGREED = Consent(AT, "vi", WORDS, ConsentWay.SCREEN)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gallery.db"


@pytest.fixture
def gallery(path: Path) -> Iterator[Gallery]:
    with closing(Gallery(Store(path), MODEL, DIMENSION)) as opened:
        yield opened


def sealed_consents(path: Path) -> list[bytes]:
    with closing(sqlite3.connect(path)) as db:
        return [row[0] for row in db.execute("SELECT sealed FROM sealed_consent ORDER BY number")]


def test_it_is_kept_word_for_word_with_the_person(
    gallery: Gallery, path: Path, make_templates: MakeTemplates
) -> None:
    ann = gallery.enroll("Ann", make_templates(), consent=AGREED)
    bob = gallery.enroll("Bob", make_templates())
    later = Consent(datetime(2026, 2, 2, tzinfo=UTC), "", "Another text.", ConsentWay.TOLD)
    gallery.add_consent(ann.id, later)
    with closing(Gallery(Store(path), MODEL, DIMENSION)) as again:
        assert again.consents(ann.id) == [AGREED, later]
        assert again.consents(bob.id) == []
        assert again.without_consent() == [bob]
    assert len(AGREED.sha256) == 64


def test_no_word_of_it_can_be_read_in_the_file(
    gallery: Gallery, path: Path, make_templates: MakeTemplates
) -> None:
    gallery.enroll("Ann", make_templates(), consent=AGREED)
    files = b"".join(one.read_bytes() for one in path.parent.glob("gallery.db*"))
    for secret in (WORDS.encode(), AGREED.sha256.encode(), b"2026-01-02T03:04", b"screen"):
        assert secret not in files


def test_one_wording_is_kept_once(
    gallery: Gallery, path: Path, make_templates: MakeTemplates
) -> None:
    for name in ("Ann", "Bob", "Eva"):
        gallery.enroll(name, make_templates(), consent=AGREED)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM sealed_consent_text").fetchall() == [(1,)]


def test_it_is_erased_with_the_person(
    gallery: Gallery, path: Path, make_templates: MakeTemplates
) -> None:
    ann = gallery.enroll("Ann", make_templates(), consent=AGREED)
    bob = gallery.enroll("Bob", make_templates(), consent=AGREED)
    before = sealed_consents(path)
    gallery.remove(ann.id)
    gallery.erase(gallery.due_erasures(own=True))
    files = b"".join(one.read_bytes() for one in path.parent.glob("gallery.db*"))
    assert before[0] not in files
    assert before[1] in files
    assert gallery.consents(bob.id) == [AGREED]


def test_a_removal_that_is_undone_brings_it_back(
    gallery: Gallery, make_templates: MakeTemplates
) -> None:
    ann = gallery.enroll("Ann", make_templates(), consent=AGREED)
    gallery.remove(ann.id)
    gallery.restore(ann.id)
    assert gallery.consents(ann.id) == [AGREED]


def test_who_was_two_has_what_both_have_agreed_to(
    gallery: Gallery, make_templates: MakeTemplates
) -> None:
    ann = gallery.enroll("Ann", make_templates())
    twin = gallery.enroll("Anne", make_templates(), consent=AGREED)
    gallery.merge(ann.id, twin.id)
    assert gallery.consents(ann.id) == []  # it may still be undone
    gallery.erase(gallery.due_erasures(own=True))
    assert gallery.consents(ann.id) == [AGREED]


def test_one_that_was_given_to_somebody_else_is_refused(
    gallery: Gallery, path: Path, make_templates: MakeTemplates
) -> None:
    gallery.enroll("Ann", make_templates(), consent=AGREED)
    bob = gallery.enroll("Bob", make_templates())
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "UPDATE sealed_consent SET identity_number ="
            " (SELECT number FROM sealed_identity WHERE id = ?)",
            (bob.id,),
        )
    with pytest.raises(GalleryError, match=r"gallery\.db"):
        gallery.consents(bob.id)


def test_a_final_removal_cannot_be_undone_by_anybody(
    gallery: Gallery, make_templates: MakeTemplates
) -> None:
    ann = gallery.enroll("Ann", make_templates())
    gallery.remove(ann.id, is_final=True)
    assert [item.identity_id for item in gallery.due_erasures()] == [ann.id]
