"""A backup is whole or none, opens only as it was written, and restores what it was made of."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from common.errors import BackupError
from common.sealing.data_key import from_words, to_words
from common.sealing.key_ring import ring_of
from gallery.gallery import Gallery
from gallery.identity import Template
from gallery.store import Store
from station.backups import restoring
from station.backups.backup import create_backup, home_key, key_of_words, read_backup
from station.backups.record import people_copies
from station.backups.restoring import restore_backup
from station.backups.schedule import BackupPlan, is_due, run_if_due, scheduled_backups
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger


def enroll(folder: Path, name: str) -> None:
    with closing(Gallery(Store(folder / "gallery.db"), "toy-4", 4)) as gallery:
        vector = np.eye(4, dtype=np.float32)[0]
        gallery.enroll(name, [Template(vector, np.zeros((8, 8, 3), np.uint8), 0.5, "toy-4")])


def names(folder: Path) -> list[str]:
    with closing(Gallery(Store(folder / "gallery.db"), "toy-4", 4)) as gallery:
        return [one.name for one in gallery.identities]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "nhà của tôi"
    enroll(folder, "Ánh")
    (folder / "settings.toml").write_text('language = "vi"\n')
    (folder / "figures").mkdir()
    (folder / "figures" / "toy.json").write_text("{}")
    with closing(Ledger(folder / "checkins.db")) as ledger:
        ledger.append(Event(Kind.CHECK_IN, "Door", "1" * 32, "Ánh"))
    return folder


@pytest.fixture
def backup(home: Path, tmp_path: Path) -> Path:
    path = tmp_path / "sao lưu.fdbackup"
    create_backup(home, path, {"mine/model.toml": b"name = 'mine'\n"})
    return path


def keys(home: Path, path: Path):
    return home_key(ring_of(home), path)


def test_a_backup_restores_the_home_on_another_computer(home, backup, tmp_path) -> None:
    words = to_words(ring_of(home).current())
    other = tmp_path / "another computer" / "home"
    key_of = key_of_words(from_words(words), backup)
    restored = restore_backup(backup, other, key_of, "beside")
    assert (restored.aside, restored.header.home) == (None, ring_of(home).file().home)
    enroll(other, "Bert")
    assert names(other) == ["Ánh", "Bert"]
    assert names(home) == ["Ánh"]
    with closing(Ledger(other / "checkins.db")) as ledger:
        assert [one.event.name for one in ledger.entries()] == ["Ánh"]
        assert ledger.verify().damage is None
    for name in ("settings.toml", "figures/toy.json"):
        assert (other / name).read_bytes() == (home / name).read_bytes()
    assert (other / "models/mine/model.toml").exists()
    assert {p.stat().st_mode & 0o777 for p in other.rglob("*") if p.is_file()} == {0o600}


def test_nothing_of_the_people_is_readable_in_it(home: Path, backup: Path) -> None:
    content = backup.read_bytes()
    for secret in ("Ánh".encode(), b"language", b"settings.toml", b"SQLite format"):
        assert secret not in content


def test_every_byte_changed_and_every_cut_shows(home: Path, backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    places = {*range(140), *random.Random(5).sample(range(len(whole)), 150), len(whole) - 1}
    wrong = tmp_path / "wrong"
    for place in places:
        wrong.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(BackupError):
            read_backup(wrong, keys(home, wrong))
        wrong.write_bytes(whole[:place])
        with pytest.raises(BackupError):
            read_backup(wrong, keys(home, wrong))
    wrong.write_bytes(whole + b"\0")
    with pytest.raises(BackupError, match="damaged"):
        read_backup(wrong, keys(home, wrong))


def test_chunks_that_change_places_show(home, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("station.backups.sealed_stream.CHUNK_BYTES", 4096)
    path = tmp_path / "small"
    create_backup(home, path)
    whole = path.read_bytes()
    size, end = 4096 + 16, len(whole)
    begin = end % size if end % size > 200 else end % size + size
    one, other = whole[begin : begin + size], whole[begin + size : begin + 2 * size]
    for changed in (
        whole[:begin] + other + one + whole[begin + 2 * size :],
        whole[:begin] + whole[begin + size :],
        whole[: -(len(whole) % size or size)],
        whole[:begin] + one + one + whole[begin + size :],
    ):
        path.write_bytes(changed)
        with pytest.raises(BackupError, match="damaged"):
            read_backup(path, keys(home, path))


def test_another_home_has_no_key_for_it(backup: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    enroll(other, "Carl")
    with pytest.raises(BackupError, match="recovery sheet"):
        read_backup(backup, keys(other, backup))
    with pytest.raises(BackupError, match="needs others"):
        read_backup(backup, key_of_words(ring_of(other).current(), backup))
    with pytest.raises(BackupError, match="none, or its beginning"):
        read_backup(other / "gallery.db", keys(other, backup))


def test_a_home_with_something_in_it_is_only_replaced_when_asked(home, backup) -> None:
    enroll(home, "Bert")
    (home / "weights").mkdir()
    (home / "weights" / "net.onnx").write_text("weights")
    holder = "beside"
    with pytest.raises(BackupError, match="an empty home"):
        restore_backup(backup, home, keys(home, backup), holder)
    assert names(home) == ["Ánh", "Bert"]
    restored = restore_backup(backup, home, keys(home, backup), holder, replace=True)
    assert names(home) == ["Ánh"]
    assert (home / "weights" / "net.onnx").read_text() == "weights"
    assert restored.aside is not None
    assert names(restored.aside) == ["Ánh", "Bert"]
    copies = people_copies(home)
    assert [one.path for one in copies] == [backup, restored.aside]
    assert all(one.is_there for one in copies)


def test_a_damaged_backup_restores_nothing(home: Path, backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    backup.write_bytes(whole[:-1])
    other = tmp_path / "elsewhere" / "home"
    other.parent.mkdir()
    for folder, replace in ((other, False), (home, True)):
        with pytest.raises(BackupError, match="damaged"):
            restore_backup(backup, folder, keys(home, backup), "beside", replace=replace)
    assert list(other.parent.iterdir()) == []
    assert names(home) == ["Ánh"]
    assert not list(home.parent.glob(".*restoring*"))


def test_a_backup_is_as_of_one_moment_while_others_change_the_home(home, tmp_path) -> None:
    """Somebody who enrolls and checks in meanwhile is in both files of the backup, or in neither;
    whoever checks in is enrolled."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path; from test_backup import enroll\n"
        "from station.ledger.ledger import Ledger; from station.ledger.entry import Event, Kind\n"
        "home = Path(sys.argv[1]); n = 0; print('begun', flush=True)\n"
        "while True:\n"
        "    n += 1; enroll(home, f'P{n:05}')\n"
        "    ledger = Ledger(home / 'checkins.db')\n"
        "    ledger.append(Event(Kind.CHECK_IN, 'Door', '2' * 32, f'P{n:05}')); ledger.close()\n"
    )
    here = str(Path(__file__).parent)
    with subprocess.Popen(
        [sys.executable, "-c", script, str(home), here], stdout=subprocess.PIPE
    ) as busy:
        assert busy.stdout is not None
        busy.stdout.readline()
        try:
            paths = [tmp_path / f"{n}.fdbackup" for n in range(4)]
            for path in paths:
                create_backup(home, path)
        finally:
            busy.kill()
    for n, path in enumerate(paths):
        folder = tmp_path / f"restored {n}"
        restore_backup(path, folder, keys(home, path), "beside")
        known = set(names(folder))
        with closing(Ledger(folder / "checkins.db")) as ledger:
            seen = {one.event.name for one in ledger.entries()}
        assert seen <= known
        assert len(known - seen) <= 1


def test_no_half_backup_where_the_disk_is_full(home, tmp_path, monkeypatch) -> None:
    path = tmp_path / "full" / "one.fdbackup"
    path.parent.mkdir()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("station.backups.sealed_stream.SealedWriter._seal", full)
    with pytest.raises(BackupError, match="No space left"):
        create_backup(home, path)
    monkeypatch.undo()

    def full_database(*_: object, **__: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    class Full:
        backup = full_database

    monkeypatch.setattr(
        "station.backups.taking._connected", lambda path: closing_like(path, Full.backup)
    )
    with pytest.raises(BackupError, match="full"):
        create_backup(home, path)
    assert list(path.parent.iterdir()) == []
    assert people_copies(home) == []


def closing_like(path: Path, backup: object) -> object:
    class Connection(sqlite3.Connection):
        pass

    Connection.backup = backup
    return sqlite3.connect(path, factory=Connection, isolation_level=None)


def test_an_existing_file_is_not_written_over(home: Path, backup: Path) -> None:
    before = backup.read_bytes()
    with pytest.raises(BackupError, match="is there already"):
        create_backup(home, backup)
    assert backup.read_bytes() == before


def test_whoever_is_killed_while_restoring_has_one_home_or_the_other(home, backup) -> None:
    """A process restores again and again; after each kill the home is a whole one."""
    enroll(home, "Bert")
    script = (
        "import sys, shutil; from pathlib import Path\n"
        "from common.sealing.key_ring import ring_of\n"
        "from station.backups.backup import home_key\n"
        "from station.backups.restoring import restore_backup\n"
        "home, path = map(Path, sys.argv[1:]); print('begun', flush=True)\n"
        "restore_backup(path, home, home_key(ring_of(home), path), 'beside',"
        " replace=True); print('done', flush=True)\n"
    )
    dice = random.Random(11)
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(home), str(backup)], stdout=subprocess.PIPE
        ) as restoring_process:
            assert restoring_process.stdout is not None
            restoring_process.stdout.readline()
            time.sleep(dice.uniform(0.0, 0.12))
            os.kill(restoring_process.pid, signal.SIGKILL)
        assert names(home) in (["Ánh"], ["Ánh", "Bert"])
        with closing(Ledger(home / "checkins.db")) as ledger:
            assert ledger.verify().damage is None


def test_where_folders_cannot_be_exchanged_a_home_is_replaced_too(
    home, backup, monkeypatch
) -> None:
    monkeypatch.setattr(restoring, "_exchanged", lambda *_: False)
    enroll(home, "Bert")
    holder = "beside"
    done = restore_backup(backup, home, keys(home, backup), holder, replace=True)
    assert (names(home), names(done.aside)) == (["Ánh"], ["Ánh", "Bert"])


def test_what_is_due_is_made_and_the_oldest_go(home: Path, tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "backups"
    plan = BackupPlan(folder, "day", 2)
    with pytest.raises(BackupError, match="it is not there"):
        run_if_due(plan, home)
    folder.mkdir()
    other = folder / "facedesk-of-another.fdbackup"
    enroll(tmp_path / "other", "Carl")
    create_backup(tmp_path / "other", other)
    first = run_if_due(plan, home)
    assert first is not None
    assert run_if_due(plan, home) is None
    for n in range(3):
        path = folder / f"facedesk-older-{n}.fdbackup"
        create_backup(home, path)
    monkeypatch.setattr("station.backups.schedule.is_due", lambda *_: True)
    first.path.rename(folder / "facedesk-x.fdbackup")
    assert run_if_due(plan, home) is not None
    left = [path for path, _ in scheduled_backups(plan, home)]
    assert len(left) == 2
    assert other.exists()
    assert {one.path for one in people_copies(home) if one.is_there} == set(left)


def test_who_was_removed_before_is_erased_where_it_is_restored(home, tmp_path) -> None:
    """The journal of erasures is in the backup, as of the moment of all other files."""
    with closing(Gallery(Store(home / "gallery.db"), "toy-4", 4)) as gallery:
        gallery.remove(gallery.find("Ánh")[0].id)
        path = tmp_path / "one.fdbackup"
        create_backup(home, path)
    folder = tmp_path / "restored"
    restore_backup(path, folder, keys(home, path), "beside")
    with closing(Gallery(Store(folder / "gallery.db"), "toy-4", 4)) as gallery:
        assert [one.name for one in gallery.due_erasures()] == ["Ánh"]


def test_a_clock_that_was_wrong_once_stops_no_backups(home: Path, tmp_path: Path) -> None:
    plan = BackupPlan(tmp_path, "day", 3)
    made = run_if_due(plan, home)
    assert made is not None
    at = made.header.made_at
    assert not is_due(plan, home, at + timedelta(hours=23))
    assert is_due(plan, home, at + timedelta(days=1))
    assert is_due(plan, home, at - timedelta(days=3))


def test_what_a_killed_program_has_left_is_deleted(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old, new = folder / ".facedesk-old.fdbackup", folder / ".facedesk-new.fdbackup"
    for path in (old, new):
        path.write_bytes(b"half of one")
    os.utime(old, (1, 1))
    assert run_if_due(BackupPlan(folder, "day", 3), home) is not None
    assert not old.exists()
    assert new.exists()


def test_a_full_disk_restores_nothing_and_says_so(home, backup, tmp_path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("station.backups.restoring._write", full)
    other = tmp_path / "other" / "home"
    with pytest.raises(BackupError, match=r"to write the home .*No space left"):
        restore_backup(backup, other, keys(home, backup), "beside")
    assert list(other.parent.iterdir()) == []
