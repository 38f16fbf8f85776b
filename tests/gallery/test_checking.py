from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from common.sqlite_file import open_database
from gallery.checking import check_gallery
from gallery.schema import GALLERY


@pytest.fixture
def filled(gallery, make_templates, path: Path) -> Path:
    """Two people, one who is removed and may come back, and one who is erased."""
    for name in ("Ann", "Bob"):
        gallery.enroll(name, make_templates(2))
    gone, away = (gallery.enroll(name, make_templates(2)) for name in ("Cem", "Dee"))
    gallery.remove(gone.id)
    gallery.erase(gallery.due_erasures(own=True))
    gallery.remove(away.id)
    return path


def test_all_is_well(filled: Path) -> None:
    found = check_gallery(filled)
    assert found.wrong == ()
    assert (found.people, found.templates, found.embeddings) == (2, 6, 8)
    assert found.crops >= 6
    assert found.records >= 3 + 8 + 8 + 8


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM crop WHERE template_id = 1", "has no crop: number 1"),
        ("UPDATE crop SET png = x'0102' WHERE template_id = 1", "crop 1 is no picture"),
        ("INSERT INTO crop VALUES (99, x'')", "of no template: number 99"),
        ("UPDATE embedding_1 SET vector = x'00' WHERE template_id = 2", "embedding 2 of"),
        ("UPDATE embedding_1 SET vector = x'' WHERE template_id = 2", "embedding 2 of"),
        ("DELETE FROM embedding_1 WHERE template_id = 2", "Template 2 has no embedding"),
        ("INSERT INTO embedding_1 VALUES (99, x'')", "embedding 99 of"),
        ("UPDATE template SET identity_number = 5 WHERE id = 1", "of nobody: number 1"),
        (
            "UPDATE template SET identity_number = NULL WHERE id IN (1, 2)",
            "somebody has no template",
        ),
    ],
)
def test_what_does_not_fit_together_is_told(filled: Path, change: str, told: str) -> None:
    """As a mistake of the program's own would leave it: it has the key, and its tally agrees."""
    with closing(open_database(filled, 1.0, GALLERY)) as db:
        db.execute(change)
    assert any(told in str(one) for one in check_gallery(filled).wrong)


def test_a_record_that_cannot_be_opened_is_told_with_its_number(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as db, db:
        db.execute("UPDATE sealed_crop SET sealed = zeroblob(90) WHERE template_id = 3")
    (wrong,) = check_gallery(filled).wrong
    assert str(wrong) == "The record 3 of crop cannot be opened"
