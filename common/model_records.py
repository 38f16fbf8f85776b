"""Small records that belong to one model each, kept in a folder: a JSON file a model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote

import msgspec

from common.errors import FacedeskError, SettingsError
from common.output_file import make_folder, output_file
from common.sentence import Sentence


class _OfAModel(Protocol):
    @property
    def model_id(self) -> str: ...


_Record = TypeVar("_Record", bound=_OfAModel)


class _Versioned(msgspec.Struct, frozen=True):
    version: int


_DIGEST = "sha256"
"""The field beside a record's own: of the record, so that one that was damaged is not believed."""


def _digest(record: object) -> str:
    return hashlib.sha256(msgspec.json.encode(record)).hexdigest()


@dataclass(frozen=True)
class ModelRecords(Generic[_Record]):
    """Reads and writes the records of a folder, which need not exist.

    Its methods raise SettingsError where the disk is at fault, and what `unreadable` makes of a
    damaged file: no other record takes its place.

    form: the records' class, a msgspec.Struct with a field `version`, of which the newest that is
    understood is `version`. unreadable: makes the error of a file and what is wrong with it.
    """

    folder: Path
    form: type[_Record]
    version: int
    unreadable: Callable[[Path, str], FacedeskError]

    def of(self, model_id: str) -> _Record | None:
        """Return the model's record; None where there is none."""
        path = self._path(model_id)
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self.unreadable(path, error.strerror or str(error)) from error
        try:
            if msgspec.json.decode(content, type=_Versioned).version > self.version:
                raise self.unreadable(path, Sentence("a newer Facedesk has written it"))
            values = msgspec.json.decode(content, type=dict[str, Any])
            digest = values.pop(_DIGEST, None)  # earlier releases wrote none
            found = msgspec.convert(values, type=self.form)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self.unreadable(path, str(error)) from error
        if digest is not None and digest != _digest(found):
            raise self.unreadable(path, Sentence("it is not as it was written"))
        if found.model_id != model_id:
            raise self.unreadable(path, Sentence("it is of the model {}", found.model_id))
        return found

    def keep(self, record: _Record) -> None:
        """Write a record in the place of an earlier one of its model: whole, or not at all."""
        make_folder(self.folder, SettingsError, private=True)
        path = self._path(record.model_id)
        with output_file(path, SettingsError, overwrite=True) as fresh:
            values = {**msgspec.to_builtins(record), _DIGEST: _digest(record)}
            fresh.write_bytes(msgspec.json.format(msgspec.json.encode(values)) + b"\n")

    def delete(self, model_id: str) -> bool:
        """Delete the model's record; return whether there was one."""
        path = self._path(model_id)
        try:
            path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise SettingsError(
                Sentence("to be able to delete {}", path),
                Sentence("that failed ({})", error.strerror or error),
                "Mend the folder's permissions and try again",
            ) from error
        return True

    def _path(self, model_id: str) -> Path:
        return self.folder / f"{quote(model_id, safe='+')}.json"
