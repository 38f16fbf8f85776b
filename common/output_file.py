"""Writes files that somebody asked for: whole or not at all, private, never over another.

It makes the folders for them, too.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from common.errors import FacedeskError
from common.sentence import Sentence

_NO_LINKS = (AttributeError, NotImplementedError, OSError)
"""What os.link raises where the file system or the system knows no hard links. Which OSError it is
differs among FAT, network drives and containers. Any other cause makes renaming fail, too."""


@contextmanager
def output_file(
    path: Path,
    error: type[FacedeskError],
    *,
    overwrite: bool = False,
    inputs: Iterable[Path] = (),
) -> Iterator[Path]:
    """Give the `with` block an empty file beside `path`, with the same ending, to write to.

    At the end it is moved to `path`, and is safely on the disk; it is deleted where the block
    raises or has written nothing. Its owner alone may read it, for it says or shows who was where.
    A symbolic link at `path` stays, and what it leads to is written.

    inputs: files that are never written over. Raises `error`, before the block as
    `check_output` does, and after it where the disk is full or a file has come to `path`.
    """
    check_output(path, error, overwrite=overwrite, inputs=inputs)
    with _explained(path, error):
        target = path.resolve()
        handle, name = tempfile.mkstemp(path.suffix, ".facedesk-", target.parent)
        os.close(handle)
    fresh = Path(name)
    try:
        with _explained(path, error):
            yield fresh
            if not fresh.stat().st_size:
                return
            with fresh.open("rb+") as file:
                os.fsync(file.fileno())
            if overwrite:
                fresh.replace(target)
            else:
                _put(fresh, target)
    except FileExistsError:
        raise _is_there(path, error) from None
    finally:
        with suppress(OSError):  # it has gone to its place where all went well
            fresh.unlink()


def check_output(
    path: Path,
    error: type[FacedeskError],
    *,
    overwrite: bool = False,
    inputs: Iterable[Path] = (),
) -> None:
    """Raise `error` where `path` must not be written.

    That is so where its folder is missing, it is one of the inputs, it is no file, or it is
    there already and may not be written over.
    """
    with _explained(path, error):
        if not path.absolute().parent.is_dir():
            raise _cannot(path, Sentence("there is no such folder"), error)
        if not path.exists():
            return
        if any(other.exists() and other.samefile(path) for other in inputs):
            raise error(
                "to write a new file",
                Sentence("{} is what is read, or a file of Facedesk's own", path),
                "Choose another name",
            )
        if not path.is_file():
            raise _cannot(path, Sentence("what is there is no file"), error)
    if not overwrite:
        raise _is_there(path, error)


def make_folder(folder: Path, error: type[FacedeskError], *, private: bool = False) -> None:
    """Make the folder, and those above it, where there is none. Raises `error`.

    private: only its owner may open it; a folder that is there stays as it is.
    """
    try:
        folder.mkdir(0o700 if private else 0o777, parents=True, exist_ok=True)
    except OSError as failure:
        raise error(
            Sentence("a folder {} to write to", folder),
            Sentence("it cannot be made ({})", failure.strerror or failure),
            "Free some space or mend the folder's permissions, or choose another folder",
        ) from failure


def _put(fresh: Path, target: Path) -> None:
    """Put the file `fresh` at `target`. Raises FileExistsError where something has come there."""
    try:
        os.link(fresh, target)
    except FileExistsError:
        raise
    except _NO_LINKS:
        if target.exists():
            raise FileExistsError from None
        fresh.replace(target)


@contextmanager
def _explained(path: Path, error: type[FacedeskError]) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise
    except OSError as failure:
        raise _cannot(path, failure.strerror or str(failure), error) from failure


def _cannot(path: Path, found: str, error: type[FacedeskError]) -> FacedeskError:
    return error(
        Sentence("to be able to write {}", path),
        Sentence("that failed ({})", found),
        "Free some space, or choose another folder or name",
    )


def _is_there(path: Path, error: type[FacedeskError]) -> FacedeskError:
    return error(
        "to write a new file",
        Sentence("{} is there already", path),
        "Choose another name, or use --force to overwrite it",
    )
