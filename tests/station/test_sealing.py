"""A home of before is sealed at its first start; keys are changed; nothing plain stays."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from common.errors import FacedeskError, GalleryError
from common.sealing.holders import FileHolder
from common.sealing.key_file import KEY_FILE
from common.sealing.key_ring import KeyRing, ring_of
from common.sqlite_file import Format, backup_of, open_database
from desktop.home import Home
from gallery.crops import to_jpeg, to_png
from gallery.identity import Template
from gallery.likeness.impostors import IMPOSTORS_FILE, Impostors
from gallery.schema import GALLERY
from gallery.store import Store
from station.actions.outbox import OUTBOX_FILE, Outbox
from station.ledger.chain import COLUMNS, ZEROS, row_of
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger
from station.ledger.schema import CHECKINS
from station.people.inbox import INBOX_FILE, Inbox
from station.people.rotation import rotate
from station.secrets.codes import CODES_FILE, Codes
from station.secrets.pin import PIN_FILE, PinGuard
from station.secrets.scrypt import derive

ROOT = Path(__file__).parents[2]
ANN = "a" * 32
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)

RNG = np.random.default_rng(5)
PICTURE = RNG.integers(0, 256, (40, 30, 3), np.uint8)
VECTOR = np.eye(8, dtype=np.float32)[0] * np.float32(0.6) + np.eye(8, dtype=np.float32)[3] * 0.8
NAME, NOTE, CHECKED_IN = "Nguyễn Thị Ánh", "knows the way", "Trần Bình"

SECRETS = (
    *(text.encode() for text in (NAME, NOTE, CHECKED_IN, "left early")),
    VECTOR.astype("<f4").tobytes(),
    to_png(PICTURE)[60:90],
    to_png(PICTURE)[-60:-30],
    to_jpeg(PICTURE)[700:730],
    b"a picture at the door",
    b"webhook body",
)


@pytest.fixture(autouse=True)
def quick_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is derived here is derived by the same few steps everywhere."""
    monkeypatch.setattr("station.secrets.scrypt.COST", 2)


def before(file: Format) -> Format:
    """The format as it was before its files were sealed."""
    sealing = next(n for n, m in enumerate(file.migrations) if "CREATE TABLE sealing" in str(m[:1]))
    return replace(file, migrations=file.migrations[:sealing], sealed=(), tallied=())


def plain_gallery(path: Path, people: int = 1) -> None:
    with closing(open_database(path, 1, before(GALLERY))) as db:
        db.execute("BEGIN")
        db.execute(
            "INSERT INTO embedding_set (model_id, dimension, state) VALUES ('toy', 8, 'active')"
        )
        for n in range(people):
            who = ANN if n == 0 else f"{n:032x}"
            db.execute(
                "INSERT INTO identity (id, name, enrolled_at, note) VALUES (?, ?, ?, ?)",
                (who, NAME if n == 0 else f"Person {n}", NOW.isoformat(), NOTE),
            )
            template = db.execute(
                "INSERT INTO template (identity_number, enrolled_as, quality, model_id)"
                " SELECT number, number, 1, 'toy' FROM identity WHERE id = ?",
                (who,),
            ).lastrowid
            db.execute("INSERT INTO embedding_1 VALUES (?, ?)", (template, VECTOR.tobytes()))
            db.execute("INSERT INTO crop VALUES (?, ?)", (template, to_png(PICTURE)))
            face = np.zeros(14, "<f4").tobytes()
            db.execute("INSERT INTO view VALUES (?, ?, ?)", (template, to_jpeg(PICTURE), face))
        db.execute("COMMIT")


def plain_ledger(path: Path) -> None:
    with closing(open_database(path, 1, before(CHECKINS))) as db:
        hash_ = ZEROS
        for number, name in ((1, NAME), (2, CHECKED_IN)):
            picture = b"a picture at the door" * 3
            event = Event(Kind.CHECK_IN, "Door", ANN, name, note="left early", picture=picture)
            row = row_of(event, number, NOW, hash_)
            hash_ = str(row[-1])
            db.execute(
                f"INSERT INTO entry ({', '.join(COLUMNS)}, hash)"
                f" VALUES ({', '.join('?' * len(row))})",
                row,
            )
            db.execute("INSERT INTO picture VALUES (?, ?)", (number, picture))


@pytest.fixture
def plain_home(tmp_path: Path) -> Home:
    """A home of an earlier release: all that is kept of people can be read in its files."""
    home = Home(tmp_path / "nhà", tmp_path / "cache")
    home.folder.mkdir()
    plain_gallery(home.gallery)
    plain_ledger(home.checkins)
    with closing(open_database(home.impostors, 1, before(IMPOSTORS_FILE))) as db:
        db.execute(
            "INSERT INTO impostor (id, identity_id, at, similarity, threshold, model_id)"
            " VALUES (1, ?, ?, 0.5, 0.4, 'toy')",
            (ANN, NOW.isoformat()),
        )
    with closing(open_database(home.inbox, 1, before(INBOX_FILE))) as db:
        db.execute("INSERT INTO unknown VALUES (7, ?, ?)", (NOW.timestamp(), to_png(PICTURE)))
    with closing(open_database(home.outbox, 1, before(OUTBOX_FILE))) as db:
        body = b'{"webhook body": "' + NAME.encode() + b'"}'
        db.execute("INSERT INTO delivery VALUES (1, 'abc', ?, ?)", (NOW.isoformat(), body))
        db.execute("INSERT INTO taken_over VALUES (1, 2, ?, ?)", (ZEROS, NOW.isoformat()))
    with closing(open_database(home.codes, 1, before(CODES_FILE))) as db:
        db.execute("UPDATE salt SET salt = zeroblob(16)")
        db.execute("INSERT INTO code VALUES (?, ?)", (derive("4711", bytes(16)), ANN))
    with closing(open_database(home.pin, 1, before(PIN_FILE))) as db:
        db.execute("INSERT INTO pin VALUES (?, ?)", (bytes(16), derive("739164", bytes(16))))
    return home


def plain(folder: Path) -> list[bytes]:
    """What of the secrets can be read in any file of a folder."""
    raw = b"\0".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return [secret for secret in SECRETS if secret in raw]


def assert_all_is_there(home: Home) -> None:
    with closing(Store(home.gallery)) as store:
        ann = next(iter(store.load_all()))
        assert (ann.identity.id, ann.identity.name, ann.identity.note) == (ANN, NAME, NOTE)
        np.testing.assert_allclose(ann.embeddings, [VECTOR], atol=1e-6)
        (template,) = store.templates(ANN)
        np.testing.assert_array_equal(template.crop, PICTURE)
        assert template.view is not None
    with closing(Ledger(home.checkins)) as ledger:
        assert (ledger.verify().intact, ledger.verify().damage) == (2, None)
        assert [entry.event.name for entry in ledger.entries()] == [NAME, CHECKED_IN]
        assert ledger.picture(2) == b"a picture at the door" * 3
    with closing(Impostors(home.impostors, "toy")) as impostors:
        (example,) = impostors.examples()
        assert (example.identity_id, example.similarity, example.at) == (ANN, 0.5, NOW)
    with closing(Inbox(home.inbox)) as inbox:
        (unknown,) = inbox.all()
        assert (unknown.id, unknown.at) == (7, NOW)
        np.testing.assert_array_equal(inbox.picture(unknown), PICTURE)
    with closing(Outbox(home.outbox)) as outbox:
        (waiting,) = outbox.all()
        assert (waiting.id, waiting.at, json.loads(waiting.body)) == (
            "abc", NOW, {"webhook body": NAME}
        )  # fmt: skip
        mark = outbox.mark()
        assert mark is not None
        assert (mark.number, mark.hash, mark.at) == (2, ZEROS, NOW)
    assert Codes(home.codes).find("4711") == ANN
    assert PinGuard(home.pin).check("739164").ok


def test_a_home_of_before_is_sealed_at_its_first_start(plain_home: Home) -> None:
    assert len(plain(plain_home.folder)) == len(SECRETS)
    assert_all_is_there(plain_home)
    assert plain(plain_home.folder) == []
    assert not list(plain_home.folder.glob("*before-sealing*"))
    assert_all_is_there(plain_home)


def test_free_pages_and_logs_of_before_are_sealed_away_too(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    plain_gallery(path, people=40)
    with closing(sqlite3.connect(path)) as db, db:  # as a release without secure_delete would
        db.execute("DELETE FROM crop WHERE template_id > 20")
        db.execute("UPDATE identity SET name = 'Another' WHERE number % 2 = 0")
    Store(path).close()
    assert plain(tmp_path) == []


def test_while_another_program_reads_the_backup_waits(plain_home: Home) -> None:
    path = plain_home.gallery
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM identity").fetchone()
        Store(path, busy_timeout_s=0.05).close()
        assert backup_of(path).exists()
    Store(path).close()
    assert not backup_of(path).exists()


def test_a_plain_file_that_cannot_be_read_is_left_as_it_is(plain_home: Home) -> None:
    with closing(sqlite3.connect(plain_home.gallery)) as db, db:
        db.execute("UPDATE identity SET name = CAST(x'ff' AS TEXT)")
    with pytest.raises(GalleryError, match="damaged"):
        Store(plain_home.gallery)
    with closing(sqlite3.connect(plain_home.gallery)) as db:
        assert db.execute("SELECT CAST(name AS BLOB) FROM identity").fetchone() == (b"\xff",)


OPEN = """
import sys
from pathlib import Path
from gallery.store import Store
print("begun", flush=True)
Store(Path(sys.argv[1])).close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_whoever_is_killed_while_sealing_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    plain_gallery(path, people=300)
    for n in range(6):
        opening = subprocess.Popen(
            [sys.executable, "-c", OPEN, str(path)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert opening.stdout is not None
        opening.stdout.readline()
        time.sleep(0.004 + 0.03 * n)
        opening.send_signal(signal.SIGKILL)
        opening.wait()
        opening.stdout.close()
    with closing(Store(path)) as store:
        everyone = list(store.load_all())
        assert len(everyone) == 300
        assert everyone[0].identity.name == NAME
        assert all(len(one.embeddings) == 1 for one in everyone)
    assert plain(tmp_path) == []


# -- the key -------------------------------------------------------------------------------


def records(home: Home) -> dict[str, list[bytes]]:
    found = {}
    for path in sorted(home.folder.glob("*.db")):
        with closing(sqlite3.connect(path)) as db:
            tables = db.execute("SELECT name FROM sqlite_master WHERE name LIKE 'sealed_%'")
            for (table,) in tables.fetchall():
                rows = db.execute(f"SELECT sealed FROM {table}").fetchall()
                found[f"{path.name}/{table}"] = [row[0] for row in rows]
    return found


def test_another_key_seals_everything_anew(plain_home: Home) -> None:
    assert_all_is_there(plain_home)
    ring, former = KeyRing(plain_home.folder), records(plain_home)
    first = ring.current()
    assert rotate(ring, plain_home, FileHolder()) == 7
    assert ring.current() != first
    assert_all_is_there(plain_home)
    now = records(plain_home)
    assert now.keys() == former.keys()
    assert sum(map(len, now.values())) == sum(map(len, former.values())) >= 12
    for table, sealed in now.items():
        assert all(record[1:9] == ring.current().id for record in sealed), table
    raw = b"".join(path.read_bytes() for path in plain_home.folder.iterdir())
    assert not [record for sealed in former.values() for record in sealed if record in raw]
    assert rotate(ring, plain_home, FileHolder()) == 7


def test_a_station_that_runs_goes_on_while_the_key_changes(plain_home: Home) -> None:
    with (
        closing(Ledger(plain_home.checkins)) as ledger,
        closing(Store(plain_home.gallery)) as store,
    ):
        ledger.append(Event(Kind.CHECK_IN, "Door", ANN, NAME))
        rotate(KeyRing(plain_home.folder), plain_home, FileHolder())
        ledger.append(Event(Kind.CHECK_OUT, "Door", ANN, NAME))
        store.rename(ANN, "Ánh")
        assert ledger.verify().intact == 4
        assert next(iter(store.load_all())).identity.name == "Ánh"
    key = KeyRing(plain_home.folder).current().id
    assert all(record[1:9] == key for sealed in records(plain_home).values() for record in sealed)


def test_a_rotation_that_failed_half_way_loses_nothing(
    plain_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_all_is_there(plain_home)
    with closing(sqlite3.connect(plain_home.inbox, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr("station.people.rotation.BUSY_S", 0.05)
        with pytest.raises(FacedeskError, match="another program is using it"):
            rotate(KeyRing(plain_home.folder), plain_home, FileHolder())
    assert_all_is_there(plain_home)
    assert rotate(KeyRing(plain_home.folder), plain_home, FileHolder()) < 7
    assert_all_is_there(plain_home)
    assert len(json.loads(plain_home.key.read_text())["keys"]) == 1


STORES: tuple[Callable[[Home], object], ...] = (
    lambda home: Store(home.gallery),
    lambda home: Ledger(home.checkins),
    lambda home: Inbox(home.inbox),
    lambda home: Outbox(home.outbox),
    lambda home: Impostors(home.impostors, "toy"),
    lambda home: Codes(home.codes).find("4711"),
    lambda home: PinGuard(home.pin).check("739164"),
)


@pytest.mark.parametrize("store", range(len(STORES)))
def test_without_its_key_nothing_opens_and_nothing_is_begun_anew(
    plain_home: Home, store: int
) -> None:
    assert_all_is_there(plain_home)
    ring_of(plain_home.folder).__init__(plain_home.folder)  # type: ignore[misc]  # a new program
    plain_home.key.rename(plain_home.folder / "away")
    with pytest.raises(FacedeskError, match=r"key\.json.*facedesk key restore"):
        STORES[store](plain_home)
    assert not plain_home.key.exists()
    with pytest.raises(FacedeskError, match="facedesk key restore"):
        ring_of(plain_home.folder).current()


def test_the_files_of_another_home_do_not_open_here(plain_home: Home, tmp_path: Path) -> None:
    Store(plain_home.gallery).close()
    other = tmp_path / "other"
    with closing(Store(other / "other.db")) as store:
        store.adopt_model("toy", 8)
    (other / "gallery.db").write_bytes(plain_home.gallery.read_bytes())
    with pytest.raises(GalleryError, match=f"another home's key.*{KEY_FILE}|{KEY_FILE}.*another"):
        Store(other / "gallery.db")


def test_words_restore_a_lost_key(plain_home: Home) -> None:
    assert_all_is_there(plain_home)
    key = KeyRing(plain_home.folder).current()
    plain_home.key.unlink()
    KeyRing(plain_home.folder).hold(key, FileHolder())
    assert_all_is_there(plain_home)


def test_words_of_another_home_restore_nothing(plain_home: Home, tmp_path: Path) -> None:
    assert_all_is_there(plain_home)
    before = plain_home.key.read_bytes()
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(FacedeskError, match="nothing in"):
        KeyRing(plain_home.folder).hold(KeyRing(other).current(), FileHolder())
    assert plain_home.key.read_bytes() == before


# -- who edits a file ----------------------------------------------------------------------


def test_a_template_that_is_given_to_somebody_else_is_told(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    plain_gallery(path, people=2)
    Store(path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "UPDATE sealed_template SET identity_number = (SELECT max(number) FROM sealed_identity)"
        )
    with pytest.raises(GalleryError, match="rows of its table sealed_template"):
        Store(path)


def all_of(store: Store) -> list[Template]:
    return [one for known in store.load_all() for one in store.templates(known.identity.id)]


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("sealed_identity", "number"),
        ("sealed_embedding_1", "template_id"),
        ("sealed_crop", "template_id"),
        ("sealed_view", "template_id"),
        ("sealed_template", "id"),
    ],
)
def test_records_that_change_places_are_told(tmp_path: Path, table: str, key: str) -> None:
    path = tmp_path / "gallery.db"
    plain_gallery(path, people=2)
    Store(path).close()
    with closing(sqlite3.connect(path)) as db, db:
        (one, first), (two, second) = db.execute(f"SELECT {key}, sealed FROM {table}").fetchall()
        db.execute(f"UPDATE {table} SET sealed = ? WHERE {key} = ?", (second, one))
        db.execute(f"UPDATE {table} SET sealed = ? WHERE {key} = ?", (first, two))
    with (
        pytest.raises(GalleryError, match=r"a record of it|rows of its table"),
        closing(Store(path)) as store,
    ):
        all_of(store)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM sealed_identity WHERE number = (SELECT max(number) FROM sealed_identity)",
        "DELETE FROM sealed_template WHERE id = 2",
        "INSERT INTO erasure (identity_id, asked_at) SELECT id, enrolled_at FROM sealed_identity"
        " LIMIT 1",
        "UPDATE embedding_set SET model_id = 'toy2'",
        "the former record",
        "DELETE FROM tally",
        "DROP TABLE tally",
        "DROP INDEX template_identity",
        "PRAGMA user_version = 3",
    ],
)
def test_what_is_taken_out_put_in_or_of_before_is_told(tmp_path: Path, change: str) -> None:
    path = tmp_path / "gallery.db"
    plain_gallery(path, people=2)
    with closing(Store(path)) as store:
        with closing(sqlite3.connect(path)) as db, db:
            (former,) = db.execute("SELECT sealed FROM sealed_identity LIMIT 1").fetchone()
        store.rename(ANN, "Bà Ánh")
    Store(path).close()
    with closing(sqlite3.connect(path)) as db, db:
        if "former" in change:
            number = "(SELECT min(number) FROM sealed_identity)"
            db.execute(f"UPDATE sealed_identity SET sealed = ? WHERE number = {number}", (former,))
        else:
            db.execute(change)
    with pytest.raises(GalleryError, match=r"gallery\.db.*damaged"):
        Store(path)


@pytest.mark.parametrize("table", ["sealed_embedding_1", "sealed_crop"])
def test_a_template_without_its_face_is_told(tmp_path: Path, table: str) -> None:
    path = tmp_path / "gallery.db"
    plain_gallery(path, people=2)
    Store(path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"DELETE FROM {table} WHERE template_id = 1")
    with closing(Store(path)) as store, pytest.raises(GalleryError, match="damaged"):
        all_of(store)
