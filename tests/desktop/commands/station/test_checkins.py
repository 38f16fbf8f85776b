"""facedesk checkins, on a ledger whose times are local ones of the computer."""

from __future__ import annotations

import csv
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from common.sealing.tally import write_tally
from common.sqlite_file import open_database
from station.ledger.entry import Entry, Event, Kind, Means
from station.ledger.ledger import Ledger
from station.ledger.schema import CHECKINS

ANN = Event(Kind.CHECK_IN, "Door", "a" * 32, "Ánh", similarity=0.7123, threshold=0.45)
BOB = Event(Kind.CHECK_IN, "Door", "b" * 32, "=Bob()", Means.CODE)


@pytest.fixture(autouse=True)
def _in_hanoi(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Ho_Chi_Minh")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


Write = Callable[..., Entry]


@pytest.fixture
def write(home: Path) -> Write:
    """write("02 08:00", event): at that local time in November 2026."""

    def write(when: str, event: Event) -> Entry:
        at = datetime.strptime(f"2026-11-{when}", "%Y-%m-%d %H:%M").astimezone()
        with closing(Ledger(home / "checkins.db", lambda: at)) as ledger:
            return ledger.append(event)

    return write


@pytest.fixture
def week(write: Write) -> None:
    """Ann's two days, the first of them with a check-in undone; Bob forgets his check-out."""
    write("02 00:00", ANN)
    write("02 08:00", BOB)
    write("02 17:45", replace(ANN, kind=Kind.CHECK_OUT))
    write("02 23:59", replace(BOB, kind=Kind.UNDONE, refers_to=2, note="not\nhim"))
    write("03 00:00", BOB)
    write("04 22:00", ANN)
    write("05 06:00", replace(ANN, kind=Kind.CHECK_OUT))


def numbers(told) -> list[int]:
    assert told.code == 0
    return [line["number"] for line in told.json]


def test_nothing_yet(run) -> None:
    assert run("checkins", "list").out == "Nothing yet.\n"
    assert run("checkins", "list", "--json").out == ""
    assert run("checkins", "list", "--from", "2026-11-02").out == (
        "Nothing was written in that time.\n"
    )
    assert run("checkins", "hours").out == "Nobody was there.\n"
    told = run("checkins", "verify")
    assert (told.code, told.out) == (0, "The ledger is empty.\n")


@pytest.mark.usefixtures("week")
def test_list(run) -> None:
    told = run("checkins", "list")
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0] == ("      1  2026-11-02 00:00:00  check-in        Ánh  (0.71, threshold 0.45)")
    assert lines[1] == (
        "      2  2026-11-02 08:00:00  check-in        =Bob()  [does not count: see entry 4]"
    )
    assert lines[3] == (
        "      4  2026-11-02 23:59:00  undone          =Bob()  of entry 2  “not him”"
    )


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-11-02", "2026-11-02", [1, 2, 3, 4]),
        ("2026-11-03", None, [5, 6, 7]),
        (None, "2026-11-03", [1, 2, 3, 4, 5]),
        ("2026-12-01", None, []),
    ],
)
def test_days_are_local_and_both_included(run, first, last, expected) -> None:
    options = [*(["--from", first] if first else []), *(["--to", last] if last else [])]
    assert numbers(run("checkins", "list", "--json", *options)) == expected


@pytest.mark.usefixtures("week")
def test_list_json_is_as_promised(run, home: Path) -> None:
    first, second, *_ = run("checkins", "list", "--json").json
    with closing(Ledger(home / "checkins.db")) as ledger:
        entry = ledger.entry(1)
    assert first == {
        "number": 1,
        "at": "2026-11-01T17:00:00+00:00",
        "kind": "check-in",
        "station": "Door",
        "identity_id": "a" * 32,
        "name": "Ánh",
        "means": "face",
        "similarity": 0.7123,
        "threshold": 0.45,
        "liveness": "not asked",
        "refers_to": None,
        "counts_as": None,
        "happened_at": None,
        "note": "",
        "picture_sha256": "",
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
        "amended_by": None,
    }
    assert second["amended_by"] == 4


@pytest.mark.parametrize("command", ["list", "hours", "export"])
def test_days_that_cannot_be(run, tmp_path: Path, command: str) -> None:
    file = [tmp_path / "a.csv"] if command == "export" else []
    told = run("checkins", command, "--from", "2026-11-03", "--to", "2026-11-02", *file)
    assert (told.code, told.out) == (2, "")
    assert "--from is a later day than --to" in told.err
    assert run("checkins", command, "--from", "yesterday", *file).code == 2


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "America/Los_Angeles", "UTC"])
@pytest.mark.usefixtures("week")
def test_the_calendars_ends(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    everything = run("checkins", "list").out, run("checkins", "hours").out
    ends = ["0001-01-01", "9999-12-31"]
    period = ["--from", ends[0], "--to", ends[1]]
    told = run("checkins", "list", *period), run("checkins", "hours", *period)
    assert tuple((t.code, t.out) for t in told) == tuple((0, out) for out in everything)
    assert run("checkins", "export", *period, tmp_path / "a.csv").code == 0
    for end in ends:
        told = run("checkins", "list", "--from", end, "--to", end)
        assert (told.code, told.out) == (0, "Nothing was written in that time.\n")


@pytest.mark.usefixtures("week")
def test_export_csv(run, tmp_path: Path) -> None:
    file = tmp_path / "tháng 11.csv"
    told = run("checkins", "export", "--to", "2026-11-02", file)
    assert (told.code, told.out, told.err) == (0, "", f"{file} was written.\n")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["number"] for row in rows] == ["1", "2", "3", "4"]
    assert rows[0]["time"] == "2026-11-02 00:00:00"
    assert rows[0]["time (UTC)"] == "2026-11-01T17:00:00.000000+00:00"
    assert (rows[0]["similarity"], rows[1]["similarity"]) == ("0.71", "")
    assert rows[1]["name"] == "'=Bob()"
    assert (rows[1]["undone or corrected by"], rows[3]["refers to"]) == ("4", "2")
    refused = run("checkins", "export", file)
    assert (refused.code, refused.out) == (2, "")
    assert "is there already" in refused.err
    assert run("checkins", "export", "--force", file).code == 0
    assert len(file.read_text("utf-8-sig").splitlines()) == 9  # one note has two lines


@pytest.mark.usefixtures("week")
def test_export_xlsx(run, tmp_path: Path) -> None:
    for file, option in ((tmp_path / "a.XLSX", []), (tmp_path / "b", ["--xlsx"])):
        assert run("checkins", "export", *option, file).code == 0
        sheet = openpyxl.load_workbook(BytesIO(file.read_bytes())).active
        assert sheet is not None
        header, *rows = sheet.iter_rows(values_only=True)
        assert header[:4] == ("number", "time", "kind", "name")
        assert rows[1][:4] == (2, datetime(2026, 11, 2, 8), "check-in", "=Bob()")
        assert len(rows) == 7


@pytest.mark.usefixtures("week")
def test_csv_for_the_language_s_spreadsheet(run, home: Path, tmp_path: Path) -> None:
    (home / "settings.toml").write_text('language = "vi"\n', "utf-8")

    def lines(*options: str) -> list[str]:
        assert run("checkins", "export", tmp_path / "a.csv", "--force", *options).code == 0
        return (tmp_path / "a.csv").read_text("utf-8-sig").splitlines()

    assert ';"face";0,71;0,45;' in lines()[1]
    assert ',"face",0.71,0.45,' in lines("--separator", ",")[1]
    assert '\t"face"\t0,71\t0,45\t' in lines("--separator", "tab")[1]
    file = tmp_path / "h.csv"
    assert run("checkins", "hours", "--csv", file, "--separator", ";").code == 0
    assert ";17,75;" in file.read_text("utf-8-sig")
    for wrong in (["--separator", "ab"], ["--separator", "0"], ["--separator", '"']):
        assert run("checkins", "export", tmp_path / "b.csv", *wrong).code == 2
    assert run("checkins", "export", tmp_path / "b.xlsx", "--separator", ";").code == 2
    assert run("checkins", "hours", "--separator", ";").code == 2


def test_export_of_no_kind(run, tmp_path: Path) -> None:
    told = run("checkins", "export", tmp_path / "a.txt")
    assert told.code == 2
    assert "--csv or --xlsx" in told.err
    assert not (tmp_path / "a.txt").exists()


@pytest.mark.usefixtures("week")
def test_hours(run) -> None:
    told = run("checkins", "hours")
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines() == [
        "   0:00 h     1 day    1 open  =Bob()",
        "  25:45 h    3 days            Ánh",
    ]
    told = run("checkins", "hours", "--from", "2026-11-05")
    assert told.out.splitlines() == ["   6:00 h     1 day            Ánh"]


@pytest.mark.usefixtures("week")
def test_hours_as_files(run, tmp_path: Path) -> None:
    files = ["--csv", tmp_path / "h.csv", "--xlsx", tmp_path / "h.xlsx"]
    told = run("checkins", "hours", "--from", "2026-11-03", *files)
    assert (told.code, told.out) == (0, "")
    with (tmp_path / "h.csv").open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened))
    assert rows == [
        ["day", "name", "identity", "hours", "check-ins", "open stays"],
        ["2026-11-03", "'=Bob()", "b" * 32, "0.00", "1", "1"],
        ["2026-11-04", "Ánh", "a" * 32, "2.00", "1", "0"],
        ["2026-11-05", "Ánh", "a" * 32, "6.00", "0", "0"],
    ]
    sheet = openpyxl.load_workbook(BytesIO((tmp_path / "h.xlsx").read_bytes())).active
    assert sheet is not None
    assert [row[:4] for row in sheet.iter_rows(values_only=True)][2] == (
        datetime(2026, 11, 4),
        "Ánh",
        "a" * 32,
        2,
    )
    assert sheet.title == "Hours"
    assert run("checkins", "hours", *files).code == 2


# -- verify --------------------------------------------------------------------------------


def tamper(home: Path, *statements: str) -> None:
    """As whoever has the key does."""
    with closing(open_database(home / "checkins.db", 1, CHECKINS)) as db:
        for name in ("changed", "deleted"):
            db.execute(f"DROP TRIGGER entry_is_not_{name}")
        for statement in statements:
            db.execute(statement)
        write_tally(db, CHECKINS.tallied, len(CHECKINS.migrations))


@pytest.mark.usefixtures("week")
def test_verify(run, write: Write) -> None:
    told = run("checkins", "verify")
    assert told.code == 0
    assert told.out.startswith("7 entries are as written. The newest hash is\n")
    noted = told.out.splitlines()[1]
    write("06 08:00", ANN)
    told = run("checkins", "verify", "--expect", f" {noted.upper()}\n")
    assert told.code == 0
    assert "Entry 7 has the hash that was noted: all is there up to it." in told.out


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        (
            "UPDATE sealed_entry SET station = 'Eve' WHERE number = 3",
            "Entry 3 was changed. 2 entries before it are intact.",
        ),
        (
            "DELETE FROM sealed_entry WHERE number = 2",
            "Entry 2 is missing. 1 entry before it is intact.",
        ),
        (
            "DELETE FROM sealed_entry WHERE number > 4",
            "Entry 5 and what came after it was cut off. 4 entries before it are intact.",
        ),
        (
            "INSERT INTO picture VALUES (1, 'other')",
            "The picture of entry 1 is another one. 0 entries before it are intact.",
        ),
    ],
)
def test_a_tampered_ledger_does_not_verify(run, home, statement: str, verdict: str) -> None:
    tamper(home, statement)
    told = run("checkins", "verify")
    assert (told.code, told.out) == (1, f"{verdict}\n")


@pytest.mark.usefixtures("week")
def test_an_end_that_is_cut_off_with_care(run, home: Path) -> None:
    noted = run("checkins", "verify").out.splitlines()[1]
    tamper(home, "DELETE FROM sealed_entry WHERE number > 4", "UPDATE sqlite_sequence SET seq = 4")
    assert run("checkins", "verify").code == 0
    told = run("checkins", "verify", "--expect", noted)
    assert told.code == 1
    assert "no entry has the hash that was noted: the end was cut off" in told.out


def test_an_empty_ledger_where_one_was_noted(run) -> None:
    assert run("checkins", "verify", "--expect", "0" * 64).code == 1


def test_a_row_that_cannot_be_read(run, write: Write, home: Path) -> None:
    write("02 08:00", ANN)
    tamper(home, "UPDATE entry SET kind = 'nonsense'")
    for command in ("list", "hours"):
        told = run("checkins", command)
        assert told.code == 2
        assert "entry 1 of" in told.err
    assert run("checkins", "verify").code == 1


# -- corrections ---------------------------------------------------------------------------


def test_undo(run, write: Write, home: Path) -> None:
    write("02 08:00", ANN)
    told = run("checkins", "undo", "1", "--note", " Not her ")
    assert (told.code, told.out) == (0, "Entry 2 was added: undone for Ánh.\n")
    with closing(Ledger(home / "checkins.db")) as ledger:
        undone = ledger.entry(2).event
        assert ledger.newest_of(ANN.identity_id) is None
    assert undone == Event(
        Kind.UNDONE, "Entrance", ANN.identity_id, "Ánh", Means.OPERATOR, refers_to=1, note="Not her"
    )
    told = run("checkins", "undo", "1", "--note", "again")
    assert (told.code, told.out) == (2, "")
    assert "entry 2 has undone or corrected it already" in told.err
    told = run("checkins", "undo", "2", "--note", "after all")
    assert told.code == 2
    assert "entry 2 is none" in told.err
    assert run("checkins", "undo", "99", "--note", "what").code == 2
    assert run("checkins", "verify").code == 0


@pytest.mark.parametrize("command", [("undo", "1"), ("correct", "1", "--out")])
@pytest.mark.parametrize("note", [[], ["--note", " "]])
def test_a_reason_is_needed(run, write: Write, command, note: list[str]) -> None:
    write("02 08:00", ANN)
    told = run("checkins", *command, *note)
    assert (told.code, told.out) == (2, "")
    assert numbers(run("checkins", "list", "--json")) == [1]


def test_correct_in_to_out_and_the_time(run, write: Write) -> None:
    write("02 08:00", ANN)
    write("02 17:00", ANN)
    told = run("checkins", "correct", "2", "--out", "--note", "it was evening")
    assert (told.code, told.out) == (0, "Entry 3 was added: correction for Ánh.\n")
    assert run("checkins", "hours").out == "   9:00 h     1 day            Ánh\n"
    told = run("checkins", "correct", "3", "--at", "2026-11-02 16:30", "--note", "half past")
    assert told.code == 0
    assert run("checkins", "hours").out == "   8:30 h     1 day            Ánh\n"
    lines = run("checkins", "list").out.splitlines()
    assert lines[1].endswith("[does not count: see entry 3]")
    assert lines[3].endswith("Ánh  of entry 3  check-out at 2026-11-02 16:30:00  “half past”")


def test_correct_the_person(run, write: Write, seed) -> None:
    cam = seed("Cẩm")
    write("02 08:00", ANN)
    told = run("checkins", "correct", "1", "--person", "Cẩm", "--note", "taken for Ánh")
    assert (told.code, told.out) == (0, "Entry 2 was added: correction for Cẩm.\n")
    _, correction = run("checkins", "list", "--json").json
    assert (correction["identity_id"], correction["counts_as"]) == (cam.id, "check-in")
    assert correction["happened_at"] == "2026-11-02T01:00:00+00:00"
    assert correction["means"] == "operator"


def test_add_a_missing_check_out(run, write: Write, seed) -> None:
    cam = seed("Cẩm")
    write("02 08:00", replace(ANN, identity_id=cam.id, name="Cẩm"))
    why = ["--note", "forgot"]
    told = run("checkins", "add", "Cẩm", "--out", "--at", "2026-11-02 12:15", *why)
    assert (told.code, told.out) == (0, "Entry 2 was added: correction for Cẩm.\n")
    assert run("checkins", "hours").out == "   4:15 h     1 day            Cẩm\n"
    told = run("checkins", "add", "Cẩm", "--in", "--at", "2999-01-01 00:00", *why)
    assert (told.code, told.out) == (2, "")
    assert "2999-01-01 00:00 is still to come" in told.err
    assert run("checkins", "add", "Cẩm", "--at", "2026-11-02 12:15", *why).code == 2
    assert run("checkins", "add", "Nobody", "--in", "--at", "2026-11-02 12:15", *why).code == 2


@pytest.mark.parametrize("number", [0, 2**63, 99999999999999999999999])
@pytest.mark.parametrize("command", ["undo", "correct"])
def test_numbers_that_no_entry_has(run, write: Write, command: str, number: int) -> None:
    write("02 08:00", ANN)
    told = run("checkins", command, number, "--note", "x")
    assert (told.code, told.out) == (2, "")
    assert "is not in the range" in told.err


@pytest.mark.parametrize(
    ("zone", "at"),
    [("Asia/Ho_Chi_Minh", "0001-01-01 00:00"), ("America/Los_Angeles", "9999-12-31 23:00")],
)
def test_times_beyond_the_calendar(
    run, write: Write, seed, monkeypatch: pytest.MonkeyPatch, zone: str, at: str
) -> None:
    seed("Cẩm")
    write("02 08:00", ANN)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    for command in (["add", "Cẩm", "--in"], ["correct", "1"]):
        told = run("checkins", *command, "--at", at, "--note", "x")
        assert (told.code, told.out) == (2, "")
        assert "beyond the calendar" in told.err


def test_hours_that_summer_time_takes_or_gives_twice(
    run, write: Write, seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed("Cẩm")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()

    def add(at: str):
        return run("checkins", "add", "Cẩm", "--in", "--at", at, "--note", "x")

    for at, said in (("2024-03-31 02:30", "put forward"), ("2024-10-27 02:30", "twice")):
        told = add(at)
        assert (told.code, told.out) == (2, "")
        assert said in told.err
    assert add("2024-10-27 02:30+01:00").code == 0
    (entry,) = run("checkins", "list", "--json").json
    assert entry["happened_at"] == "2024-10-27T01:30:00+00:00"


def test_it_is_not_both(run, write: Write, seed) -> None:
    seed("Cẩm")
    write("02 08:00", ANN)
    for command in (["add", "Cẩm", "--at", "2026-11-02 12:15"], ["correct", "1"]):
        told = run("checkins", *command, "--in", "--out", "--note", "x")
        assert (told.code, told.out) == (2, "")
        assert "Give --in or --out, not both." in told.err
    assert numbers(run("checkins", "list", "--json")) == [1]


def test_a_correction_that_changes_nothing(run, write: Write) -> None:
    write("02 08:00", ANN)
    told = run("checkins", "correct", "1", "--note", "so")
    assert told.code == 2
    assert "Say what it should be" in told.err


def test_what_cannot_be_corrected(run, write: Write) -> None:
    write("02 08:00", replace(BOB, kind=Kind.ADMINISTRATION, identity_id=""))
    for command in (["undo", "1"], ["correct", "1", "--out"], ["correct", "7", "--in"]):
        told = run("checkins", *command, "--note", "so")
        assert (told.code, told.out) == (2, "")
        assert told.err.startswith("Expected")


# -- removing a person ---------------------------------------------------------------------


def test_removing_somebody_erases_their_pictures(run, write: Write, seed, home: Path) -> None:
    cam, dan = seed("Cẩm"), seed("Dân")
    for person in (cam, dan):
        picture = b"picture of " + person.id.encode()
        write("02 08:00", replace(ANN, identity_id=person.id, name=person.name, picture=picture))
    of_cam, of_dan = sealed_pictures(home)
    assert run("people", "remove", "Cẩm").code == 0
    with closing(Ledger(home / "checkins.db")) as ledger:
        assert [ledger.picture(n) is None for n in (1, 2)] == [True, False]
        assert ledger.entry(1).event.name == "Cẩm"
    left = b"".join(file.read_bytes() for file in home.iterdir())
    assert of_cam not in left
    assert of_dan in left
    assert run("checkins", "verify").code == 0


def sealed_pictures(home: Path) -> list[bytes]:
    """The records as they stand in the file."""
    with closing(sqlite3.connect(home / "checkins.db")) as db:
        return [record for (record,) in db.execute("SELECT sealed FROM sealed_picture")]


def test_merging_erases_the_duplicates_pictures(run, write: Write, seed, home: Path) -> None:
    cam, double = seed("Cẩm"), seed("Cẩm 2")
    for person in (cam, double):
        write("02 08:00", replace(ANN, identity_id=person.id, picture=b"picture"))
    assert run("people", "merge", "Cẩm", "Cẩm 2", "--anyway").code == 0
    with closing(Ledger(home / "checkins.db")) as ledger:
        assert [ledger.picture(n) is None for n in (1, 2)] == [False, True]


def test_without_check_ins_no_ledger_is_made(run, seed, home: Path) -> None:
    seed("Cẩm")
    assert run("people", "remove", "Cẩm").code == 0
    assert not (home / "checkins.db").exists()
