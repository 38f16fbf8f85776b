"""Who keeps the key that wraps a home's data key: a key holder."""

from __future__ import annotations

import os
import secrets
import sys
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from common.errors import SealingError
from common.sentence import Sentence

WRAPPING_BYTES = 32

KEYRING_S = 60.0
"""How long the system's keyring may take: somebody may have to unlock it."""

TPM_S = 30.0

More = Mapping[str, str | int]
"""What a holder needs beside its secret; it stands in the home's key file, and is not secret."""


class KeyHolder(Protocol):
    """Keeps secrets of WRAPPING_BYTES bytes, each under a name of its own, its slot.

    Every method raises SealingError where it is not possible.

    name: stands in the key file. what: for people. keeps_out: from whom it protects.
    """

    name: str
    what: Sentence
    keeps_out: Sentence

    def make(self, slot: str) -> tuple[bytes, More]:
        """Make a new secret and keep it."""

    def fetch(self, slot: str, more: More) -> bytes:
        """Return the secret that `make` made."""

    def forget(self, slot: str) -> None:
        """Delete the secret, if it is there."""


class FileHolder:
    """A file of mode 0600 for each secret, in a folder outside of the data."""

    name = "file"
    what = Sentence("a file outside of the data folder")
    keeps_out = Sentence(
        "whoever gets a copy of the data folder alone; not whoever has the whole disk"
    )

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """FACEDESK_KEYS, or `facedesk-keys` in the place for settings: on some systems a folder
        named `facedesk` there would be the data folder itself."""
        if self._folder is not None:
            return self._folder
        if given := os.environ.get("FACEDESK_KEYS"):
            return Path(given).expanduser()
        import platformdirs

        return Path(platformdirs.user_config_path("facedesk-keys", appauthor=False)).expanduser()

    def path(self, slot: str) -> Path:
        return self.folder / f"{slot}.key"

    def make(self, slot: str) -> tuple[bytes, More]:
        secret = secrets.token_bytes(WRAPPING_BYTES)
        path = self.path(slot)
        try:
            path.parent.mkdir(0o700, parents=True, exist_ok=True)
            write_durably(path, secret.hex().encode() + b"\n")
        except OSError as error:
            raise SealingError(
                Sentence("to be allowed to write the key's file {}", path),
                Sentence("that is not possible ({})", error.strerror or str(error)),
                "Change the permissions, or name another folder with FACEDESK_KEYS",
            ) from error
        return secret, {}

    def fetch(self, slot: str, more: More) -> bytes:
        path = self.path(slot)
        try:
            secret = bytes.fromhex(path.read_text("ascii"))
        except FileNotFoundError:
            raise SealingError(
                Sentence("the key's file {}", path), "it is not there", PUT_BACK
            ) from None
        except OSError as error:
            raise SealingError(
                Sentence("to be allowed to read the key's file {}", path),
                Sentence("that is not possible ({})", error.strerror or str(error)),
                "Change the permissions",
            ) from error
        except ValueError:
            secret = b""
        if len(secret) != WRAPPING_BYTES:
            raise SealingError(Sentence("an intact key's file {}", path), "it is damaged", PUT_BACK)
        return secret

    def forget(self, slot: str) -> None:
        path = self.path(slot)
        try:
            with path.open("r+b") as file:
                file.write(bytes(2 * WRAPPING_BYTES))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        except FileNotFoundError:
            pass
        except OSError as error:
            raise SealingError(
                Sentence("to be allowed to delete the key's file {}", path),
                Sentence("that is not possible ({})", error.strerror or str(error)),
                "Delete it by hand",
            ) from error


PUT_BACK = Sentence(
    "Put it back from a backup, or type the recovery sheet's words: facedesk key restore"
)


class KeyringHolder:
    """The keyring of the account: Secret Service, Keychain or Windows' credential locker.

    A process of its own asks it: some keyrings wait for somebody, and some print.
    """

    name = "keyring"
    what = Sentence("the keyring of this account")
    keeps_out = Sentence("whoever has the disk without the account's password")

    def __init__(self, ask: Path | None = None) -> None:
        self._ask = ask or Path(__file__).with_name("keyring_process.py")

    def make(self, slot: str) -> tuple[bytes, More]:
        secret = secrets.token_bytes(WRAPPING_BYTES)
        self._asked("set", slot, secret.hex())
        if self.fetch(slot, {}) != secret:
            raise _no_keyring()
        return secret, {}

    def fetch(self, slot: str, more: More) -> bytes:
        answer = self._asked("get", slot)
        if not answer:
            raise SealingError(
                Sentence("the key {} in this account's keyring", slot), "it is not there", PUT_BACK
            )
        return bytes.fromhex(answer)

    def forget(self, slot: str) -> None:
        self._asked("delete", slot)

    def _asked(self, what: str, slot: str, secret: str = "") -> str:
        import subprocess

        try:
            done = subprocess.run(
                [sys.executable, "-I", str(self._ask), what, slot],
                input=secret,
                capture_output=True,
                text=True,
                timeout=KEYRING_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _no_keyring() from error
        if done.returncode:
            raise _no_keyring()
        return done.stdout.strip()


def _no_keyring() -> SealingError:
    return SealingError(
        "the keyring of this account to answer",
        "it does not, or is locked",
        "Log in at the screen and unlock the keyring, then start Facedesk again",
    )


class TpmHolder:
    """The computer's security chip, by systemd-creds: the secret opens on this computer alone."""

    name = "tpm"
    what = Sentence("this computer's security chip (TPM)")
    keeps_out = Sentence("whoever has the disk without this computer")

    def make(self, slot: str) -> tuple[bytes, More]:
        secret = secrets.token_bytes(WRAPPING_BYTES)
        sealed = _systemd_creds("encrypt", "--with-key=tpm2", f"--name={slot}", given=secret)
        more = {"credential": b64encode(sealed).decode()}
        if self.fetch(slot, more) != secret:
            raise _no_tpm("the chip gave another key back")
        return secret, more

    def fetch(self, slot: str, more: More) -> bytes:
        try:
            sealed = b64decode(str(more["credential"]), validate=True)
        except (KeyError, ValueError) as error:
            raise _no_tpm("the key file does not have what the chip has sealed") from error
        return _systemd_creds("decrypt", f"--name={slot}", given=sealed)

    def forget(self, slot: str) -> None:
        """Nothing is kept in the chip: what it has sealed stands in the key file."""


def _systemd_creds(verb: str, *options: str, given: bytes) -> bytes:
    import subprocess

    try:
        done = subprocess.run(
            ["systemd-creds", verb, *options, "-", "-"],
            input=given,
            capture_output=True,
            timeout=TPM_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _no_tpm("systemd-creds does not run") from error
    if done.returncode:
        raise _no_tpm("systemd-creds cannot use it")
    return done.stdout


def _no_tpm(found: str) -> SealingError:
    return SealingError(
        "this computer's security chip to keep the key",
        found,
        "Choose another holder, or type the recovery sheet's words: facedesk key restore",
    )


def write_durably(path: Path, content: bytes) -> None:
    """Write a private file so that it is whole, and on the disk, once it has its name."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that the names of files in a folder are on the disk, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
