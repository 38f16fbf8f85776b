"""What is done to a ledger's file behind the program's back, and what of it shows."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, islice, pairwise
from pathlib import Path

import pytest

from common.errors import LedgerError
from common.sealing.key_file import KEY_FILE
from common.sealing.tally import write_tally
from common.sqlite_file import open_database, transaction
from station.ledger.chain import COLUMNS, ZEROS, Damage, Verification, row_of
from station.ledger.entry import Event, Kind, Means
from station.ledger.ledger import Ledger
from station.ledger.schema import CHECKINS, ENTRY, PICTURE

START = datetime(2026, 11, 2, 7, tzinfo=UTC)
MANY = 100_000
ROW = ", ".join((*COLUMNS, "hash"))


def events() -> Iterator[Event]:
    """Check-ins and check-outs by turns, some with a picture, each third undone."""
    for n in count():
        kind = Kind.CHECK_IN if n % 2 else Kind.CHECK_OUT
        picture = b"picture %d" % n if n % 5 == 0 else None
        yield Event(kind, "Entrance", f"{n % 7:032}", f"Ánh {n % 7}", similarity=0.6, threshold=0.4)
        yield Event(kind, "Entrance", f"{n % 4:032}", "Bob", Means.CODE, picture=picture)
        yield Event(Kind.UNDONE, "Entrance", f"{n % 4:032}", "Bob", refers_to=3 * n + 2)


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ledger") / "checkins.db"
    clock = (START + timedelta(minutes=n) for n in count())
    with closing(Ledger(path, lambda: next(clock))) as ledger:
        for event in islice(events(), 30):
            ledger.append(event)
    return path


@pytest.fixture
def path(original: Path, tmp_path: Path) -> Path:
    """A ledger of 30 entries; the 2nd and the 17th have pictures."""
    copy = tmp_path / "checkins.db"
    for name in ("checkins.db", KEY_FILE):
        (tmp_path / name).write_bytes((original.parent / name).read_bytes())
    return copy


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    """The way in of a tamperer who has the key: no trigger hinders."""
    hands_on = replace(CHECKINS, sealed=(replace(ENTRY, is_fixed=False), PICTURE))
    with closing(open_database(path, 1, hands_on)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        names = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        assert len(names) == 3
        for (name,) in names:
            db.execute(f"DROP TRIGGER {name}")
        write_tally(db, CHECKINS.tallied, len(CHECKINS.migrations))
        yield db


def verify(path: Path) -> Verification:
    with closing(Ledger(path)) as ledger:
        return ledger.verify()


def found(path: Path) -> tuple[int, Damage | None]:
    """The number of the first entry that is wrong, and how."""
    verification = verify(path)
    return verification.intact + 1, verification.damage


# -- as anybody may verify it, from the documentation of station.ledger.chain alone ---------------


def content_hash(row: tuple[object, ...]) -> str:
    columns = [str(value).encode() for value in row[:-1]]
    netstrings = b"".join(str(len(c)).encode() + b":" + c + b"," for c in columns)
    return hashlib.sha256(netstrings).hexdigest()


def all_rows(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    return db.execute(f"SELECT {ROW} FROM entry ORDER BY number").fetchall()


def links_hold(db: sqlite3.Connection) -> bool:
    rows = all_rows(db)
    return rows[0][-2] == ZEROS and all(later[-2] == row[-1] for row, later in pairwise(rows))


def contents_hold(db: sqlite3.Connection) -> bool:
    return all(content_hash(row) == row[-1] for row in all_rows(db))


def hash_again(db: sqlite3.Connection, number: int) -> str:
    row = db.execute(f"SELECT {ROW} FROM entry WHERE number = ?", (number,)).fetchone()
    db.execute("UPDATE entry SET hash = ? WHERE number = ?", (content_hash(row), number))
    return content_hash(row)


def chain_again(db: sqlite3.Connection, first: int) -> None:
    """What a tamperer who knows all does: every later hash is computed anew."""
    for number in range(first, len(all_rows(db)) + 1):
        newest = hash_again(db, number)
        db.execute("UPDATE entry SET previous_hash = ? WHERE number = ?", (newest, number + 1))


def test_untouched(path: Path, db: sqlite3.Connection) -> None:
    assert verify(path) == Verification(30, str(all_rows(db)[-1][-1]), None)
    assert links_hold(db)
    assert contents_hold(db)


def test_the_columns_are_those_that_are_documented(db: sqlite3.Connection) -> None:
    names = [row[1] for row in db.execute("PRAGMA table_info(entry)")]
    assert sorted(names) == sorted([*COLUMNS, "hash"])


def test_the_encoding_never_changes() -> None:
    """Written out by hand. Ledgers outlive releases: a change of it would condemn them all."""
    event = Event(
        Kind.CORRECTION,
        "Cửa",
        "ab" * 16,
        "Ánh",
        Means.OPERATOR,
        similarity=0.5,
        refers_to=6,
        counts_as=Kind.CHECK_OUT,
        happened_at=START - timedelta(days=1),
        note="x,1:",
        picture=b"",
    )
    text = (
        "1:7,32:2026-11-02T07:00:00.000000+00:00,10:correction,5:Cửa,"
        "32:abababababababababababababababab,4:Ánh,8:operator,3:0.5,0:,9:not asked,9:check-out,"
        "32:2026-11-01T07:00:00.000000+00:00,1:6,4:x,1:,"
        "64:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855,"
        "64:0000000000000000000000000000000000000000000000000000000000000000,"
    )
    assert row_of(event, 7, START, ZEROS)[-1] == hashlib.sha256(text.encode()).hexdigest()


# -- changed -------------------------------------------------------------------------------


@pytest.mark.parametrize("column", COLUMNS[1:-1])
@pytest.mark.parametrize("number", [1, 17, 30])
def test_any_field_that_is_changed_shows(
    path: Path, db: sqlite3.Connection, column: str, number: int
) -> None:
    other = {
        "at": "2026-11-02T08:00:00.000000+00:00",
        "kind": "administration",
        "means": "operator",
        "liveness": "passed",
        "similarity": "0.60000000000000001",  # the same number, written otherwise
        "counts_as": "check-in",
        "happened_at": "2026-11-01T08:00:00.000000+00:00",
        "refers_to": 1000,
    }.get(column, "Eve")
    db.execute(f"UPDATE entry SET {column} = ? WHERE number = ?", (other, number))
    assert links_hold(db), "whoever looks at the links alone sees nothing"
    assert found(path) == (number, Damage.CHANGED)


def test_text_that_moves_to_the_next_field_shows(path: Path, db: sqlite3.Connection) -> None:
    db.execute("UPDATE entry SET station = 'Entr', identity_id = 'ance' || identity_id")
    assert found(path) == (1, Damage.CHANGED)


@pytest.mark.parametrize(
    "value", ["CAST(x'ff' AS TEXT)", "x'ff'", "sealed || 'x'", "''", "zeroblob(100000)"]
)
@pytest.mark.parametrize("column", ["identity_id", "at", "kind", "sealed"])
def test_rubbish_shows(path: Path, db: sqlite3.Connection, column: str, value: str) -> None:
    db.execute(f"UPDATE sealed_entry SET {column} = {value} WHERE number = 5")
    assert found(path) == (5, Damage.CHANGED)


@pytest.mark.parametrize("column", ["sealed", "at", "kind"])
def test_a_row_that_cannot_be_read_is_told(path: Path, db: sqlite3.Connection, column: str) -> None:
    db.execute(f"UPDATE sealed_entry SET {column} = CAST(x'ff' AS TEXT) WHERE number = 5")
    with closing(Ledger(path)) as ledger, pytest.raises(LedgerError, match=r"entry 5.*verify"):
        list(ledger.entries())


def test_a_table_without_rules_shows(path: Path, db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE other AS SELECT * FROM sealed_entry")
    db.execute("UPDATE other SET station = NULL WHERE number = 9")
    db.execute("DROP TABLE sealed_entry")
    db.execute("DROP VIEW temp.entry")
    db.execute("ALTER TABLE other RENAME TO sealed_entry")
    with pytest.raises(LedgerError, match="its tables are not as they were made"):
        found(path)
    write_tally(db, CHECKINS.tallied, len(CHECKINS.migrations))
    assert found(path) == (9, Damage.CHANGED)


def test_a_changed_row_that_is_hashed_again_shows(path: Path, db: sqlite3.Connection) -> None:
    db.execute("UPDATE entry SET name = 'Eve' WHERE number = 17")
    hash_again(db, 17)
    assert contents_hold(db), "whoever looks at the contents alone sees nothing"
    assert found(path) == (18, Damage.UNLINKED)


# -- taken out, put in, exchanged ----------------------------------------------------------


@pytest.mark.parametrize("number", [1, 17, 29])
def test_a_row_that_is_taken_out_shows(path: Path, db: sqlite3.Connection, number: int) -> None:
    db.execute("DELETE FROM entry WHERE number = ?", (number,))
    assert contents_hold(db)
    assert found(path) == (number, Damage.MISSING)


def test_numbers_moved_up_over_a_gap_show(path: Path, db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM entry WHERE number = 17")
    for number in range(18, 31):
        db.execute("UPDATE entry SET number = ? WHERE number = ?", (number - 1, number))
    assert found(path) == (17, Damage.CHANGED)
    for number in range(17, 30):
        hash_again(db, number)
    assert found(path) == (17, Damage.UNLINKED)


@pytest.mark.parametrize("hashed_again", [False, True])
def test_a_row_that_is_put_in_shows(path: Path, db: sqlite3.Connection, hashed_again: bool) -> None:
    for number in range(30, 16, -1):
        db.execute("UPDATE entry SET number = ? WHERE number = ?", (number + 1, number))
    row = [17, *db.execute(f"SELECT {ROW} FROM entry WHERE number = 3").fetchone()[1:]]
    db.execute(f"INSERT INTO entry ({ROW}) VALUES ({', '.join('?' * len(row))})", row)
    if hashed_again:
        for number in range(17, 32):
            hash_again(db, number)
    assert found(path) == (17, Damage.UNLINKED if hashed_again else Damage.CHANGED)


@pytest.mark.parametrize("number", [0, -1])
def test_a_row_before_the_first_shows(path: Path, db: sqlite3.Connection, number: int) -> None:
    row = row_of(next(events()), number, START, ZEROS)
    db.execute(f"INSERT INTO entry ({ROW}) VALUES ({', '.join('?' * len(row))})", row)
    assert found(path) == (1, Damage.UNLINKED)


@pytest.mark.parametrize("hashed_again", [False, True])
def test_rows_that_are_exchanged_show(
    path: Path, db: sqlite3.Connection, hashed_again: bool
) -> None:
    for old, new in ((10, 99), (20, 10), (99, 20)):
        db.execute("UPDATE entry SET number = ? WHERE number = ?", (new, old))
    if hashed_again:
        hash_again(db, 10)
        hash_again(db, 20)
    assert found(path) == (10, Damage.UNLINKED if hashed_again else Damage.CHANGED)


# -- the end -------------------------------------------------------------------------------


def test_an_end_that_is_merely_deleted_shows(path: Path, db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM entry WHERE number > 20")
    assert links_hold(db)
    assert contents_hold(db)
    assert found(path) == (21, Damage.CUT_OFF)
    with closing(Ledger(path)) as ledger:
        assert ledger.append(next(events())).number == 31
    assert found(path) == (21, Damage.MISSING)


def test_all_that_is_merely_deleted_shows(path: Path, db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM entry")
    assert found(path) == (1, Damage.CUT_OFF)


def test_an_end_that_is_cut_off_with_care_shows_by_a_noted_hash_alone(
    path: Path, db: sqlite3.Connection
) -> None:
    noted = verify(path).newest_hash
    db.execute("DELETE FROM entry WHERE number > 20")
    db.execute("UPDATE sqlite_sequence SET seq = 20")
    assert found(path) == (21, None)
    with closing(Ledger(path)) as ledger:
        assert ledger.number_of(noted) is None
        ledger.append(next(events()))
        assert ledger.number_of(noted) is None


@pytest.mark.parametrize("number", [1, 17, 30])
def test_a_ledger_made_anew_shows_by_a_noted_hash_alone(
    path: Path, db: sqlite3.Connection, number: int
) -> None:
    noted = verify(path).newest_hash
    db.execute("UPDATE entry SET name = 'Eve' WHERE number = ?", (number,))
    chain_again(db, number)
    assert found(path) == (31, None)
    with closing(Ledger(path)) as ledger:
        assert ledger.number_of(noted) is None


def test_a_noted_hash_is_found_while_the_ledger_grows(path: Path) -> None:
    noted = verify(path).newest_hash
    with closing(Ledger(path)) as ledger:
        ledger.append(next(events()))
        assert ledger.number_of(noted) == 30
        assert ledger.verify().damage is None


@pytest.mark.parametrize("record", ["x'ff'", "CAST(x'ff' AS TEXT)"])
def test_nothing_is_added_behind_a_hash_that_cannot_be_read(
    path: Path, db: sqlite3.Connection, record: str
) -> None:
    db.execute(f"UPDATE sealed_entry SET sealed = {record} WHERE number = 30")
    with closing(Ledger(path)) as ledger:
        with pytest.raises(LedgerError, match=r"entry 30 of .* cannot be read"):
            ledger.append(next(events()))
        assert ledger.verify().intact == 29
    assert db.execute("SELECT count(*) FROM entry").fetchone() == (30,)


# -- pictures ------------------------------------------------------------------------------


def test_a_picture_that_is_exchanged_shows(path: Path, db: sqlite3.Connection) -> None:
    assert db.execute("SELECT number FROM picture").fetchall() == [(2,), (17,)]
    db.execute("UPDATE picture SET bytes = 'another' WHERE number = 17")
    assert found(path) == (17, Damage.PICTURE)


def test_a_picture_that_is_put_in_shows(path: Path, db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO picture VALUES (5, 'another')")
    assert found(path) == (5, Damage.PICTURE)


# -- without the key -----------------------------------------------------------------------


def test_whoever_has_no_key_cannot_write_an_entry_that_is_believed(
    path: Path, db: sqlite3.Connection, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Not even one that another home's program has written, with a hash that fits."""
    other = tmp_path_factory.mktemp("other") / "checkins.db"
    with closing(Ledger(other)) as ledger:
        ledger.append(next(events()))
    db.execute("ATTACH ? AS other", (str(other),))
    db.execute("UPDATE sealed_entry SET sealed = (SELECT sealed FROM other.sealed_entry)")
    assert found(path) == (1, Damage.CHANGED)


def test_a_record_at_another_number_shows(path: Path, db: sqlite3.Connection) -> None:
    three = "(SELECT sealed FROM sealed_entry WHERE number = 3)"
    db.execute(f"UPDATE sealed_entry SET sealed = {three} WHERE number = 9")
    assert found(path) == (9, Damage.CHANGED)


def test_an_exchanged_picture_of_the_same_ledger_shows(path: Path, db: sqlite3.Connection) -> None:
    two = "(SELECT sealed FROM sealed_picture WHERE number = 2)"
    db.execute(f"UPDATE sealed_picture SET sealed = {two} WHERE number = 17")
    assert found(path) == (17, Damage.PICTURE)
    with closing(Ledger(path)) as ledger, pytest.raises(LedgerError, match="picture of entry 17"):
        ledger.picture(17)


def test_no_name_note_or_hash_can_be_read(path: Path) -> None:
    raw = path.read_bytes()
    with closing(Ledger(path)) as ledger:
        hashes = [entry.hash.encode() for entry in ledger.entries()]
    assert not [b for b in ("Ánh".encode(), b"Bob", b"picture 0", *hashes) if b in raw]


def test_an_erased_picture_is_no_damage(path: Path, db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM picture")
    assert found(path) == (31, None)


# -- the file ------------------------------------------------------------------------------


def test_a_file_that_is_cut_short_is_told(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(LedgerError, match=r"an intact check-in ledger.*backup copy"):
        verify(path)


def test_an_index_that_leaves_entries_out_is_told(
    path: Path, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's newest entry would be found by it, though every row is as written."""
    db.execute("CREATE INDEX few ON sealed_entry (identity_id) WHERE number < 3")
    pages = dict(db.execute("SELECT name, rootpage FROM sqlite_master").fetchall())
    db.execute("PRAGMA writable_schema = ON")
    for name, other in (("few", "entry_identity"), ("entry_identity", "few")):
        db.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = ?", (pages[other], name))
    db.execute("PRAGMA writable_schema = OFF")
    write_tally(db, CHECKINS.tallied, len(CHECKINS.migrations))
    db.close()
    with pytest.raises(LedgerError, match="damaged"):
        Ledger(path)
    monkeypatch.setattr("common.sqlite_file._CHECKED_UP_TO", 0)
    with closing(Ledger(path)) as ledger:
        assert ledger.newest_of(f"{3:032}") is None
        with pytest.raises(LedgerError, match="damaged"):
            ledger.verify()


def test_a_large_ledger_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "checkins.db"
    newest = ZEROS
    with closing(open_database(path, 1, CHECKINS)) as db, transaction(db):
        insert = f"INSERT INTO entry ({ROW}) VALUES ({', '.join('?' * (len(COLUMNS) + 1))})"
        for number, event in enumerate(islice(events(), MANY), start=1):
            row = row_of(replace(event, picture=None), number, START, newest)
            db.execute(insert, row)
            newest = str(row[-1])
    assert verify(path) == Verification(MANY, newest, None)
    with closing(sqlite3.connect(path)) as db:
        kept = db.execute("SELECT sql FROM sqlite_master WHERE name = 'entry_is_not_changed'")
        (trigger,) = kept.fetchone()
        db.execute("DROP TRIGGER entry_is_not_changed")
        with db:
            db.execute("UPDATE sealed_entry SET station = 'Eve' WHERE number = ?", (MANY - 1,))
        db.execute(trigger)
    assert found(path) == (MANY - 1, Damage.CHANGED)


def test_a_picture_that_is_of_no_entry_any_more_is_told(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE sealed_picture SET number = 99 WHERE number = 17")
    with pytest.raises(LedgerError, match="of no entry"):
        verify(path)
