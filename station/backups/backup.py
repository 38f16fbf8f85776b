"""Makes a backup of a home, and reads one through.

A backup is a sealed stream (sealed_stream.py) of a tar archive: the home's files as they were at
one moment, the databases with their records sealed as they are, and the descriptions of the models
that the user has added. Its key opens both.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import IO

from common.errors import BackupError, SealingError
from common.output_file import output_file
from common.sealing.data_key import DataKey
from common.sealing.key_ring import KeyRing, ring_of
from common.sentence import Sentence
from station.backups.record import BackupRecord
from station.backups.sealed_stream import (
    BackupHeader,
    SealedReader,
    SealedWriter,
    damaged_backup,
    opened_backup,
)
from station.backups.taking import HomeFile, copy_database, require_one_key, taken

MODELS = "models"
"""The folder in a backup with the descriptions of added models."""

_COPIES = ".facedesk-copies-"
_ABANDONED_S = 3600.0
"""After an hour such a folder is one that a killed program has left."""

_READ_BYTES = 1 << 20

KeyOf = Callable[[BackupHeader], DataKey]


@dataclass(frozen=True, slots=True)
class BackedUpFile:
    """name: from the home's folder on. size: bytes. sha256: in hexadecimal digits."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class BackupContents:
    """What is in a backup, which was read through."""

    path: Path
    header: BackupHeader
    files: tuple[BackedUpFile, ...]

    @property
    def models(self) -> list[str]:
        """The names of the models that were added, whose files are not in it."""
        inner = (one.name.split("/") for one in self.files)
        return [parts[1] for parts in inner if parts[0] == MODELS and len(parts) == 3]


def create_backup(
    folder: Path,
    path: Path,
    descriptions: Mapping[str, bytes] | None = None,
    *,
    overwrite: bool = False,
    pause: Callable[[], None] = lambda: None,
) -> BackupContents:
    """Write a backup of the home in `folder`, read it through, and return what is in it.

    Programs may use the home meanwhile. The file has its name once it is whole and safely on the
    disk. descriptions: of added models, by what they are called in the backup below MODELS. pause:
    called after each megabyte or so; where it raises, no backup is made. Raises BackupError, and
    SealingError where the home's key is not there; nothing is left then.
    """
    ring = ring_of(folder)
    if ring.file() is None:
        raise BackupError(
            Sentence("something to make a backup of, in {}", folder),
            "there is nothing yet",
            "Enroll somebody first, or name another home with --home",
        )
    BackupRecord(folder).all()  # it can be read, and so written
    key = ring.current()
    file = ring.file()
    assert file is not None
    require_one_key(folder, key.id)
    header = BackupHeader.fresh(file.home, key)
    with output_file(path, BackupError, overwrite=overwrite) as fresh:
        with taken(folder) as files:
            require_one_key(folder, key.id)
            more = [HomeFile(f"{MODELS}/{n}", None, c) for n, c in (descriptions or {}).items()]
            written = _write(fresh, header, key, [*files, *more], pause)
        contents = read_backup(fresh, lambda _: key, pause)
        if list(contents.files) != written:
            raise damaged_backup(path)
    BackupRecord(folder).add(path, header.made_at)
    return BackupContents(path, header, contents.files)


def read_backup(
    path: Path, key_of: KeyOf, pause: Callable[[], None] = lambda: None
) -> BackupContents:
    """Read a backup through, and return what is in it. Raises BackupError, what key_of raises."""
    with members(path, key_of) as (header, found):
        files = [
            BackedUpFile(one.name, one.size, _digest(content, pause)) for one, content in found
        ]
    return BackupContents(path, header, tuple(files))


@contextmanager
def members(
    path: Path, key_of: KeyOf
) -> Iterator[tuple[BackupHeader, Iterator[tuple[tarfile.TarInfo, IO[bytes]]]]]:
    """Give a backup's header and its files, each to be read before the next one.

    What is read is what was written; that none is missing is known once the last one was given.
    Raises BackupError and what key_of raises.
    """
    with opened_backup(path, key_of) as (header, stream):
        yield header, _members(path, stream)


def _members(path: Path, stream: SealedReader) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member)
                parts = member.name.split("/")
                if content is None or not member.isreg() or {"", ".", ".."} & set(parts):
                    raise damaged_backup(path)
                yield member, content
    except tarfile.TarError as error:
        raise damaged_backup(path) from error
    while stream.read(_READ_BYTES):
        pass  # so that its end is seen


def home_key(ring: KeyRing, path: Path) -> KeyOf:
    """Return what finds the key of a backup among a home's. It raises BackupError."""

    def key_of(header: BackupHeader) -> DataKey:
        try:
            if ring.file() is not None:
                return ring.key(header.key)
        except SealingError:
            pass
        raise BackupError(
            Sentence("the key of the backup {}, {}", path, header.key.hex()),
            "this home does not have it: it was changed since, or the backup is of another home",
            "Type the words of the recovery sheet with this key, with --words",
        )

    return key_of


def key_of_words(key: DataKey, path: Path) -> KeyOf:
    """Return what gives this key where it is a backup's. It raises BackupError."""

    def key_of(header: BackupHeader) -> DataKey:
        if key.id != header.key:
            raise BackupError(
                Sentence("the words of the recovery sheet with the key {}", header.key.hex()),
                Sentence("these are those of {}; {} needs others", key.id.hex(), path),
                "Look for the sheet that was printed before the backup was made",
            )
        return key

    return key_of


def _write(
    fresh: Path,
    header: BackupHeader,
    key: DataKey,
    files: Sequence[HomeFile],
    pause: Callable[[], None],
) -> list[BackedUpFile]:
    written = []
    with _copies_beside(fresh) as copies, fresh.open("wb") as file:
        sealed = SealedWriter(file, header, key)
        with tarfile.open(fileobj=sealed, mode="w|", format=tarfile.PAX_FORMAT) as archive:
            for one in files:
                if one.database is None:
                    written.append(_add(archive, one.name, io.BytesIO(one.content), pause))
                    continue
                copy = copies / "copy.db"
                copy_database(one, copy, pause)
                with copy.open("rb") as content:
                    written.append(_add(archive, one.name, content, pause))
                copy.unlink()
        sealed.finish()
    return written


def _add(
    archive: tarfile.TarFile, name: str, content: IO[bytes], pause: Callable[[], None]
) -> BackedUpFile:
    digest = _digest(content, pause)
    member = tarfile.TarInfo(name)
    member.size = content.tell()
    member.mode = 0o600
    content.seek(0)
    archive.addfile(member, content)
    return BackedUpFile(name, member.size, digest)


@contextmanager
def _copies_beside(path: Path) -> Iterator[Path]:
    """Give a folder for copies of the sealed databases, on the disk that has room for a backup."""
    for left in path.parent.glob(f"{_COPIES}*"):
        if time.time() - left.stat().st_mtime > _ABANDONED_S:
            rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_COPIES, dir=path.parent) as folder:
        yield Path(folder)


def _digest(content: IO[bytes], pause: Callable[[], None]) -> str:
    digest = hashlib.sha256()
    while part := content.read(_READ_BYTES):
        pause()
        digest.update(part)
    return digest.hexdigest()
