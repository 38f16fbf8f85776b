"""The file `key.json` of a home: its data keys, each wrapped by a key that a holder keeps.

There is one key, but for the time of a rotation, when there are two. Nothing in it is secret.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from common.errors import SealingError
from common.sealing.data_key import DataKey
from common.sealing.holders import PUT_BACK, KeyHolder, write_durably
from common.sealing.records import NONCE_BYTES
from common.sentence import Sentence

KEY_FILE = "key.json"

_FORMAT = 1


@dataclass(frozen=True)
class WrappedKey:
    """A data key as the file has it. id: of the data key. holder: the name of who keeps the key
    that opens it, in the slot. more: what this holder needs beside it."""

    id: bytes
    holder: str
    slot: str
    wrapped: bytes
    more: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def _bound(self) -> bytes:
        return msgspec.msgpack.encode(
            ("facedesk: wrapped data key", _FORMAT, self.id, self.holder, self.slot)
        )

    def unwrapped(self, holder: KeyHolder) -> DataKey:
        """Return the data key. Raises SealingError where the holder has none, or another one."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        wrapping = holder.fetch(self.slot, self.more)
        nonce, sealed = self.wrapped[:NONCE_BYTES], self.wrapped[NONCE_BYTES:]
        try:
            key = DataKey(AESGCM(wrapping).decrypt(nonce, sealed, self._bound))
        except (InvalidTag, ValueError) as error:
            raise _another_key(holder) from error
        if key.id != self.id:
            raise _another_key(holder)
        return key


def wrap(key: DataKey, home: str, holder: KeyHolder) -> WrappedKey:
    """Let the holder keep a data key. Raises SealingError where it cannot."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    slot = f"{home}-{key.id.hex()}-{secrets.token_hex(4)}"
    wrapping, more = holder.make(slot)
    bare = WrappedKey(key.id, holder.name, slot, b"", more)
    nonce = os.urandom(NONCE_BYTES)
    return replace(bare, wrapped=nonce + AESGCM(wrapping).encrypt(nonce, key.secret, bare._bound))


@dataclass(frozen=True)
class KeyFile:
    """home: names the home, 32 hexadecimal digits. keys: the last one is the current one, with
    which is sealed from now on; others are those that a rotation is about to end."""

    home: str
    keys: tuple[WrappedKey, ...]

    def written(self) -> bytes:
        keys = [
            {
                "id": key.id.hex(),
                "holder": key.holder,
                "slot": key.slot,
                "wrapped": b64encode(key.wrapped).decode(),
                "more": dict(key.more),
            }
            for key in self.keys
        ]
        content = {"facedesk key file": _FORMAT, "home": self.home, "keys": keys}
        content["sha256"] = _digest(content)
        return json.dumps(content, indent=1).encode() + b"\n"


def read_key_file(path: Path) -> KeyFile | None:
    """Return what the file says; None where there is none. Raises SealingError."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SealingError(
            Sentence("to be allowed to read {}", path),
            Sentence("that is not possible ({})", error.strerror or str(error)),
            "Change the permissions",
        ) from error
    try:
        return _parsed(json.loads(content))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise SealingError(
            Sentence("an intact key file {}", path), "it is damaged", PUT_BACK
        ) from error


def _digest(content: Mapping[str, Any]) -> str:
    """Return what tells a file that was damaged, by chance, from one that another holder wrote."""
    told = {name: value for name, value in content.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _parsed(content: Any) -> KeyFile:
    if set(content) - {"facedesk key file", "home", "keys", "sha256"}:
        raise ValueError("unknown values")
    if "sha256" in content and content["sha256"] != _digest(content):  # earlier releases wrote none
        raise ValueError("another content than was written")
    if content["facedesk key file"] != _FORMAT or not content["keys"]:
        raise ValueError("of another version")
    return KeyFile(
        str(content["home"]),
        tuple(
            WrappedKey(
                bytes.fromhex(key["id"]),
                str(key["holder"]),
                str(key["slot"]),
                b64decode(key["wrapped"], validate=True),
                dict(key["more"]),
            )
            for key in content["keys"]
        ),
    )


def create_key_file(path: Path, content: KeyFile) -> bool:
    """Write the file where there is none; return whether there was none."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        write_durably(fresh, content.written())
        try:
            os.link(fresh, path)
        except FileExistsError:
            return False
        except OSError:  # a file system without links
            if path.exists():
                return False
            fresh.rename(path)
    finally:
        fresh.unlink(missing_ok=True)
    return True


def replace_key_file(path: Path, content: KeyFile) -> None:
    write_durably(path, content.written())


def _another_key(holder: KeyHolder) -> SealingError:
    if holder.name == "passphrase":
        return SealingError("the passphrase of this home", "this is another one", "Type it again")
    return SealingError(
        Sentence("the key that {} keeps to open this home's key file", holder.what),
        "it is another home's, or the key file was changed",
        PUT_BACK,
    )
