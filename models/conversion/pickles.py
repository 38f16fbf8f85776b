"""Looks through a pickle before anything of it is carried out.

A pickle is a program for a small machine. Whoever unpickles one restricts which functions it may
call; this makes sure that it cannot take memory without end either, which calls nothing.
"""

from __future__ import annotations

import pickle
import pickletools
from typing import IO

_MEMO = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
"""Instructions that keep a value under a number; the unpickler's table has room for all numbers up
to it."""

_NEEDLESS = frozenset(
    {
        *("EXT1", "EXT2", "EXT4", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX"),
        *("BYTEARRAY8", "NEXT_BUFFER", "READONLY_BUFFER"),
    }
)
"""Instructions that neither tensors nor lists of numbers and texts need: they make objects, or
reserve as much memory as they say."""


def next_pickle(file: IO[bytes]) -> bytes:
    """Return the pickle that begins where the file stands, and leave the file at its end.

    Raises pickle.UnpicklingError or ValueError where it is none, is cut short, or has an
    instruction that could take memory out of all proportion to its length.
    """
    start = file.tell()
    for count, (opcode, argument, _) in enumerate(pickletools.genops(file), 1):
        if opcode.name in _NEEDLESS:
            raise pickle.UnpicklingError(f"it uses {opcode.name}")
        if opcode.name in _MEMO and int(argument or 0) > count:
            raise pickle.UnpicklingError("it numbers its values out of order")
    end = file.tell()
    file.seek(start)
    return file.read(end - start)
