"""Compiles the library that makes a disk fail, and arms it."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from enum import IntEnum
from pathlib import Path

from common.errors import FacedeskError
from common.sentence import Sentence

_SOURCE = Path(__file__).with_name("bad_disk.c")


class DiskFault(IntEnum):
    """What the disk does; the numbers are those of bad_disk.c.

    KILLED and TORN_WRITE end the process at a write or an fsync, the latter in the middle of a
    write. POWER_CUT does, too, and what was not synced by then may be lost. LYING_SYNC loses what
    was synced as well.
    """

    WRITE_FAILS = 1
    DISK_FULL = 2
    SHORT_WRITE = 3
    SYNC_FAILS = 4
    READ_FAILS = 5
    KILLED = 6
    TORN_WRITE = 7
    POWER_CUT = 8
    LYING_SYNC = 9

    @property
    def ends_it(self) -> bool:
        """Whether the process ends with it."""
        return self >= DiskFault.KILLED


class CompilerError(FacedeskError):
    """There is no compiler for the library that makes a disk fail."""


def compiled(folder: Path) -> Path:
    """Compile the library into a folder and return its path. Raises CompilerError."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise CompilerError("a C compiler", "there is no gcc and no cc", "Install gcc")
    library = folder / "bad_disk.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(_SOURCE), "-lpthread"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CompilerError(
            Sentence("{} to compile {}", compiler, _SOURCE),
            Sentence("it says: {}", done.stderr.strip()),
            "Install gcc with the headers of the C library",
        )
    return library


def is_preloaded() -> bool:
    """Return whether this process runs with the library."""
    return "bad_disk" in os.environ.get("LD_PRELOAD", "")


def arm(fault: DiskFault, after: int, folder: Path, journal: int = -1, *, for_good: bool) -> None:
    """Let the disk fail after so many operations on files of the folder; once, or for good.

    journal: the descriptor of the file that the records go to; -1 for none.
    """
    library = ctypes.CDLL(None)
    path = str(folder.resolve()).encode()
    library.bad_disk_arm(int(fault), ctypes.c_long(after), int(for_good), path, journal)


def fired() -> bool:
    """Return whether the disk has failed since it was armed."""
    return bool(ctypes.c_long.in_dll(ctypes.CDLL(None), "bad_disk_fired").value)
