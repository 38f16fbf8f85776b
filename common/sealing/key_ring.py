"""The data keys of a home, opened once by a program and kept in its memory."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import SealingError
from common.sealing.data_key import DataKey
from common.sealing.holders import FileHolder, KeyHolder, KeyringHolder, TpmHolder
from common.sealing.key_file import (
    KEY_FILE,
    KeyFile,
    create_key_file,
    read_key_file,
    replace_key_file,
    wrap,
)
from common.sealing.passphrase import PassphraseHolder
from common.sentence import Sentence

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class BesideHolder(FileHolder):
    """A file in the data folder itself: for homes that the program makes for a while, to measure in
    them, and deletes. It protects nothing, and is never chosen for a user's home."""

    name = "beside"
    what = Sentence("a file in the data folder itself")
    keeps_out = Sentence("nobody")


def holders(folder: Path) -> dict[str, KeyHolder]:
    """Return all holders by name, for the home in this folder."""
    every: tuple[KeyHolder, ...] = (
        KeyringHolder(),
        TpmHolder(),
        PassphraseHolder(),
        FileHolder(),
        BesideHolder(folder),
    )
    return {holder.name: holder for holder in every}


ON_ITS_OWN = ("keyring", "tpm", "file")
"""The holders that are tried for a new home, the best one first: they need nobody."""


LOCK_FILE = "key.lock"
"""An empty file beside the key file, locked by SQLite while a program changes the keys; the system
drops the lock when the program ends."""

LOCK_S = 5.0


class KeyRing:
    """The data keys of the home in one folder. Any thread may use it.

    Every method raises SealingError where a key is missing, locked or another one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / KEY_FILE
        self._lock = threading.Lock()
        self._mark: tuple[int, ...] | None = None
        self._file: KeyFile | None = None
        self._keys: dict[bytes, DataKey] = {}
        self._ciphers: dict[bytes, AESGCM] = {}

    @property
    def path(self) -> Path:
        return self._path

    def file(self) -> KeyFile | None:
        """Return what the key file says now; None where there is none."""
        with self._lock:
            return self._followed()

    def current(self) -> DataKey:
        """Return the key with which is sealed from now on; it is made where the home has none."""
        with self._lock:
            file = self._followed() or self._made()
            return self._opened(file, file.keys[-1].id)

    def key(self, key_id: bytes) -> DataKey:
        """Return the key of this id."""
        with self._lock:
            if key_id in self._keys:
                return self._keys[key_id]
            return self._opened(self._followed(), key_id)

    def cipher(self, key_id: bytes) -> AESGCM:
        """Return the cipher of the key of this id."""
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM

            cipher = self._ciphers[key_id] = AESGCM(self.key(key_id).secret)
        return cipher

    # -- changing what the file says -------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Let no other program change the keys during the `with` block.

        Two rotations at once would each forget a key with which the other has sealed. Raises
        SealingError where another program is at it.
        """
        path = self._folder / LOCK_FILE
        with ExitStack() as locked:
            try:
                lock = sqlite3.connect(path, LOCK_S, isolation_level=None)
                locked.enter_context(closing(lock))
                path.chmod(0o600)
                lock.execute("PRAGMA journal_mode = MEMORY")  # nothing is ever written
                lock.execute("BEGIN EXCLUSIVE")
            except (sqlite3.Error, OSError) as error:
                raise _not_alone(self._folder, error) from error
            yield

    def begin_rotation(self, holder: KeyHolder) -> DataKey:
        """Make a further key and let it be the current one; both open what they have sealed.

        Call it, and all until `end_rotation`, within `changing`. Where a rotation was begun and
        not ended, its key is returned.
        """
        self.current()
        with self._lock:
            file = self._followed()
            assert file is not None
            if len(file.keys) == 1:
                key = DataKey.fresh()
                file = KeyFile(file.home, (*file.keys, wrap(key, file.home, holder)))
                self._write(file)
                self._keys[key.id] = key
            return self._opened(file, file.keys[-1].id)

    def end_rotation(self) -> None:
        """Forget all keys but the current one: nothing is sealed with them any more."""
        with self._lock:
            file = self._followed()
            if file is None or len(file.keys) == 1:
                return
            known = holders(self._folder)
            self._write(KeyFile(file.home, file.keys[-1:]))
            for former in file.keys[:-1]:
                self._keys.pop(former.id, None)
                self._ciphers.pop(former.id, None)
                if former.slot != file.keys[-1].slot and former.holder in known:
                    known[former.holder].forget(former.slot)

    def hold(self, key: DataKey, holder: KeyHolder) -> None:
        """Let a holder keep this key of the home: it was lost, and is typed again.

        Call it within `changing`. Raises SealingError where nothing in the home is sealed with it.
        """
        used = set(keys_in_use(self._folder).values())
        if used and key.id not in used:
            raise SealingError(
                Sentence("the words of this home's recovery sheet"),
                Sentence("nothing in {} is sealed with the key that they say", self._folder),
                "Look for the sheet of the last rotation, or name another home with --home",
            )
        with self._lock:
            try:
                file = self._followed()
            except SealingError:  # damaged: it is written anew
                file = None
            home = file.home if file is not None else secrets.token_hex(16)
            # Those of a rotation that was cut short.
            others = [k for k in file.keys if k.id != key.id and k.id in used] if file else []
            self._write(KeyFile(home, (*others, wrap(key, home, holder))))
            self._keys[key.id] = key

    # -- within ----------------------------------------------------------------------------

    def _followed(self) -> KeyFile | None:
        """Return the file's content, read again where another program has changed it."""
        mark = _mark(self._path)
        if mark != self._mark or mark is None:
            self._file = read_key_file(self._path)
            self._mark = mark
        return self._file

    def _write(self, file: KeyFile) -> None:
        try:
            replace_key_file(self._path, file)
        except OSError as error:
            raise _not_writable(self._path, error) from error
        self._file, self._mark = file, _mark(self._path)

    def _made(self) -> KeyFile:
        """Make the home's first key, unless another program is faster."""
        if (sealed := next(iter(keys_in_use(self._folder)), None)) is not None:
            raise _unknown_key(self._path, is_there=False, of=sealed)
        home, key = secrets.token_hex(16), DataKey.fresh()
        holder = best_holder(self._folder)
        wrapped = wrap(key, home, holder)
        is_ours = False
        try:
            self._folder.mkdir(0o700, parents=True, exist_ok=True)
            is_ours = create_key_file(self._path, KeyFile(home, (wrapped,)))
        except OSError as error:
            raise _not_writable(self._path, error) from error
        finally:
            if not is_ours:
                holder.forget(wrapped.slot)
        if is_ours:
            self._keys[key.id] = key
        found = self._followed()
        assert found is not None
        return found

    def _opened(self, file: KeyFile | None, key_id: bytes) -> DataKey:
        key = self._keys.get(key_id)
        if key is None:
            wrapped = next((k for k in file.keys if k.id == key_id), None) if file else None
            if wrapped is None:
                raise _unknown_key(self._path, is_there=file is not None)
            holder = holders(self._folder).get(wrapped.holder)
            if holder is None:
                raise SealingError(
                    Sentence("a key file {} of this release", self._path),
                    Sentence("its key is kept by {}, which is unknown here", wrapped.holder),
                    "Update Facedesk",
                )
            key = self._keys[key_id] = wrapped.unwrapped(holder)
        return key


def best_holder(folder: Path) -> KeyHolder:
    """Return the best holder that this computer has; FACEDESK_KEY_HOLDER names another one."""
    known = holders(folder)
    wanted = os.environ.get("FACEDESK_KEY_HOLDER", "")
    if wanted and wanted not in known:
        raise SealingError(
            Sentence("one of these in FACEDESK_KEY_HOLDER: {}", ", ".join(known)),
            Sentence("it is {}", repr(wanted)),
            "Correct it, or leave it out",
        )
    if wanted:
        return known[wanted]
    for name in ON_ITS_OWN:
        slot = f"trial-{secrets.token_hex(8)}"
        try:
            known[name].make(slot)
            known[name].forget(slot)
        except SealingError:
            continue  # this computer has none
        return known[name]
    return known[ON_ITS_OWN[-1]]


_rings: dict[Path, KeyRing] = {}
_rings_lock = threading.Lock()


def ring_of(folder: Path) -> KeyRing:
    """Return the keys of the home in this folder, one object for a whole program."""
    where = folder.absolute()
    with _rings_lock:
        return _rings.setdefault(where, KeyRing(where))


def begin_briefly(folder: Path) -> None:
    """Make the key of a home that is deleted in a while beside it (see BesideHolder)."""
    if (folder / KEY_FILE).exists():
        return
    home, key = secrets.token_hex(16), DataKey.fresh()
    folder.mkdir(0o700, parents=True, exist_ok=True)
    create_key_file(folder / KEY_FILE, KeyFile(home, (wrap(key, home, BesideHolder(folder)),)))


def keys_in_use(folder: Path) -> dict[Path, bytes]:
    """Return the sealed files of a home, each with the id of the key that it is sealed with."""
    found = {}
    for path in sorted(folder.glob("*.db")):
        uri = f"{path.absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(uri, uri=True)) as db:
                ((key,),) = db.execute("SELECT key FROM sealing")
            found[path] = bytes.fromhex(key)
        except (sqlite3.Error, ValueError):
            continue  # not sealed, or no database, or damaged, which whoever opens it tells
    return found


def _mark(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


def _unknown_key(path: Path, is_there: bool, of: Path | None = None) -> SealingError:
    return SealingError(
        Sentence("the key of what is sealed here, in {}", path)
        if of is None
        else Sentence("the key with which {} is sealed, in {}", of, path),
        "it has another home's key" if is_there else "it is not there",
        "Put the key file of this home back from a backup, or type the recovery sheet's words:"
        " facedesk key restore",
    )


def _not_alone(folder: Path, error: sqlite3.Error | OSError) -> SealingError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    is_busy = code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return SealingError(
        Sentence("to change the key of {} alone", folder),
        Sentence("another program is changing it")
        if is_busy
        else Sentence("that is not possible ({})", error),
        "Wait until it has finished, and try again"
        if is_busy
        else "Change the permissions, or free some space, and try again",
    )


def _not_writable(path: Path, error: OSError) -> SealingError:
    return SealingError(
        Sentence("to be allowed to write {} and its folder", path),
        Sentence("that is not possible ({})", error.strerror or str(error)),
        "Change the permissions",
    )
