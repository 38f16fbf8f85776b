"""Plays what a power cut does to the files of a home: what was not synced may be lost."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

_HEADER = struct.Struct("=7Q")
"""What happened, device, inode, offset, size before, lengths of what was there and what came."""

_WROTE, _CUT, _SYNCED, _FORGOTTEN = 1, 2, 3, 4


@dataclass(frozen=True)
class FileChange:
    """One change of a file. at: the offset, or the new length where it was cut."""

    is_cut: bool
    at: int
    size_before: int
    before: bytes
    after: bytes


File = tuple[int, int]
"""Device and inode: names change."""


def _unsynced(path: Path) -> dict[File, list[FileChange]]:
    """Return the changes of each file that were not synced, oldest first."""
    unsynced: dict[File, list[FileChange]] = {}
    for what, file, operation in _records(path):
        if what in (_SYNCED, _FORGOTTEN):
            unsynced.pop(file, None)
        else:
            unsynced.setdefault(file, []).append(operation)
    return unsynced


def cut_power(root: Path, journal: Path, rng: Random) -> int:
    """Take a random part of what was not synced out of the files below `root`.

    Returns how many changes are gone. Each may be lost by itself: a disk writes them in any order.
    """
    lost = 0
    for path, operations in _found(root, _unsynced(journal)):
        keep = rng.choice((0.0, 0.5, 0.9))
        kept = [operation for operation in operations if rng.random() < keep]
        lost += len(operations) - len(kept)
        _replay(path, operations, kept)
    return lost


def lose_the_end(root: Path, journal: Path, rng: Random) -> int:
    """Take all changes after a random moment out of the files below `root`, synced or not.

    So does a disk that says of its cache that it is on the plates. Returns how many are gone.
    """
    records = [r for r in _records(journal) if r[0] in (_WROTE, _CUT, _FORGOTTEN)]
    moment = rng.randint(0, len(records))
    changes: dict[File, list[tuple[bool, FileChange]]] = {}
    for n, (what, file, operation) in enumerate(records):
        if what == _FORGOTTEN:
            changes.pop(file, None)
        else:
            changes.setdefault(file, []).append((n < moment, operation))
    lost = 0
    for file, of_file in changes.items():
        for path, operations in _found(root, {file: [operation for _, operation in of_file]}):
            kept = [operation for is_before, operation in of_file if is_before]
            lost += len(operations) - len(kept)
            _replay(path, operations, kept)
    return lost


def _records(path: Path) -> list[tuple[int, File, FileChange]]:
    content, at, found = path.read_bytes(), 0, []
    while at + _HEADER.size <= len(content):
        what, device, inode, offset, size, before, after = _HEADER.unpack_from(content, at)
        at += _HEADER.size
        if at + before + after > len(content):
            break  # it was killed meanwhile, before it wrote
        was, now = content[at : at + before], content[at + before : at + before + after]
        at += before + after
        found.append((what, (device, inode), FileChange(what == _CUT, offset, size, was, now)))
    return found


def _found(
    root: Path, changes: dict[File, list[FileChange]]
) -> list[tuple[Path, Sequence[FileChange]]]:
    """Return the files that are there still. Shared memory is gone with the power."""
    found: list[tuple[Path, Sequence[FileChange]]] = []
    for path in sorted(root.rglob("*")):
        if path.name.endswith("-shm"):
            path.unlink()
        elif path.is_file():
            status = path.stat()
            operations = changes.get((status.st_dev, status.st_ino))
            if operations:
                found.append((path, operations))
    return found


def _replay(path: Path, operations: Sequence[FileChange], kept: Sequence[FileChange]) -> None:
    """Undo all operations, the newest first, then do again those that were kept."""
    handle = os.open(path, os.O_RDWR)
    try:
        for operation in reversed(operations):
            os.ftruncate(handle, operation.size_before)
            if operation.before:
                os.pwrite(handle, operation.before, operation.at)
        for operation in kept:
            if operation.is_cut:
                os.ftruncate(handle, operation.at)
            else:
                os.pwrite(handle, operation.after, operation.at)
    finally:
        os.close(handle)
