"""The file itself: what is refused, migrated, survived."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common.errors import GalleryError
from common.sqlite_file import migrate, open_database
from gallery.crops import to_png
from gallery.gallery import Gallery
from gallery.schema import GALLERY, MIGRATIONS
from gallery.store import Store

ROOT = Path(__file__).parents[2]


def pragma(path: Path, name: str) -> Any:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_new_store_is_marked_and_durable(path: Path) -> None:
    with closing(open_database(path, 0.05, GALLERY)) as db:
        expected = {
            "application_id": GALLERY.application_id,
            "user_version": len(MIGRATIONS),
            "journal_mode": "wal",
            "synchronous": 2,  # FULL
            "secure_delete": 1,
            "foreign_keys": 1,
        }
        assert {k: db.execute(f"PRAGMA {k}").fetchone()[0] for k in expected} == expected


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_only_the_owner_may_read_any_of_the_files(gallery: Gallery, path, make_templates) -> None:
    gallery.enroll("Ann", make_templates())
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()}
    names = ("gallery.db", "gallery.db-wal", "gallery.db-shm", "key.json")
    assert modes == dict.fromkeys(names, 0o600)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_store_that_others_could_read_is_closed_to_them(path: Path) -> None:
    Store(path).close()
    path.chmod(0o644)
    Store(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"Ann\n", b"name,age\n" * 1000])
def test_another_kind_of_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "people.txt"
    path.write_bytes(content)
    with pytest.raises(GalleryError, match=r"of another kind.*not changed"):
        Store(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "music.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE song (title TEXT)")
    before = path.read_bytes()
    with pytest.raises(GalleryError, match="of another kind"):
        Store(path)
    assert path.read_bytes() == before


def test_a_newer_gallery_is_refused_and_left_alone(path: Path) -> None:
    Store(path).close()
    newer = len(MIGRATIONS) + 1
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {newer}")
    before = path.read_bytes()
    with pytest.raises(GalleryError, match=f"version {newer}.*Update Facedesk"):
        Store(path)
    assert path.read_bytes() == before


def test_migrations_lead_from_any_version_to_the_newest(gallery, path, make_templates) -> None:
    ann = gallery.enroll("Ann", make_templates())
    gallery.close()
    second = ("ALTER TABLE sealed_identity ADD COLUMN badge TEXT NOT NULL DEFAULT 'none'",)
    newer = replace(GALLERY, migrations=[*MIGRATIONS, second])
    with closing(open_database(path, 1.0, newer)) as db:
        assert db.execute("SELECT id, badge FROM sealed_identity").fetchall() == [(ann.id, "none")]
        migrate(db, path, newer)  # nothing left to do
    assert pragma(path, "user_version") == len(MIGRATIONS) + 1


def test_a_gallery_of_the_first_releases_is_taken_over(path: Path, make_templates) -> None:
    path.parent.mkdir()
    templates = make_templates(5)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in (*MIGRATIONS[0], *MIGRATIONS[1]):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {GALLERY.application_id}")
        db.execute("PRAGMA user_version = 2")
        db.execute("INSERT INTO meta VALUES ('model_id', 'toy-8'), ('dimension', '8')")
        for n, name in enumerate(("Ann", "Bob", "Cem")):
            at = f"2024-02-0{3 - n}T10:00:00+00:00"
            row = (f"{n:032x}", name, at, f"note {n}", at if name == "Bob" else None)
            db.execute("INSERT INTO identity VALUES (?, ?, ?, ?, ?)", row)
        for n, template in enumerate(templates):
            db.execute(
                "INSERT INTO template (identity_id, quality, model_id, embedding, crop)"
                " VALUES (?, ?, 'toy-8', ?, ?)",
                (f"{n % 3:032x}", n / 10, template.embedding.tobytes(), to_png(template.crop)),
            )
    with closing(Store(path)) as store:
        ann, cem = store.load_all()
        assert [ann.identity.name, ann.identity.note, cem.identity.name] == ["Ann", "note 0", "Cem"]
        expected = [templates[0].embedding, templates[3].embedding]
        np.testing.assert_array_equal(ann.embeddings, expected)
        np.testing.assert_array_equal(store.portrait(ann.identity.id), templates[3].crop)
        np.testing.assert_array_equal(store.crops(cem.identity.id), [templates[2].crop])
        assert [item.name for item in store.due_erasures()] == ["Bob"]
        store.add(replace(ann.identity, id="f" * 32, name="Dũng"), make_templates(1))
        assert [stored.identity.name for stored in store.load_all()] == ["Ann", "Cem", "Dũng"]


def test_a_gallery_of_the_last_release_is_taken_over(path: Path, make_templates) -> None:
    """With somebody removed, somebody merged, and somebody erased."""
    path.parent.mkdir()
    templates = make_templates(8)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statements in MIGRATIONS[:3]:
            for statement in statements:
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {GALLERY.application_id}")
        db.execute("PRAGMA user_version = 3")
        db.execute("INSERT INTO meta VALUES ('model_id', 'toy-8'), ('dimension', '8')")
        for n, name in enumerate(("Ann", "Bob", "Anne")):
            row = (f"{n:032x}", name, "2024-02-01T10:00:00+00:00", "")
            db.execute(
                "INSERT INTO identity (id, name, enrolled_at, note) VALUES (?, ?, ?, ?)", row
            )
        ann, bob, anne = (1 << 24) + np.arange(1, 4)
        holders = [ann, bob, anne, None, ann, bob, anne, ann]
        for number, template in zip(holders, templates, strict=True):
            holder = None if number is None else int(number)
            embedding = b"" if number is None else template.embedding.tobytes()
            db.execute(
                "INSERT INTO template (identity_number, enrolled_as, quality, model_id, embedding)"
                " VALUES (?, ?, 1, 'toy-8', ?)",
                (int(ann) if holder == anne else holder, holder, embedding),
            )
            png = b"" if number is None else to_png(template.crop)
            db.execute("INSERT INTO crop VALUES (last_insert_rowid(), ?)", (png,))
        at = "2024-02-02T10:00:00+00:00"
        erasures = [(f"{1:032x}", at, "", "held"), (f"{2:032x}", at, f"{0:032x}", "held")]
        db.executemany(
            "INSERT INTO erasure (identity_id, asked_at, merged_into, holder) VALUES (?, ?, ?, ?)",
            erasures,
        )
    with closing(Store(path)) as store:
        assert store.model() == ("toy-8", 8)
        (merged,) = store.load_all()
        own = [templates[i].embedding for i in (0, 2, 4, 6, 7)]
        np.testing.assert_array_equal(merged.embeddings, own)
        restored, giver = store.restore(f"{2:032x}")
        np.testing.assert_array_equal(restored.embeddings, [templates[i].embedding for i in (2, 6)])
        assert giver.template_count == 3
        made = store.sets.begin("other", 3)
        assert store.sets.count_without(made) == 7
        (bob_again,) = store.restore(f"{1:032x}")
        assert bob_again.template_count == 2


def test_a_failed_migration_leaves_the_old_version_whole(path: Path) -> None:
    Store(path).close()
    broken = ("ALTER TABLE sealed_identity ADD COLUMN badge TEXT", "INSERT INTO nowhere VALUES (1)")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            migrate(db, path, replace(GALLERY, migrations=[*MIGRATIONS, broken]))
        columns = [row[1] for row in db.execute("PRAGMA table_info(sealed_identity)")]
    assert "badge" not in columns
    assert pragma(path, "user_version") == len(MIGRATIONS)


@pytest.mark.parametrize("where", [0.3, 0.6, 0.9])
def test_a_damaged_gallery_is_told(gallery, path, make_templates, where: float) -> None:
    for n in range(50):
        gallery.enroll(f"Person {n}", make_templates(2))
    gallery.close()
    content = bytearray(path.read_bytes())
    page = int(len(content) * where) // 4096 * 4096
    content[page : page + 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    with pytest.raises(GalleryError, match=r"damaged.*backup copy"):
        Store(path)


def test_a_truncated_gallery_is_told(gallery, path, make_templates) -> None:
    gallery.enroll("Ann", make_templates(20))
    gallery.close()
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(GalleryError, match="damaged"):
        Store(path)


def test_damaged_content_is_told(gallery, store, path, make_templates) -> None:
    ann = gallery.enroll("Ann", make_templates())
    store._db.execute("UPDATE crop SET png = x'00'")
    with pytest.raises(GalleryError, match="damaged"):
        gallery.portrait(ann.id)
    store._db.execute("UPDATE embedding_1 SET vector = x'00'")
    with pytest.raises(GalleryError, match="damaged"):
        gallery.reload()
    assert gallery.identities == (ann,)


@pytest.fixture
def read_only_folder(as_nobody: Callable[[], AbstractContextManager[None]]) -> Iterator[Path]:
    """A folder that this process may not write, even where the tests run as root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Store(folder / "gallery.db").close()
        (folder / "gallery.db").chmod(0o444)
        folder.chmod(0o555)
        with as_nobody():
            yield folder
        folder.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize("name", ["gallery.db", "new.db", "new/gallery.db"])
def test_a_read_only_folder_is_told(read_only_folder: Path, name: str) -> None:
    with pytest.raises(GalleryError, match=r"allowed to write.*another folder"):
        Store(read_only_folder / name)


def test_a_path_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "gallery.db"):
        with pytest.raises(GalleryError, match="allowed to write"):
            Store(path)


FULL = """
import resource, sys
from pathlib import Path
from common.errors import GalleryError
from gallery.store import Store

resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
try:
    Store(Path(sys.argv[1]))
except GalleryError as error:
    print(error.__cause__.sqlite_errorname, error.found)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_a_full_disk_is_told_when_a_store_is_opened(path: Path) -> None:
    Store(path).close()
    opening = subprocess.run(
        [sys.executable, "-c", FULL, str(path)],
        cwd=ROOT,
        timeout=60,
        check=True,
        capture_output=True,
        text=True,
    )
    assert opening.stdout == "SQLITE_IOERR_SHMSIZE the disk is full\n"


CRASH = """
import os, sys
from pathlib import Path
import numpy as np
from gallery.identity import Template
from gallery.gallery import Gallery
from gallery.store import Store

store = Store(Path(sys.argv[1]))
gallery = Gallery(store, "toy-8", 8)
templates = [
    Template(np.eye(8, dtype=np.float32)[0], np.full((40, 40, 3), n, np.uint8), 1.0, "toy-8")
    for n in range(50)
]
gallery.enroll("Before", templates)
moment = sys.argv[2]
if moment == "uncommitted":
    store._db.execute("PRAGMA cache_size = 1")  # spill what is not committed into the file

    def die(statement):
        if statement.startswith("COMMIT"):
            os._exit(9)

    store._db.set_trace_callback(die)
gallery.enroll("After", templates)
os._exit(9)
"""


@pytest.mark.parametrize(
    ("moment", "survivors"), [("uncommitted", ["Before"]), ("committed", ["Before", "After"])]
)
def test_a_crash_loses_only_what_was_not_done(
    path: Path, moment: str, survivors: list[str]
) -> None:
    crash = subprocess.run(
        [sys.executable, "-c", CRASH, str(path), moment], cwd=ROOT, timeout=60, check=False
    )
    assert crash.returncode == 9
    assert path.with_name("gallery.db-wal").stat().st_size > 0
    with closing(Store(path)) as store:
        everyone = list(store.load_all())
        assert [stored.identity.name for stored in everyone] == survivors
        assert all(len(stored.embeddings) == 50 for stored in everyone)
        assert store._rows("SELECT count(*) FROM template") == [(50 * len(survivors),)]


def test_two_that_open_a_new_gallery_at_once_both_succeed(tmp_path: Path) -> None:
    def open_and_close(path: Path) -> int:
        db = open_database(path, 5.0, GALLERY)
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        db.close()
        return version

    with ThreadPoolExecutor(2) as both:
        for i in range(60):
            path = tmp_path / f"{i}.db"
            assert list(both.map(open_and_close, [path, path])) == [len(MIGRATIONS)] * 2


def test_the_log_of_a_database_that_is_gone_is_not_written_into_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    store = Store(path)
    store.adopt_model("toy-8", 8)
    path.rename(tmp_path / "moved.db")
    with pytest.raises(GalleryError, match=r"its log gallery\.db-wal is there"):
        Store(path)
    assert not path.exists()
    (tmp_path / "moved.db").rename(path)
    store.close()
    with closing(Store(path)) as again:
        assert again.model() == ("toy-8", 8)
