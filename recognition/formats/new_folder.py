"""Makes a folder of files that somebody asked for: whole or not at all, private, and a new one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common.errors import FormatError
from common.sentence import Sentence


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Gives the `with` block an empty folder beside `path`, which is moved there at the end.

    It is deleted where the block raises. Raises FormatError where there is something at `path`
    already, an empty folder excepted, or it cannot be written.
    """
    check_new_folder(path)
    fresh = None
    try:
        target = path.absolute()
        fresh = Path(tempfile.mkdtemp(prefix=".facedesk-", dir=target.parent))
        yield fresh
        if target.is_dir():
            target.rmdir()  # an empty one: check_new_folder() has looked
        fresh.rename(target)
        fresh = None
    except OSError as error:
        raise FormatError(
            Sentence("to be able to write {}", path),
            Sentence("that failed ({})", error.strerror or error),
            "Free some space, or choose another folder or name",
        ) from error
    finally:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)


def check_new_folder(path: Path) -> None:
    """Raises FormatError where there is something at `path`, an empty folder excepted."""
    is_empty = path.is_dir() and not path.is_symlink() and not any(path.iterdir())
    if not is_empty and (path.exists() or path.is_symlink()):
        raise FormatError(
            "to write a new folder",
            Sentence("{} is there already", path),
            "Choose another name; Facedesk deletes no folder",
        )
