"""The data keys of a home, opened once by a program and kept in its memory."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import SealingError
from common.sealing.data_key import DataKey
from common.sealing.holders import FileHolder, KeyHolder, KeyringHolder, TpmHolder
from common.sealing.key_file import (
    KEY_FILE,
    KeyFile,
    WrappedKey,
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

    def begin_rotation(self, holder: KeyHolder) -> DataKey:
        """Make a further key and let it be the current one; both open what they have sealed.

        Where a rotation was begun and not ended, its key is returned.
        """
        self.current()
        with self._lock:
            file = self._followed()
            assert file is not None
            if len(file.keys) == 1:
                fresh = wrap(DataKey.fresh(), file.home, holder)
                file = KeyFile(file.home, (*file.keys, fresh))
                self._write(file)
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
        """Let a holder keep this key, the only one of the home: it was lost, and is typed again."""
        with self._lock:
            try:
                file = self._followed()
            except SealingError:  # damaged: it is written anew
                file = None
            home = file.home if file is not None else secrets.token_hex(16)
            self._write(KeyFile(home, (wrap(key, home, holder),)))
            self._keys = {key.id: key}

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
        if (sealed := next(_sealed_files(self._folder), None)) is not None:
            raise _unknown_key(self._path, is_there=False, of=sealed)
        home, key = secrets.token_hex(16), DataKey.fresh()
        wrapped = wrap_with_the_best(key, home, self._folder)
        file = KeyFile(home, (wrapped,))
        try:
            was_first = create_key_file(self._path, file)
        except OSError as error:
            raise _not_writable(self._path, error) from error
        if was_first:
            self._keys[key.id] = key
        else:
            holders(self._folder)[wrapped.holder].forget(wrapped.slot)
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


def wrap_with_the_best(key: DataKey, home: str, folder: Path) -> WrappedKey:
    """Let the best holder of this computer keep a key; FACEDESK_KEY_HOLDER names another one."""
    known = holders(folder)
    wanted = os.environ.get("FACEDESK_KEY_HOLDER", "")
    if wanted:
        if wanted not in known:
            raise SealingError(
                Sentence("one of these in FACEDESK_KEY_HOLDER: {}", ", ".join(known)),
                Sentence("it is {}", repr(wanted)),
                "Correct it, or leave it out",
            )
        return wrap(key, home, known[wanted])
    for name in ON_ITS_OWN[:-1]:
        try:
            return wrap(key, home, known[name])
        except SealingError:
            continue  # this computer has none
    return wrap(key, home, known[ON_ITS_OWN[-1]])


_rings: dict[Path, KeyRing] = {}
_rings_lock = threading.Lock()


def ring_of(folder: Path) -> KeyRing:
    """Return the keys of the home in this folder, one object for a whole program."""
    where = folder.absolute()
    with _rings_lock:
        return _rings.setdefault(where, KeyRing(where))


def begin_briefly(folder: Path) -> None:
    """Make the key of a home that is deleted in a while beside it (see BesideHolder)."""
    home, key = secrets.token_hex(16), DataKey.fresh()
    folder.mkdir(0o700, parents=True, exist_ok=True)
    create_key_file(folder / KEY_FILE, KeyFile(home, (wrap(key, home, BesideHolder(folder)),)))


def _sealed_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a home that are sealed: with a key that is not to be replaced."""
    for path in sorted(folder.glob("*.db")):
        uri = f"{path.absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(uri, uri=True)) as db:
                db.execute("SELECT key FROM sealing")
        except sqlite3.Error:
            continue  # not sealed, or no database
        yield path


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


def _not_writable(path: Path, error: OSError) -> SealingError:
    return SealingError(
        Sentence("to be allowed to write {} and its folder", path),
        Sentence("that is not possible ({})", error.strerror or str(error)),
        "Change the permissions",
    )
