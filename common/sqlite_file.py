"""Opens and checks Facedesk's SQLite files, migrates their schemas, explains their errors."""

from __future__ import annotations

import errno
import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from common.errors import FacedeskError, SealingError
from common.sealing.failures import failure
from common.sealing.key_ring import ring_of
from common.sealing.records import ChangedRecordError
from common.sealing.tables import (
    SealedTable,
    add_functions,
    add_views,
    check_all,
    sealed_with,
)
from common.sealing.tally import has_tally, untrue_table, version_in_tally, watch, write_tally
from common.sentence import Sentence

_CHECKED_UP_TO = 64 * 2**20
"""Bytes. A larger file is not read through when it is opened, which takes 9 s a gigabyte on a
cold disk; damage in it is reported when it is met."""

Migration = Sequence[str | Callable[[sqlite3.Connection], None]]
"""What brings a database from one version of the schema to the next: SQL statements, and functions
where statements depend on the tables that there are. All are of one transaction."""


@dataclass(frozen=True)
class Format:
    """A kind of SQLite file.

    noun: what messages call it, as in "the gallery". application_id: marks it in SQLite's
    header. migrations: the one at index n leads to version n + 1 of the schema. Only ever
    append: files outlive releases. error: the class raised for what the world did to it.
    sealed: the tables whose rows are sealed (common.sealing.tables). tallied: the tables of which
    no row may be missing, changed or of before (common.sealing.tally); a file that has such tables
    has TALLY_TABLE among its migrations.
    """

    noun: Sentence
    application_id: int
    migrations: Sequence[Migration]
    error: type[FacedeskError]
    sealed: Sequence[SealedTable] = ()
    tallied: Sequence[str] = ()


BUSY_S = 5.0
"""How long to wait for another program that changes a file."""


def open_database(path: Path, busy_timeout_s: float, file: Format) -> sqlite3.Connection:
    """Open the file at `path`, made where there is none; return an autocommit connection.

    A file that is there is opened by SQLite alone: opening and closing it in another way drops
    every lock that this process holds on it (sqlite.org/howtocorrupt.html, 2.2). One that is
    empty or cut off is damage, never a beginning. Nothing of a file of another format is
    changed. Raises the format's error.
    """
    try:
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make(path, file)
        # SQLite gives its -wal and -shm files the permissions of the database.
        path.chmod(0o600)
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise not_writable(path, error.strerror or str(error), file) from error
    with explained(path, file):
        db = _connected(path, busy_timeout_s, file)
        try:
            _require_schema(db, path, file)
            if file.sealed and not _is_sealed(db):
                back_up(db, path)
            migrate(db, path, file)
            with _as_they_were_made(path, file):
                _prepare(db, path, file)
        except BaseException:
            db.close()
            raise
    return db


def _prepare(db: sqlite3.Connection, path: Path, file: Format) -> None:
    """Set a connection up, and look whether the file is whole, as far as that is quick."""
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA fullfsync = ON")  # macOS; means nothing elsewhere
    db.execute("PRAGMA temp_store = MEMORY")  # what is erased passes there: not in /tmp
    if file.sealed or file.tallied:
        if not _is_sealed(db):
            raise damaged(path, Sentence("its tables are missing"), file)
        require_key(path, sealed_with(db), file)
        if backup_of(path).exists():
            finish_sealing(db, path, file)
    add_views(db, file.sealed)  # they are gone where temp_store is set
    _require_structure(db, path, file)
    if file.tallied:
        if not has_tally(db):
            raise damaged(path, Sentence("its tables are missing"), file)
        if (table := untrue_table(db, file.tallied)) is not None:
            raise damaged(
                path,
                Sentence("rows of its table {} are missing, changed or of before", table),
                file,
            )
        watch(db, file.tallied)


def _require_structure(db: sqlite3.Connection, path: Path, file: Format) -> None:
    """Raise the format's error where SQLite finds the file's pages damaged. Of a large file only
    the tallied tables and their indexes are looked through; the rest is told when met."""
    if path.stat().st_size <= _CHECKED_UP_TO:
        checks: Sequence[str] = ("PRAGMA main.integrity_check(1)",)
    else:
        checks = [f"PRAGMA main.integrity_check({table})" for table in file.tallied]
    for check in checks:
        (verdict,) = db.execute(check).fetchone()
        if verdict != "ok":
            raise damaged(path, " ".join(verdict.split()), file)


def _require_schema(db: sqlite3.Connection, path: Path, file: Format) -> None:
    """Raise the format's error where a file with a tally has another schema than it was made
    with, or a version that is not that schema's."""
    with _as_they_were_made(path, file):
        db.execute("BEGIN")  # another program may be migrating just now
        try:
            version = schema_version(db, path, file)
            if not (file.tallied and has_tally(db)):
                return
            require_key(path, sealed_with(db), file)
            if version_in_tally(db) != version:
                raise damaged(path, Sentence("its tables are not as they were made"), file)
        finally:
            db.execute("COMMIT")


@contextmanager
def _as_they_were_made(path: Path, file: Format) -> Iterator[None]:
    """Turn SQLite's complaints about tables and columns that a file of this version has into the
    format's error: its schema was changed."""
    try:
        yield
    except sqlite3.OperationalError as error:
        # None: SQLite did not raise it, but sqlite3, of text that is none.
        code = getattr(error, "sqlite_errorcode", None)
        if code not in (None, sqlite3.SQLITE_ERROR) or _is_of_function(error):
            raise
        raise damaged(path, str(error), file) from error


def _connected(path: Path, busy_timeout_s: float, file: Format) -> sqlite3.Connection:
    """Return a connection to a file that is there, which can seal and open its records."""
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=busy_timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )
    db.execute("PRAGMA secure_delete = ON")
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA recursive_triggers = ON")  # so that what is replaced is tallied as gone
    if file.sealed or file.tallied:
        add_functions(db, file.application_id, ring_of(path.parent))
    return db


@contextmanager
def opened_to_read(path: Path, file: Format) -> Iterator[sqlite3.Connection]:
    """Open a file that is there for reading only, in one `with` block. Raises the format's error
    there, and where the file has another schema than today's."""
    read_only = f"{path.absolute().as_uri()}?mode=ro"
    with explained(path, file), closing(sqlite3.connect(read_only, BUSY_S, uri=True)) as db:
        schema_version(db, path, file)
        add_functions(db, file.application_id, ring_of(path.parent))
        if _is_sealed(db):
            require_key(path, sealed_with(db), file)
        add_views(db, file.sealed)
        yield db


def require_key(path: Path, key_id: str, file: Format) -> None:
    """Raise the format's error where the home does not have the key of this id."""
    try:
        ring_of(path.parent).key(bytes.fromhex(key_id))
    except ValueError as error:
        raise damaged(
            path, Sentence("it does not say with which key it is sealed"), file
        ) from error
    except SealingError as error:
        expected = Sentence("{}, to open {}", error.expected, path)
        raise file.error(expected, error.found, error.remedy) from error


def _is_sealed(db: sqlite3.Connection) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'sealing'").fetchone() is not None


def backup_of(path: Path) -> Path:
    """Return where a file is kept, as it was before it was sealed, until that was successful."""
    return path.with_name(f"{path.name}.before-sealing")


def back_up(db: sqlite3.Connection, path: Path) -> None:
    """Copy a database that is not sealed to its backup, whole and durable once it has its name.

    No other program does it meanwhile.
    """
    if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
        return  # it is told that it is empty
    part = _begun_backup_of(path)
    with transaction(db):
        if _is_sealed(db):
            return
        overwrite(part)
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(path)) as reader, closing(sqlite3.connect(part)) as copy:
            reader.backup(copy)
        part.replace(backup_of(path))


def _begun_backup_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.before-sealing.part")


def finish_sealing(db: sqlite3.Connection, path: Path, file: Format) -> None:
    """Open every record of a file that was just sealed, then let nothing plain be left of it.

    Where another program is using the file, the next opening does it.
    """
    check_all(db, file.sealed)
    try:
        db.execute("PRAGMA temp_store = FILE")  # what passes there is sealed, and may be large
        db.execute("VACUUM")
        (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        busy = True
    finally:
        db.execute("PRAGMA temp_store = MEMORY")
    if not busy:
        overwrite(_begun_backup_of(path))
        overwrite(backup_of(path))


def overwrite(path: Path) -> None:
    """Delete a file once zeros stand in its place: nothing but a journal of the file system, or a
    flash disk's spare blocks, may have what it held."""
    with suppress(FileNotFoundError):
        with path.open("r+b") as file:
            left = path.stat().st_size
            while left > 0:
                left -= file.write(bytes(min(left, 2**20)))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


def _make(path: Path, file: Format) -> None:
    """Make an empty file with today's schema; it is complete as soon as it has its name.

    Where another program is faster, its file stays. Raises the format's error where a log lies
    there: it belongs to a database that was taken away, and would be written into the new one.
    """
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size and not path.exists():
        raise damaged(path, Sentence("it is gone, but its log {} is there", log.name), file)
    made = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        os.close(os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with explained(path, file), closing(_connected(made, BUSY_S, file)) as db:
            with transaction(db):
                _to_newest(db, 0, file)
            db.execute("PRAGMA journal_mode = WAL")
        try:
            os.link(made, path)
        except FileExistsError:
            return
        except OSError:  # a file system without links
            if not path.exists():
                made.rename(path)
    finally:
        made.unlink(missing_ok=True)


def migrate(db: sqlite3.Connection, path: Path, file: Format) -> None:
    """Bring `db` to the newest schema, all or nothing.

    Raises the format's error where the database is of another format, from a newer Facedesk, or
    incomplete.
    """
    if schema_version(db, path, file) == len(file.migrations):
        return
    with transaction(db):
        # Read again: another process may have migrated while this one waited for the lock.
        _to_newest(db, schema_version(db, path, file), file)


def _to_newest(db: sqlite3.Connection, version: int, file: Format) -> None:
    for migration in file.migrations[version:]:
        for step in migration:
            if isinstance(step, str):
                db.execute(step)
            else:
                step(db)
    db.execute(f"PRAGMA application_id = {file.application_id}")
    db.execute(f"PRAGMA user_version = {len(file.migrations)}")
    if has_tally(db):
        write_tally(db, file.tallied, len(file.migrations))


def schema_version(db: sqlite3.Connection, path: Path, file: Format) -> int:
    """Return the version of the schema that the file has; raises as `migrate` does."""
    # One statement sees one state: another process may be migrating just now.
    application_id, version, objects = db.execute(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master) "
        "FROM pragma_application_id, pragma_user_version"
    ).fetchone()
    if (application_id, version, objects) == (0, 0, 0):
        raise damaged(path, Sentence("it is empty"), file)
    if application_id != file.application_id:
        raise _of_another_kind(path, file)
    newest = len(file.migrations)
    if not version or not objects:
        raise damaged(path, Sentence("its tables are missing"), file)
    if version > newest:
        raise file.error(
            Sentence("the {} at {} to be of version {} or older", file.noun, path, newest),
            Sentence("it is of version {}, made by a newer Facedesk", version),
            Sentence("Update Facedesk, or choose another {}; nothing was changed", file.noun),
        )
    return int(version)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Make all changes of the `with` block, or none. It takes the write lock at once."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # some failures, a full disk among them, have rolled back already
            db.execute("ROLLBACK")
        raise


def file_mark(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one in its place; None where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def opened_briefly(path: Path, busy_timeout_s: float, file: Format) -> Iterator[sqlite3.Connection]:
    """Open the file for one `with` block, close it after that, and explain errors."""
    with explained(path, file), closing(open_database(path, busy_timeout_s, file)) as db:
        yield db


@contextmanager
def explained(path: Path, file: Format) -> Iterator[None]:
    """Turn SQLite's errors that the world caused into the format's; let our mistakes through."""
    try:
        yield
    except sqlite3.Error as error:
        if _is_of_function(error):
            raise _sealing_failed(path, file) from error
        explanation = _explanation(path, error, file)
        if explanation is None:
            raise
        raise explanation from error
    except UnicodeDecodeError as error:  # of SQLite's message, which cites a damaged schema
        raise damaged(path, Sentence("its tables are not as they were made"), file) from error


_FUNCTION_FAILED = "user-defined function raised exception"
"""What sqlite3 says where a function of common.sealing.tables has raised."""


def _is_of_function(error: sqlite3.Error) -> bool:
    return str(error) == _FUNCTION_FAILED


def _sealing_failed(path: Path, file: Format) -> BaseException:
    """Return why such a function has raised."""
    reason = failure()
    if reason is None or isinstance(reason, ChangedRecordError):  # None: it was given no UTF-8
        return damaged(path, Sentence("a record of it was changed, or is another home's"), file)
    if isinstance(reason, SealingError):
        return file.error(reason.expected, reason.found, reason.remedy)
    return reason


def _explanation(path: Path, error: sqlite3.Error, file: Format) -> FacedeskError | None:
    code = getattr(error, "sqlite_errorcode", 0)
    if code == sqlite3.SQLITE_IOERR_SHMSIZE:  # no room for the -shm file, which opening makes
        code = sqlite3.SQLITE_FULL
    # The low byte of an extended result code is the primary one: sqlite.org/rescode.html
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return file.error(
                Sentence("room on the disk for the {} {}", file.noun, path),
                "the disk is full",
                "Free some space and try again; nothing was changed",
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return in_use(path, file)
        case sqlite3.SQLITE_NOTADB:
            return _of_another_kind(path, file)
        case sqlite3.SQLITE_CORRUPT:
            return damaged(path, str(error), file)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return not_writable(path, str(error), file)
        case sqlite3.SQLITE_IOERR:
            return file.error(
                Sentence("to read and write the {} {}", file.noun, path),
                Sentence("its disk failed ({})", error),
                "Check the disk and its connection, then start Facedesk again",
            )
    return None


def damaged(path: Path, detail: str, file: Format) -> FacedeskError:
    return file.error(
        Sentence("an intact {} at {}", file.noun, path),
        Sentence("it is damaged ({})", detail),
        Sentence("Put a backup copy in its place, or move it away to begin an empty {}", file.noun),
    )


def in_use(path: Path, file: Format) -> FacedeskError:
    return file.error(
        Sentence("the {} {} to be free", file.noun, path),
        "another program is using it",
        "Wait for the other program to finish, or close it, and try again",
    )


def _of_another_kind(path: Path, file: Format) -> FacedeskError:
    return file.error(
        Sentence("a Facedesk {} at {}", file.noun, path),
        "the file there is of another kind",
        "Choose another file, or move this one away; it was not changed",
    )


def not_writable(path: Path, detail: str, file: Format) -> FacedeskError:
    return file.error(
        Sentence("to be allowed to write {} and its folder", path),
        Sentence("that is not possible ({})", detail),
        Sentence("Change the permissions, or keep the {} in another folder", file.noun),
    )
