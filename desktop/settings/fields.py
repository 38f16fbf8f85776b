"""Reads the settings one by one from their definitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, get_type_hints

import msgspec
from msgspec import inspect

from common.errors import SettingsError, WeightsError
from common.sentence import Sentence
from desktop.settings.choices import OFFERS, Choice, Path
from desktop.settings.file import IMMEDIATE, Settings, load_settings, save_settings
from station.actions import door_command as command
from station.actions import webhook
from station.hours import OpeningHours

_FILES: frozenset[Path] = frozenset(
    {("embedder_weights",), ("consent_text",), ("station", "liveness_network")}
)
_SHARES: frozenset[Path] = frozenset({("fpir",)})


def _check_embedder(name: str) -> None:
    from models.embedders.loading import check_embedder

    try:
        check_embedder(name)
    except WeightsError as error:
        raise SettingsError(error.expected, error.found, error.remedy) from error


def _check_detector(name: str) -> None:
    from models.detectors.loading import check_detector

    try:
        check_detector(name)
    except WeightsError as error:
        raise SettingsError(error.expected, error.found, error.remedy) from error


_READERS: Mapping[Path, Callable[[str], object]] = {
    ("detector",): _check_detector,
    ("embedder",): _check_embedder,
    ("station", "opening_hours"): OpeningHours.parse,
    ("station", "webhook"): webhook.check_address,
    ("station", "webhook_secret"): webhook.key,
    ("station", "command"): command.words,
}
"""For each setting whose text has a form of its own: the function that reads it."""


@dataclass(frozen=True)
class Field:
    """One setting.

    kind: its type and bounds. annotation: the same, for msgspec.convert.
    """

    path: Path
    title: str
    description: str
    kind: inspect.Type
    annotation: Any

    @property
    def is_immediate(self) -> bool:
        """Whether a change takes effect at once, and not only at the next start."""
        return self.path[0] in IMMEDIATE

    @property
    def is_secret(self) -> bool:
        """Whether the setting is hidden while it is typed, as a password is."""
        return self.path[-1].endswith("_secret")

    @property
    def choices(self) -> Sequence[Choice]:
        """What may be chosen for a setting that takes any text; empty where nothing is offered."""
        offer = OFFERS.get(self.path)
        return offer() if offer is not None else ()

    @property
    def is_file(self) -> bool:
        """Whether the setting is the path of a file that is there already."""
        return self.path in _FILES

    @property
    def is_share(self) -> bool:
        """Whether the setting is a small share, which people say as one in so many."""
        return self.path in _SHARES

    @property
    def default(self) -> Any:
        return value_at(Settings(), self.path)

    def allows(self, value: object) -> bool:
        """Return whether the value has the right type and is within the bounds."""
        try:
            msgspec.convert(value, self.annotation)
        except msgspec.ValidationError:
            return False
        return True

    def fault_of(self, value: object) -> str:
        """Return, as a sentence, why the text cannot be used by the code that reads it.

        The result is empty where it can be used, where it is empty, and where nothing reads it.
        """
        read = _READERS.get(self.path)
        if read is None or not isinstance(value, str) or not value:
            return ""
        try:
            read(value)
        except SettingsError as error:
            return error.sentence
        return ""


def fields(path: Path = (), table: type[msgspec.Struct] = Settings) -> Iterator[Field]:
    """Yield every setting of a table and of the tables in it, in their order."""
    annotations = get_type_hints(table, include_extras=True)
    definition = inspect.type_info(table)
    assert isinstance(definition, inspect.StructType)
    for field in definition.fields:
        kind = field.type
        told: dict[str, str] = {}
        if isinstance(kind, inspect.Metadata):
            told = kind.extra_json_schema or {}
            kind = kind.type
        here = (*path, field.name)
        if isinstance(kind, inspect.StructType):
            yield from fields(here, kind.cls)
        else:
            yield Field(here, told["title"], told["description"], kind, annotations[field.name])


def value_at(settings: Settings, path: Path) -> Any:
    value: Any = settings
    for name in path:
        value = getattr(value, name)
    return value


def with_values(settings: Settings, values: Mapping[Path, object]) -> Settings:
    """Return the settings with these values replaced. Raises msgspec.ValidationError."""
    whole = msgspec.to_builtins(settings)
    for (*tables, name), value in values.items():
        table = whole
        for inner in tables:
            table = table[inner]
        table[name] = value
    return msgspec.convert(whole, Settings)


def change_settings(file: FilePath, values: Mapping[Path, object]) -> None:
    """Write other values of settings into the file; all else in it stays as it is.

    Raises SettingsError where it cannot be read or written, or a value cannot stand.
    """
    try:
        changed = with_values(load_settings(file), values)
    except msgspec.ValidationError as error:
        raise SettingsError(
            "a value that the setting may have",
            Sentence("this was found: {}", str(error).replace("$.", "")),
            "Choose another one",
        ) from error
    save_settings(file, changed)
