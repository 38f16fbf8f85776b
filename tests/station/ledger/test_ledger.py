"""What is written down, who may write, and what counts."""

from __future__ import annotations

import hashlib
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from common.errors import LedgerError
from common.sqlite_file import open_database
from gallery.store import Store
from station.ledger import ledger as ledger_module
from station.ledger.chain import ZEROS, Verification
from station.ledger.entry import Entry, Event, Kind, Liveness, Means
from station.ledger.ledger import Ledger
from station.ledger.schema import CHECKINS

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
ANN = Event(Kind.CHECK_IN, "Entrance", "a" * 32, "Ann", similarity=0.71, threshold=0.45)
BOB = Event(Kind.CHECK_IN, "Entrance", "b" * 32, "Bob", similarity=0.62, threshold=0.45)
JPEG = bytes(range(256)) * 50


class SetClock:
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "nhà của tôi" / "checkins.db"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def ledger(path: Path, clock: SetClock) -> Iterator[Ledger]:
    with closing(Ledger(path, clock, busy_timeout_s=0.05)) as opened:
        yield opened


def undo(of: Entry) -> Event:
    who = of.event
    return Event(Kind.UNDONE, "Entrance", who.identity_id, who.name, refers_to=of.number)


def correction(of: Event, counts_as: Kind, at: datetime, refers_to: int | None = None) -> Event:
    return Event(
        Kind.CORRECTION,
        "Office",
        of.identity_id,
        of.name,
        Means.OPERATOR,
        refers_to=refers_to,
        counts_as=counts_as,
        happened_at=at,
        note="as told",
    )


# -- written down --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        ANN,
        Event(Kind.CHECK_OUT, "Cửa sau", "c" * 32, "Nguyễn Thị Ánh 😀", Means.CODE),
        Event(
            Kind.CHECK_IN,
            "",
            "d" * 32,
            "=1+1, 'DROP\x00",
            similarity=0.1 + 0.2,
            threshold=-1e-300,
            liveness=Liveness.NOTHING_SUSPICIOUS,
            note="two\nlines, 3:abc,",
        ),
        Event(Kind.ADMINISTRATION, "Entrance", means=Means.OPERATOR, note="settings changed"),
        correction(ANN, Kind.CHECK_OUT, NOON - timedelta(days=1, microseconds=1)),
    ],
)
def test_what_is_read_is_what_was_written(ledger: Ledger, path: Path, event: Event) -> None:
    written = ledger.append(event)
    assert (written.number, written.at, written.event) == (1, NOON, event)
    assert written.previous_hash == ZEROS
    with closing(Ledger(path)) as again:
        assert again.entry(1) == written
        assert list(again.entries()) == [written]
        assert again.verify() == Verification(1, written.hash, None)


def test_nothing_is_written_to_a_file_that_was_moved_away(ledger: Ledger, path: Path) -> None:
    ledger.append(ANN)
    moved = path.with_name("moved.db")
    path.rename(moved)
    for file in path.parent.glob(f"{path.name}-*"):
        file.unlink()
    assert ledger.newest_of(ANN.identity_id) is None
    assert ledger.append(ANN).number == 1
    with closing(Ledger(path)) as there:
        assert len(list(there.entries())) == 1
    moved.replace(path)
    ledger.append(ANN)
    with closing(Ledger(path)) as there:
        assert there.verify().intact == len(list(there.entries()))


def test_times_of_any_zone_are_kept_as_utc(ledger: Ledger, clock: SetClock) -> None:
    clock.now = datetime(2026, 11, 2, 19, tzinfo=timezone(timedelta(hours=7)))
    entry = ledger.append(ANN)
    assert entry.at == NOON
    assert ledger.entry(1).at.tzinfo is UTC


def test_each_entry_carries_the_hash_of_the_one_before(ledger: Ledger) -> None:
    entries = [ledger.append(event) for event in (ANN, BOB, ANN)]
    assert [entry.number for entry in entries] == [1, 2, 3]
    assert [entry.previous_hash for entry in entries[1:]] == [e.hash for e in entries[:-1]]
    assert ledger.verify() == Verification(3, entries[-1].hash, None)


def test_an_empty_ledger_verifies(ledger: Ledger) -> None:
    assert ledger.verify() == Verification(0, ZEROS, None)
    assert list(ledger.entries()) == []
    with pytest.raises(LedgerError, match="the number 1"):
        ledger.entry(1)


def test_a_picture_is_kept_beside_the_entry(ledger: Ledger) -> None:
    entry = ledger.append(replace(ANN, picture=JPEG))
    ledger.append(BOB)
    assert entry.event.picture is None
    assert entry.picture_sha256 == hashlib.sha256(JPEG).hexdigest()
    assert (ledger.picture(1), ledger.picture(2), ledger.picture(3)) == (JPEG, None, None)


@pytest.mark.parametrize(
    "nonsense",
    [
        replace(ANN, similarity=float("nan")),
        replace(ANN, threshold=float("inf")),
        replace(ANN, name="half \ud800"),
        replace(ANN, identity_id=""),
        replace(ANN, refers_to=1),
        replace(ANN, counts_as=Kind.CHECK_IN),
        replace(ANN, happened_at=NOON),
        replace(ANN, kind=Kind.UNDONE),
        replace(ANN, kind=Kind.CORRECTION),
        correction(ANN, Kind.UNDONE, NOON),
    ],
)
def test_nonsense_is_our_own_mistake_and_not_written(ledger: Ledger, nonsense: Event) -> None:
    first = ledger.append(ANN)
    with pytest.raises(ValueError):  # noqa: PT011
        ledger.append(nonsense)
    assert list(ledger.entries()) == [first]


def test_nothing_may_be_changed(ledger: Ledger, path: Path) -> None:
    ledger.append(ANN)
    ledger.append(BOB)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        row = db.execute("SELECT * FROM sealed_entry WHERE number = 1").fetchone()
        for change in (
            "UPDATE sealed_entry SET station = 'Eve' WHERE number = 1",
            "DELETE FROM sealed_entry WHERE number = 2",
            f"INSERT OR REPLACE INTO sealed_entry VALUES ({', '.join('?' * len(row))})",
            f"INSERT INTO sealed_entry VALUES (2{', ?' * (len(row) - 1)})",
        ):
            values = row[-change.count("?") :] if "?" in change else ()
            with pytest.raises(sqlite3.IntegrityError, match=r"never changed|follows the newest"):
                db.execute(change, values)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        ledger._db.execute("UPDATE entry SET name = 'Eve' WHERE number = 1")
    assert ledger.verify().intact == 2


# -- the file ------------------------------------------------------------------------------


def test_only_the_owner_may_read_the_files(ledger: Ledger, path: Path) -> None:
    ledger.append(ANN)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()}
    assert modes == dict.fromkeys(
        ["checkins.db", "checkins.db-wal", "checkins.db-shm", "key.json"], 0o600
    )


def test_a_gallery_is_no_ledger(tmp_path: Path) -> None:
    Store(tmp_path / "gallery.db").close()
    before = (tmp_path / "gallery.db").read_bytes()
    with pytest.raises(LedgerError, match=r"a Facedesk check-in ledger.*another kind"):
        Ledger(tmp_path / "gallery.db")
    assert (tmp_path / "gallery.db").read_bytes() == before


def test_a_newer_ledger_is_refused(path: Path) -> None:
    Ledger(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(LedgerError, match=r"version 99.*Update Facedesk"):
        Ledger(path)


def test_an_earlier_release_that_would_call_blank_pictures_tampered_with_does_not_open_it(
    path: Path,
) -> None:
    with closing(Ledger(path)) as ledger:
        ledger.append(ANN)
    earlier = replace(CHECKINS, migrations=CHECKINS.migrations[:1])
    with pytest.raises(LedgerError, match=r"version 1 or older.*made by a newer Facedesk"):
        open_database(path, 5.0, earlier)


def test_the_ledger_of_an_earlier_release_is_taken_over(path: Path) -> None:
    earlier = replace(CHECKINS, migrations=CHECKINS.migrations[:1], sealed=(), tallied=())
    open_database(path, 5.0, earlier).close()
    with closing(Ledger(path)) as ledger:
        ledger.append(ANN)
        assert ledger.verify().intact == 1


def test_a_full_disk_is_told_and_the_chain_goes_on_afterwards(ledger: Ledger) -> None:
    ledger.append(ANN)
    ledger._db.execute("PRAGMA max_page_count = 1")  # as many as there are already
    with pytest.raises(LedgerError, match="the disk is full"):
        ledger.append(replace(BOB, picture=bytes(100_000)))
    ledger._db.execute("PRAGMA max_page_count = 100000")
    ledger.append(BOB)
    assert [entry.event.name for entry in ledger.entries()] == ["Ann", "Bob"]
    assert ledger.verify().intact == 2


def test_another_program_in_the_way_is_told(ledger: Ledger, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match=r"check-in ledger .* another program is using it"):
            ledger.append(ANN)
    assert ledger.append(ANN).number == 1


APPEND = """
import os, sys
from pathlib import Path
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger
from station.ledger.schema import CHECKINS

ledger = Ledger(Path(sys.argv[1]), busy_timeout_s=60)
for n in range(int(sys.argv[2])):
    ledger.append(Event(Kind.CHECK_IN, sys.argv[3], str(n), f"Person {n}", picture=bytes(9000)))
if sys.argv[3] == "killed":
    ledger._db.set_trace_callback(lambda sql: sql.startswith("COMMIT") and os._exit(9))
    ledger.append(Event(Kind.CHECK_IN, sys.argv[3], "lost", "Lost"))
"""


def appending(path: Path, count: int, station: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", APPEND, path, str(count), station], cwd=ROOT)


def test_a_crash_loses_only_what_was_not_returned(path: Path) -> None:
    assert appending(path, 3, "killed").wait(60) == 9
    with closing(Ledger(path)) as ledger:
        assert [e.event.name for e in ledger.entries()] == ["Person 0", "Person 1", "Person 2"]
        assert ledger.append(ANN).number == 4
        assert ledger.verify().intact == 4


def test_the_chain_holds_while_several_processes_append(path: Path) -> None:
    processes = [appending(path, 60, station) for station in ("A", "B", "C")]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    with closing(Ledger(path)) as ledger:
        entries = list(ledger.entries())
        assert ledger.verify() == Verification(180, entries[-1].hash, None)
    for station in "ABC":
        own = [e.event.name for e in entries if e.event.station == station]
        assert own == [f"Person {n}" for n in range(60)]


def test_the_chain_holds_while_several_threads_append(path: Path) -> None:
    def append(station: str) -> None:
        with closing(Ledger(path, busy_timeout_s=60)) as ledger:
            for _ in range(30):
                ledger.append(replace(ANN, station=station))

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(append, "ABC"))
    with closing(Ledger(path)) as ledger:
        assert ledger.verify().intact == 90


# -- reading -------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [1, 2, 1000])
def test_entries_of_a_time(
    ledger: Ledger, clock: SetClock, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(ledger_module, "_PAGE", page)
    for hour in range(5):
        clock.now = NOON + timedelta(hours=hour)
        ledger.append(ANN)

    def numbers(since: int | None, until: int | None) -> list[int]:
        period = [None if h is None else NOON + timedelta(hours=h) for h in (since, until)]
        return [entry.number for entry in ledger.entries(*period)]

    assert numbers(None, None) == [1, 2, 3, 4, 5]
    assert numbers(1, 3) == [2, 3]
    assert numbers(3, None) == [4, 5]
    assert numbers(None, 1) == [1]
    assert numbers(9, None) == []


def test_nobody_waits_for_who_reads(ledger: Ledger, path: Path, monkeypatch) -> None:
    monkeypatch.setattr(ledger_module, "_PAGE", 1)
    ledger.append(ANN)
    ledger.append(BOB)
    reading = ledger.entries()
    next(reading)
    with closing(Ledger(path, busy_timeout_s=0.05)) as other:
        other.append(replace(ANN, picture=JPEG))
        other.erase_pictures(ANN.identity_id)  # rewrites the file
    assert [entry.number for entry in reading] == [2]  # what was there when it began


def test_a_clock_that_is_set_back(ledger: Ledger, clock: SetClock) -> None:
    ledger.append(ANN)
    clock.now = NOON - timedelta(days=400)
    out = ledger.append(replace(ANN, kind=Kind.CHECK_OUT))
    assert [entry.number for entry in ledger.entries()] == [1, 2]
    assert [e.number for e in ledger.entries(NOON - timedelta(days=500), NOON)] == [2]
    assert ledger.verify().intact == 2
    assert ledger.newest_of(ANN.identity_id) == out


# -- what counts ---------------------------------------------------------------------------


def test_newest_of_a_person(ledger: Ledger) -> None:
    assert ledger.newest_of(ANN.identity_id) is None
    first = ledger.append(ANN)
    assert ledger.newest_of(ANN.identity_id) == first
    out = ledger.append(replace(ANN, kind=Kind.CHECK_OUT))
    ledger.append(BOB)
    ledger.append(replace(ANN, kind=Kind.ADMINISTRATION, note="renamed"))
    assert ledger.newest_of(ANN.identity_id) == out
    ledger.append(undo(out))
    assert ledger.newest_of(ANN.identity_id) == first
    ledger.append(undo(first))
    assert ledger.newest_of(ANN.identity_id) is None


def test_a_correction_takes_the_place_of_an_entry(ledger: Ledger) -> None:
    ledger.append(ANN)
    corrected = ledger.append(correction(BOB, Kind.CHECK_OUT, NOON - timedelta(hours=1), 1))
    assert ledger.newest_of(ANN.identity_id) is None
    newest = ledger.newest_of(BOB.identity_id)
    assert newest == corrected
    assert newest.counts_as is Kind.CHECK_OUT
    assert newest.happened_at == NOON - timedelta(hours=1)
    ledger.append(undo(corrected))
    assert ledger.newest_of(BOB.identity_id) is None
    assert ledger.newest_of(ANN.identity_id) == ledger.entry(1)


def test_a_missing_check_out_that_is_added(ledger: Ledger, clock: SetClock) -> None:
    ledger.append(ANN)
    clock.now = NOON + timedelta(days=1)
    added = ledger.append(correction(ANN, Kind.CHECK_OUT, NOON + timedelta(hours=5)))
    assert ledger.newest_of(ANN.identity_id) == added
    today = ledger.append(ANN)
    ledger.append(correction(ANN, Kind.CHECK_OUT, NOON + timedelta(hours=3)))
    assert ledger.newest_of(ANN.identity_id) == today


def test_a_correction_of_a_correction(ledger: Ledger) -> None:
    ledger.append(ANN)
    ledger.append(correction(ANN, Kind.CHECK_OUT, NOON, 1))
    second = ledger.append(correction(BOB, Kind.CHECK_IN, NOON, 2))
    assert ledger.newest_of(ANN.identity_id) is None
    assert ledger.newest_of(BOB.identity_id) == second
    assert [entry.number for entry in ledger.amendments()] == [2, 3]


def test_what_counts_no_more_is_not_amended_again(ledger: Ledger) -> None:
    first = ledger.append(ANN)
    ledger.append(undo(first))
    for event in (undo(first), correction(ANN, Kind.CHECK_OUT, NOON, 1)):
        with pytest.raises(LedgerError, match="entry 2 has undone or corrected it already"):
            ledger.append(event)
    assert ledger.verify().intact == 2


def test_what_cannot_be_undone(ledger: Ledger) -> None:
    undone = ledger.append(undo(ledger.append(ANN)))
    audit = ledger.append(Event(Kind.ADMINISTRATION, "Entrance", note="settings changed"))
    for entry in (undone, audit):
        with pytest.raises(LedgerError, match=f"entry {entry.number} is none"):
            ledger.append(undo(entry))
    with pytest.raises(LedgerError, match="the number 99"):
        ledger.append(replace(undo(audit), refers_to=99))


def test_nothing_happens_in_the_future(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="still to come"):
        ledger.append(correction(ANN, Kind.CHECK_OUT, NOON + timedelta(seconds=1)))


# -- erasing -------------------------------------------------------------------------------


def raw_bytes(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def picture_record(ledger: Ledger, number: int) -> bytes:
    """The last bytes of a picture as it stands in the file, where large ones are in parts."""
    rows = ledger._rows("SELECT sealed FROM sealed_picture WHERE number = ?", number)
    return bytes(rows[0][0][-40:])


def pictures(count: int) -> Callable[[int], bytes]:
    return lambda n: hashlib.sha256(b"%d" % n).digest() * count


def test_no_byte_of_an_erased_picture_is_left(ledger: Ledger, path: Path) -> None:
    small, large = pictures(3), pictures(700)
    for n in range(0, 60, 2):
        ledger.append(replace(ANN if n % 3 else BOB, picture=small(n)))
        ledger.append(replace(ANN if n % 3 else BOB, picture=large(n + 1)))
    of_ann = [picture_record(ledger, n + 1) for n in range(60) if (n // 2 * 2) % 3]
    assert all(piece in raw_bytes(path) for piece in of_ann)
    assert ledger.erase_pictures(ANN.identity_id) == len(of_ann) == 40
    assert not any(piece in raw_bytes(path) for piece in of_ann)
    verification = ledger.verify()
    assert (verification.intact, verification.damage) == (60, None)
    assert ledger.picture(1) == small(0)  # Bob's
    assert ledger.picture(3) is None
    assert ledger.entry(3).picture_sha256 == hashlib.sha256(small(2)).hexdigest()
    assert ledger.erase_pictures(ANN.identity_id) == 0


def test_several_are_erased_at_once(ledger: Ledger) -> None:
    for event in (ANN, BOB, replace(ANN, identity_id='it\'s "c"')):
        ledger.append(replace(event, picture=JPEG))
    assert ledger.erase_pictures() == 0
    assert ledger.erase_pictures(ANN.identity_id, 'it\'s "c"', "nobody") == 2
    assert ledger.picture(2) == JPEG


def test_a_picture_is_also_of_whom_the_correction_says(ledger: Ledger) -> None:
    ledger.append(replace(ANN, picture=JPEG))
    ledger.append(correction(replace(BOB, identity_id="c" * 32), Kind.CHECK_IN, NOON, 1))
    ledger.append(correction(BOB, Kind.CHECK_IN, NOON, 2))
    assert ledger.erase_pictures(BOB.identity_id) == 1


def test_an_erasure_that_a_reader_hinders_is_finished_later(ledger: Ledger, path: Path) -> None:
    ledger.append(replace(ANN, picture=b"Geheimnis" * 9))
    record = picture_record(ledger, 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM sealed_entry").fetchone()
        with pytest.raises(LedgerError, match="another program is using it"):
            ledger.erase_pictures(ANN.identity_id)
    assert ledger.picture(1) is None
    ledger.erase_pictures(ANN.identity_id)
    assert record not in raw_bytes(path)


def test_erasing_many_pictures_keeps_nobody_from_appending(ledger: Ledger, path: Path) -> None:
    """In parts, between which others write; and the file is never rewritten whole."""
    for n in range(230):
        ledger.append(replace(ANN if n % 20 else BOB, picture=b"%d" % n * 3000))
    statements: list[str] = []
    appended: list[int] = []
    with closing(Ledger(path, busy_timeout_s=0.0)) as station:

        def trace(statement: str) -> None:
            statements.append(statement)
            if statement.startswith("BEGIN"):
                appended.append(station.append(BOB).number)

        ledger._db.set_trace_callback(trace)
        assert ledger.erase_pictures(ANN.identity_id) == 218
    assert len(appended) == 3
    assert not [s for s in statements if s.startswith("VACUUM")]
    assert ledger.verify().damage is None
    assert ledger.picture(21) == b"20" * 3000


def test_what_an_earlier_release_left_to_rewrite_is_rewritten_once(
    ledger: Ledger, path: Path
) -> None:
    for n in range(60):
        ledger.append(replace(ANN if n % 3 else BOB, picture=b"picture %d" % n * 40))
    records = [picture_record(ledger, n + 1) for n in range(60) if n % 3]
    ledger._db.execute("DELETE FROM picture WHERE number % 3 = 2")
    ledger._db.execute("INSERT INTO meta VALUES ('rewrite_due', 'yes')")
    statements: list[str] = []
    ledger._db.set_trace_callback(statements.append)
    assert ledger.erase_pictures(ANN.identity_id) == 20
    assert ledger.erase_pictures(ANN.identity_id) == 0
    assert statements.count("VACUUM") == 1
    assert not any(record in raw_bytes(path) for record in records)
