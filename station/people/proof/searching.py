"""Looks for what may be left of a person in every file of a home, and says what it looked at."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from common.errors import FacedeskError
from common.sealing.key_ring import ring_of
from common.sentence import Sentence
from common.sqlite_file import Format, opened_to_read
from common.zip_archive import ZIP_DAMAGE
from gallery.likeness.impostors import IMPOSTORS_FILE
from gallery.schema import GALLERY
from station.actions.outbox import OUTBOX_FILE
from station.backups.backup import home_key, members
from station.backups.record import people_copies
from station.ledger.schema import CHECKINS
from station.people.inbox import INBOX_FILE
from station.people.proof.needles import Needles, Trace
from station.people.refusals import REFUSALS_FILE
from station.secrets.codes import CODES_FILE
from station.secrets.pin import PIN_FILE

_FORMATS = {
    one.application_id: one
    for one in (
        *(GALLERY, CHECKINS, CODES_FILE, IMPOSTORS_FILE, INBOX_FILE, OUTBOX_FILE, PIN_FILE),
        REFUSALS_FILE,
    )
}
_KEPT = ((CHECKINS, "entry"), (OUTBOX_FILE, "delivery"), (GALLERY, "erasure"))
"""Where id and name stay on purpose: in the ledger for good, elsewhere until the webhook was told.
"""

_SQLITE = b"SQLite format 3\0"
_AT_ONCE = 64 << 20
_OVERLAP = 4096
"""Bytes that are looked at twice where a large file is read in parts."""

_MOST_MEMBER = 1 << 30


class Verdict(Enum):
    CLEAN = "nothing"
    KEPT = "kept"
    FOUND = "FOUND"
    UNREAD = "NOT READ"


@dataclass(frozen=True)
class LookedAt:
    """A file that was looked at. found: what is left in it. why: of what is kept on purpose, or why
    it could not be read; how it was looked at, where it is neither."""

    path: Path
    size: int
    verdict: Verdict
    found: tuple[Trace, ...]
    why: Sentence


def search_files(paths: Iterable[Path], needles: Needles) -> Iterator[LookedAt]:
    """Looks through files, of folders through all in them, and gives what was found in each.

    A database is opened and unsealed where it is one of this home, and its bytes are looked
    through besides, free pages too; so are the members of zip archives.
    """
    for path in _files(paths):
        try:
            yield _searched(path, needles)
        except (OSError, FacedeskError) as error:
            why = error.sentence if isinstance(error, FacedeskError) else Sentence("{}", error)
            size = path.stat().st_size if path.exists() else 0
            yield LookedAt(path, size, Verdict.UNREAD, (), why)


def search_copies(folder: Path, needles: Needles) -> Iterator[LookedAt]:
    """Looks through the backups of the home in this folder, opened with its key, and former homes
    that a restore has set aside. Raises BackupError where the list of them is damaged."""
    for copy in people_copies(folder):
        if not copy.is_there:
            away = Sentence("a backup that is not here now; its rotation erases it")
            yield LookedAt(copy.path, 0, Verdict.UNREAD, (), away)
        elif copy.path.is_dir():
            yield from search_files([copy.path], needles)
        else:
            try:
                yield _in_backup(copy.path, folder, needles)
            except (OSError, FacedeskError) as error:
                why = error.sentence if isinstance(error, FacedeskError) else Sentence("{}", error)
                yield LookedAt(copy.path, copy.path.stat().st_size, Verdict.UNREAD, (), why)


def _in_backup(path: Path, folder: Path, needles: Needles) -> LookedAt:
    found = set[Trace]()
    with members(path, home_key(ring_of(folder), path)) as (_, files):
        for file, content in files:
            # The ledger's rows keep the id, here as there.
            but = frozenset({Trace.ID}) if file.name == "checkins.db" else frozenset[Trace]()
            look = partial(needles.in_bytes, but=but)
            found |= _in_stream(content, look)
    verdict = Verdict.FOUND if found else Verdict.CLEAN
    why = Sentence("opened, and byte by byte; its rotation erases it")
    return LookedAt(path, path.stat().st_size, verdict, tuple(sorted(found)), why)


def _files(paths: Iterable[Path]) -> Sequence[Path]:
    found = dict[Path, None]()
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found |= {one: None for one in inside if one.is_file()}
    return list(found)


def _searched(path: Path, needles: Needles) -> LookedAt:
    with path.open("rb") as file:
        head = file.read(100)
    size = path.stat().st_size
    is_database = head.startswith(_SQLITE)
    format_ = _FORMATS.get(int.from_bytes(head[68:72])) if is_database else None
    # The ledger's rows have ids in the clear, and stay: what of them is left is told below.
    is_ledger = format_ is CHECKINS or path.name.startswith("checkins.db-")
    but = frozenset({Trace.ID}) if is_ledger or format_ is OUTBOX_FILE else frozenset[Trace]()
    found = _in_file(path, needles, but)
    if format_ is not None:
        rows, kept = _in_database(path, format_, needles)
        if kept and format_ is GALLERY:
            found.discard(Trace.ID)
        found |= rows
        if not found and kept:
            return LookedAt(path, size, Verdict.KEPT, (), kept)
        why = Sentence("unsealed, and byte by byte")
    elif zipfile.is_zipfile(path):
        found |= _in_archive(path, needles)
        why = Sentence("unpacked, and byte by byte")
    else:
        why = Sentence("byte by byte")
    verdict = Verdict.FOUND if found else Verdict.CLEAN
    return LookedAt(path, size, verdict, tuple(sorted(found)), why)


def _in_file(path: Path, needles: Needles, but: frozenset[Trace]) -> set[Trace]:
    with path.open("rb") as file:
        return _in_stream(file, partial(needles.in_bytes, but=but))


def _in_stream(file: IO[bytes], look: Callable[[bytes], set[Trace]]) -> set[Trace]:
    found, rest = set[Trace](), b""
    while content := file.read(_AT_ONCE):
        found |= look(rest + content)
        rest = content[-_OVERLAP:]
    return found


def _in_archive(path: Path, needles: Needles) -> set[Trace]:
    found = set[Trace]()
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                found |= needles.in_bytes(member.filename.encode())
                if member.file_size > _MOST_MEMBER:
                    raise OSError(f"{member.filename} is too large to be looked through")
                with archive.open(member) as file:
                    content = file.read()
                found |= needles.in_bytes(content)
                if member.filename.endswith(".npy"):
                    found |= needles.in_rows(np.load(io.BytesIO(content), allow_pickle=False))
    except ZIP_DAMAGE as error:
        raise OSError(str(error)) from error
    return found


def _in_database(path: Path, of: Format, needles: Needles) -> tuple[set[Trace], Sentence | None]:
    """Returns what is in the rows of a database, and what of it is kept on purpose."""
    found, kept_rows = set[Trace](), 0
    with opened_to_read(path, of) as db:
        db.text_factory = lambda content: content.decode("utf-8", "replace")
        views = [
            name
            for (name,) in db.execute("SELECT name FROM temp.sqlite_master WHERE type = 'view'")
        ]
        plain = [
            name
            for (name,) in db.execute(
                "SELECT name FROM main.sqlite_master WHERE type = 'table'"
                " AND name NOT LIKE 'sqlite%'"
            )
            if name.removeprefix("sealed_") not in views
        ]
        for table in (*views, *plain):
            is_kept = (of, table) in _KEPT
            for row in db.execute(f'SELECT * FROM "{table}"'):
                left = _in_row(row, needles)
                if is_kept and left <= {Trace.ID, Trace.NAME}:
                    kept_rows += bool(left)
                else:
                    found |= left
        if of is CHECKINS:
            found |= _pictures_left(db, needles)
    return found, _told_kept(of, kept_rows) if kept_rows else None


def _told_kept(of: Format, rows: int) -> Sentence:
    if of is CHECKINS:
        return Sentence("{} rows, which are never changed, keep id and name, sealed", rows)
    if of is OUTBOX_FILE:
        return Sentence("{} messages wait for the webhook, and are sent or given up", rows)
    return Sentence("the id stays in the journal of erasures until these messages are gone")


def _in_row(row: Sequence[object], needles: Needles) -> set[Trace]:
    found = set[Trace]()
    for value in row:
        if isinstance(value, str):
            found |= needles.in_text(value)
        elif isinstance(value, bytes):
            found |= needles.in_bytes(value)
    return found


def _pictures_left(db: sqlite3.Connection, needles: Needles) -> set[Trace]:
    """Returns whether the ledger has a picture with an entry about the person."""
    left = db.execute(
        "SELECT 1 FROM entry JOIN picture USING (number)"
        " WHERE identity_id = ? AND length(coalesce(bytes, x'00')) LIMIT 1",
        (needles.traces.identity_id,),
    ).fetchone()
    return {Trace.PICTURE} if left else set()
