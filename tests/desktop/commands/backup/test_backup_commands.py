"""facedesk backup on the command line."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from common.sealing.data_key import to_words
from common.sealing.key_ring import ring_of


def test_a_backup_is_made_checked_and_restored(run, seed, home: Path, tmp_path: Path) -> None:
    seed("Anna")
    file = tmp_path / "sao lưu.fdbackup"
    made = run("backup", "create", file)
    assert made.code == 0
    assert "and read through." in made.out
    assert run("backup", "create", file).code != 0
    (checked,) = run("backup", "verify", file, "--json").json
    assert "gallery.db" in [one["name"] for one in checked["files"]]
    seed("Bert")
    refused = run("backup", "restore", file)
    assert "--replace" in refused.err
    restored = run("backup", "restore", file, "--replace")
    assert restored.code == 0
    assert "What was there before is in" in restored.err
    listed = run("people", "list").out
    assert "Anna" in listed
    assert "Bert" not in listed


def test_the_words_restore_it_elsewhere(run, seed, home: Path, tmp_path: Path, monkeypatch) -> None:
    seed("Anna")
    file = tmp_path / "one.fdbackup"
    assert run("backup", "create", file).code == 0
    words = to_words(ring_of(home).current())
    lost = home.rename(tmp_path / "lost")
    assert "recovery sheet" in run("backup", "restore", file).err
    monkeypatch.setattr(sys, "stdin", io.StringIO(words.rsplit(" ", 1)[0] + " zebra"))
    assert run("backup", "restore", file, "--words").code != 0
    assert not home.exists()
    monkeypatch.setattr(sys, "stdin", io.StringIO(words))
    assert run("backup", "restore", file, "--words").code == 0
    assert "Anna" in run("people", "list").out
    assert lost.exists()


def test_what_is_scheduled_is_made_when_it_is_due(run, seed, home: Path, tmp_path: Path) -> None:
    seed("Anna")
    folder = tmp_path / "backups"
    assert run("backup", "run").code == 2
    assert run("backup", "schedule", home / "inside").code != 0
    assert run("backup", "schedule").out == "No backups are scheduled.\n"
    told = run("backup", "schedule", folder, "--every", "week", "--keep", "3")
    assert told.out == f"Each week to {folder}; 3 backups kept.\n"
    assert "one is overdue" in run("doctor").out
    assert "was written" in run("backup", "run").out
    assert run("backup", "run").out == "None is due.\n"
    (listed,) = run("backup", "schedule", "--json").json
    assert (listed["every"], listed["keep"], len(listed["made"])) == ("week", 3, 1)
    assert run("backup", "schedule", "--off").out.startswith("No backups are scheduled.")


def test_bad_files_get_one_sentence(run, seed, tmp_path: Path) -> None:
    seed("Anna")
    empty = tmp_path / "empty"
    empty.touch()
    for file in (empty, tmp_path / "missing"):
        for command in (("verify", file), ("restore", file, "--replace")):
            refused = run("backup", *command)
            assert refused.code != 0
            assert refused.err.count("\n") == 1
    assert run("backup", "create", tmp_path / "no folder" / "file").code != 0
    assert "Anna" in run("people", "list").out


def test_an_erasure_says_which_backups_may_have_somebody(run, seed, home, tmp_path: Path) -> None:
    seed("Anna")
    seed("Bert")
    file, folder = tmp_path / "one.fdbackup", tmp_path / "backups"
    assert run("backup", "create", file).code == 0
    assert run("backup", "schedule", folder, "--every", "day", "--keep", "3").code == 0
    assert run("backup", "run").code == 0
    told = run("people", "remove", "Bert").out
    assert f"{file}, sealed, may have them" in told
    assert "1 scheduled backup" in told
    assert "within 4 days" in told
