"""Restores a home from a backup: whole, or not at all, whenever it is cut short.

The restored home is put together beside the other one, is safely on the disk, and then takes its
place in one step of the file system (two where the system cannot exchange folders). A former home
is kept beside it.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from common.errors import BackupError, SealingError
from common.sealing.holders import sync_folder
from common.sealing.key_file import KEY_FILE, KeyFile, create_key_file, wrap
from common.sealing.key_ring import best_holder, holders
from common.sentence import Sentence
from station.backups.backup import KeyOf, members
from station.backups.record import ASIDE
from station.backups.sealed_stream import BackupHeader, damaged_backup
from station.backups.taking import RECORD, STAYS, files_of

_UNFINISHED = ".unfinished"
"""A file in a folder in which a home is being put together."""

_EXCHANGE = 2
"""RENAME_EXCHANGE of Linux's renameat2(2)."""

_AT_FDCWD = -100


@dataclass(frozen=True)
class RestoredHome:
    """header: of the backup. files: how many. aside: where the former home is kept; None where
    there was nothing in it."""

    header: BackupHeader
    files: int
    aside: Path | None


def restore_backup(
    path: Path, folder: Path, key_of: KeyOf, holder: str | None = None, *, replace: bool = False
) -> RestoredHome:
    """Restore the home in `folder` from a backup, and let a holder keep its key.

    holder: by name; None for the best one that this computer has. replace: whether a home that is
    there is set aside. No program may use it meanwhile. Raises BackupError, SealingError where the
    holder cannot keep the key, and what key_of raises; nothing is changed then.
    """
    folder = folder.absolute()
    if not replace and _has_data(folder):
        raise BackupError(
            Sentence("an empty home at {}", folder),
            "there are a gallery, check-ins or settings already",
            "Name another one with --home, or use --replace, which keeps what is there beside it",
        )
    slot, keeper = "", None
    fresh = folder.with_name(f".{folder.name}.restoring-{secrets.token_hex(4)}")
    try:
        with _explained(folder):
            _sweep(folder)
            folder.parent.mkdir(0o700, parents=True, exist_ok=True)
            fresh.mkdir(0o700)
            (fresh / _UNFINISHED).touch()
            with members(path, key_of) as (header, files):
                key = key_of(header)
                count = 0
                for member, content in files:
                    _write(fresh / member.name, content)
                    count += 1
            _check(path, fresh)
            keeper = best_holder(fresh) if holder is None else holders(fresh)[holder]
            wrapped = wrap(key, header.home, keeper)
            slot = wrapped.slot
            create_key_file(fresh / KEY_FILE, KeyFile(header.home, (wrapped,)))
            _keep_what_stays(folder, fresh)
            (fresh / _UNFINISHED).unlink()
            sync_folder(fresh)
            aside = _put_in_place(fresh, folder)
    except BaseException:
        if not _is_in_place(folder, slot):
            if keeper is not None:
                with suppress(SealingError):
                    keeper.forget(slot)
            shutil.rmtree(fresh, ignore_errors=True)
        raise
    return RestoredHome(header, count, aside)


def _has_data(folder: Path) -> bool:
    return folder.is_dir() and bool(files_of(folder))


def _sweep(folder: Path) -> None:
    """Delete what restores have left that were cut short before they had all of the home."""
    for left in folder.parent.glob(f".{folder.name}.restoring-*"):
        if (left / _UNFINISHED).exists():
            shutil.rmtree(left, ignore_errors=True)


def _write(path: Path, content: IO[bytes]) -> None:
    path.parent.mkdir(0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def _check(path: Path, fresh: Path) -> None:
    """Raise BackupError unless every database is sound: the backup was made of sound ones."""
    for one in fresh.rglob("*.db"):
        try:
            with closing(sqlite3.connect(one)) as db:
                (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            raise damaged_backup(path) from error
        if verdict != "ok":
            raise damaged_backup(path)


def _keep_what_stays(folder: Path, fresh: Path) -> None:
    """Let the restored home have what no backup has and what is of this computer."""
    for name in STAYS:
        if (folder / name).is_dir() and not (folder / name).is_symlink():
            shutil.copytree(folder / name, fresh / name, symlinks=True, copy_function=_linked)
        elif (folder / name).is_symlink():
            (fresh / name).symlink_to((folder / name).readlink())
    if (folder / RECORD).is_file():
        shutil.copyfile(folder / RECORD, fresh / RECORD)


def _linked(source: str, to: str) -> str:
    try:
        os.link(source, to)
    except OSError:  # a file system without links
        shutil.copy2(source, to)
    return to


def _put_in_place(fresh: Path, folder: Path) -> Path | None:
    """Let the folder be the restored one. Return where the former one is."""
    had_data = _has_data(folder)
    if not folder.exists():
        fresh.rename(folder)
        sync_folder(folder.parent)
        return None
    aside = folder.with_name(f"{folder.name}{ASIDE}{datetime.now(UTC):%Y%m%d-%H%M%S}")
    if _exchanged(fresh, folder):
        sync_folder(folder.parent)
        fresh.rename(aside)
    else:
        folder.rename(aside)
        fresh.rename(folder)
    sync_folder(folder.parent)
    if not had_data:
        shutil.rmtree(aside, ignore_errors=True)
        return None
    return aside


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; return whether this system can."""
    if sys.platform != "linux":
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    done = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE)
    return int(done) == 0


def _is_in_place(folder: Path, slot: str) -> bool:
    try:
        return bool(slot) and slot in (folder / KEY_FILE).read_text("utf-8")
    except OSError:
        return False


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupError(
            Sentence("to be able to write the home {} and beside it", folder),
            Sentence("that failed ({})", error.strerror or str(error)),
            "Free some space, or name another home with --home; nothing was changed",
        ) from error
