"""facedesk key."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest

from common.sealing.holders import FileHolder
from common.sealing.key_file import KEY_FILE
from common.sealing.key_ring import KeyRing
from gallery.store import Store
from station.ledger.ledger import Ledger

Typed = Callable[[str], None]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """What is typed next, without a terminal."""
    return lambda text: monkeypatch.setattr("sys.stdin", StringIO(text))


def words_of(sheet: str) -> str:
    return "\n".join(line for line in sheet.splitlines() if line.strip()[:2].strip().isdigit())


def test_who_keeps_the_key_is_said_and_the_key_is_not(run, home: Path) -> None:
    told = run("key", "show")
    assert told.code == 0
    assert "kept by a file outside of the data folder" in told.out
    assert "not whoever has the whole disk" in told.out
    key = KeyRing(home).current()
    assert key.secret.hex() not in told.out
    record = run("key", "show", "--json").json[0]
    assert (record["key"], record["holder"]) == (key.id.hex(), "file")
    assert record["rotation_unfinished"] is False


def test_the_sheets_words_restore_the_key(run, typed: Typed, home: Path, tmp_path: Path) -> None:
    with closing(Store(home / "gallery.db")) as store:
        store.adopt_model("toy", 8)
    sheet = tmp_path / "sheet.txt"
    assert run("key", "export", "--output", sheet).code == 0
    assert sheet.stat().st_mode & 0o077 == 0
    key = KeyRing(home).current()
    file = KeyRing(home).file()
    assert file is not None
    slot = file.keys[0].slot
    FileHolder().path(slot).unlink()
    (home / KEY_FILE).unlink()
    typed(words_of(sheet.read_text("utf-8")))
    told = run("key", "restore")
    assert told.code == 0, told.err
    assert KeyRing(home).current() == key
    with closing(Store(home / "gallery.db")) as store:
        assert store.model() == ("toy", 8)


def test_wrong_words_change_nothing(run, typed: Typed, home: Path) -> None:
    run("key", "show")
    before = (home / KEY_FILE).read_bytes()
    typed("abandon " * 24)
    told = run("key", "restore")
    assert told.code == 2
    assert "24 words" in told.err
    assert (home / KEY_FILE).read_bytes() == before


def test_a_rotation_is_in_the_ledger_and_voids_the_sheet(run, typed: Typed, home: Path) -> None:
    with closing(Ledger(home / "checkins.db")):
        pass
    former = words_of(run("key", "export").out)
    told = run("key", "rotate", "--holder", "file")
    assert told.code == 0, told.err
    assert "1 file sealed with a new key" in told.out
    typed(former)
    assert run("key", "restore").code == 2
    with closing(Ledger(home / "checkins.db")) as ledger:
        acts = [entry.event.note for entry in ledger.entries()]
    assert acts == ["recovery sheet printed", "key rotated, kept by file"]


def test_doctor_says_who_keeps_the_key(run, home: Path) -> None:
    with closing(Store(home / "gallery.db")):
        pass
    from desktop.commands.key.showing import key_finding
    from desktop.commands.session import Session
    from desktop.home import Home

    session = Session(Home(home, home / "cache"))
    finding = key_finding(session)
    assert finding.well
    assert "keeps out whoever gets a copy of the data folder alone" in finding.found
