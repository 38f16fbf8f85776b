"""No lock of ours is dropped: two programs, each of which opens and closes the file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from station.ledger.ledger import Ledger

ROOT = Path(__file__).parents[2]

STATION = """
import os, sys
from pathlib import Path
from station.ledger.audit import Audit
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger, count_rows
from gallery.store import Store
from gallery.identity import Identity
from datetime import UTC, datetime

home = Path(sys.argv[1])
ledger, store = Ledger(home / "checkins.db"), Store(home / "gallery.db")
store.adopt_model("toy", 4)
for line in sys.stdin:
    match line.strip():
        case "append":
            ledger.append(Event(Kind.CHECK_IN, "Door", "a" * 32, "Ann"))
        case "note":
            Audit(home / "checkins.db", "Door", print).note("settings opened")
        case "poll":
            count_rows(home / "checkins.db")
        case "look":
            Store(home / "gallery.db").close()
        case "rename":
            store._db.execute("INSERT INTO meta VALUES ('written', 'here')")
        case "die":
            os._exit(9)
    print("done", flush=True)
"""


class Program:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def does(self, *commands: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        for command in commands:
            self._process.stdin.write(f"{command}\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
            assert answer == ("" if command == "die" else "done\n")


@contextmanager
def program(home: Path) -> Iterator[Program]:
    with subprocess.Popen(
        [sys.executable, "-c", STATION, str(home)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Program(process)
        finally:
            process.kill()


OPEN_AND_CLOSE = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("SELECT count(*) FROM sqlite_master").fetchone()
db.close()
"""


def open_and_close(path: Path) -> None:
    """As any other program does."""
    subprocess.run([sys.executable, "-c", OPEN_AND_CLOSE, str(path)], check=True, timeout=60)


@pytest.mark.parametrize("meanwhile", ["note", "poll"])
def test_what_was_acknowledged_is_in_the_ledger(tmp_path: Path, meanwhile: str) -> None:
    path = tmp_path / "checkins.db"
    with program(tmp_path) as station:
        station.does("append", meanwhile)
        open_and_close(path)
        station.does("append", "append", "die")
    with closing(Ledger(path)) as ledger:
        verification = ledger.verify()
        rows = [entry.event.kind.value for entry in ledger.entries()]
    assert verification.damage is None
    assert rows.count("check-in") == 3


def test_what_was_acknowledged_is_in_the_gallery(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    with program(tmp_path) as station:
        station.does("look")
        open_and_close(path)
        station.does("rename", "die")
    found = subprocess.run(
        [sys.executable, "-c", "import sqlite3, sys; print(sqlite3.connect(sys.argv[1])"
         ".execute(\"SELECT value FROM meta WHERE key = 'written'\").fetchone())", str(path)],
        check=True, timeout=60, capture_output=True, text=True,
    )  # fmt: skip
    assert found.stdout == "('here',)\n"
