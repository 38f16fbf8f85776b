# ruff: noqa: PTH100, PTH120, PTH121
"""Keeps other people's modules out of the program, whatever folder it is started in.

Modules of ours have names that other projects have, too: models, common, capture. What stands in
the working folder, or in a folder that PYTHONPATH names, must never be imported in their place.
Nothing is imported here (as pathlib would be) that the interpreter has not imported at its start.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

OURS = frozenset(
    {"bench", "capture", "common", "desktop", "gallery", "models", "recognition", "station"}
)
"""The packages of the program."""


class OwnPackages:
    """A finder (importlib.abc.MetaPathFinder) that knows the program's packages alone.

    root: the folder that they are in.
    """

    def __init__(self, root: str) -> None:
        self._root = root

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a package of ours is; None for everything else."""
        return PathFinder.find_spec(name, [self._root]) if name in OURS else None


def isolate() -> None:
    """Take the working folder out of where modules are looked for, and put our own packages before
    all others. A second call does nothing."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if any(isinstance(finder, OwnPackages) for finder in sys.meta_path):
        return
    sys.path[:] = [path for path in sys.path if path == root or not _is_working_folder(path)]
    sys.meta_path.insert(0, OwnPackages(root))


def _is_working_folder(path: str) -> bool:
    if path in ("", os.curdir):
        return True
    try:
        return os.path.samefile(path, os.curdir)
    except OSError:  # one of them is not there
        return False
