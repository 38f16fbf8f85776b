"""The settings: one TOML file in the user's Facedesk folder, each with a title and bounds."""

from __future__ import annotations

import re
import tomllib
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, inspect

from common.errors import SettingsError
from common.output_file import make_folder, output_file
from common.sentence import Sentence
from station.liveness_modes import FORMER_LIVENESS
from station.settings import StationSettings

_NAMED = re.compile(r"`\$\.([\w.]+)`")
"""Where msgspec says which setting it means."""

PRIVATE = 0o600
"""The file mode: only its owner may read and write it."""

_FIRST = "# Facedesk's settings. What is not here has its default."
_LAST = "# The end of Facedesk's settings."
"""Each file that the program writes begins and ends with these lines. A file without its end was
cut off, and must not count as defaults. A file written by hand needs neither."""

_REMEDY = Sentence("Put a backup copy in its place, or delete the file to begin with the defaults")


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the user may choose. A setting that the file lacks has its default."""

    language: Annotated[
        str,
        Meta(
            title="Language",
            description="Of the windows and their messages",
            min_length=1,
        ),
    ] = "system"
    theme: Annotated[
        Literal["system", "light", "dark"],
        Meta(
            title="Theme",
            description="Light or dark windows; system follows the computer's own. The station's "
            "cards are light in any case",
        ),
    ] = "system"
    source: Annotated[
        str,
        Meta(
            title="Camera",
            description="A camera's number, or camera: and its name; a video file, the address of "
            "a stream or of snapshots, or demo",
            min_length=1,
        ),
    ] = "0"
    width: Annotated[
        int, Meta(title="Width", description="Asked of the camera, pixels", ge=160, le=7680)
    ] = 640
    height: Annotated[
        int, Meta(title="Height", description="Asked of the camera, pixels", ge=120, le=4320)
    ] = 480
    fps: Annotated[
        float, Meta(title="Rate", description="Asked of the camera, frames a second", ge=1, le=240)
    ] = 30.0
    detector: Annotated[
        str,
        Meta(
            title="Detector",
            description="Finds the faces; facedesk models add adds others",
            min_length=1,
        ),
    ] = "mtcnn"
    smallest_face: Annotated[
        float,
        Meta(
            title="Smallest face",
            description="Pixels of the picture; 40 suits a webcam, 20 a crowd, at three times "
            "the time",
            ge=12,
            le=1000,
        ),
    ] = 40.0
    embedder: Annotated[
        str,
        Meta(
            title="Embedder",
            description="Compares the faces. For another one, the window offers to embed the stored"
            " pictures anew",
            min_length=1,
        ),
    ] = "sface"
    embedder_weights: Annotated[
        str,
        Meta(title="Weights file", description="For FaceNet, where its download is not possible"),
    ] = ""
    device: Annotated[
        str,
        Meta(
            title="Device",
            description="Runs the models",
            min_length=1,
        ),
    ] = "auto"
    fpir: Annotated[
        float,
        Meta(
            title="False alarms",
            description="How many strangers may be given a name at one look (FPIR); "
            "the threshold follows from it and from the gallery's size",
            gt=0,
            le=0.2,
        ),
    ] = 0.001
    classifier: Annotated[
        str,
        Meta(
            title="Classifier",
            description="The name of a trained one (facedesk train) that says who is meant of "
            "those whom a face resembles; empty for the gallery's own order",
        ),
    ] = ""
    enrollment_frames: Annotated[
        int,
        Meta(title="Frames to enroll", description="Accepted pictures of a person", ge=5, le=500),
    ] = 50
    ask_consent: Annotated[
        bool,
        Meta(
            title="Consent",
            description="Nobody is enrolled who has not agreed to your text; it is kept with them",
        ),
    ] = False
    consent_text: Annotated[
        str,
        Meta(
            title="Consent text",
            description="The file with your text, such as consent.txt; beside it there may be one "
            "for each language, such as consent.vi.txt",
        ),
    ] = ""
    retention_days: Annotated[
        int,
        Meta(
            title="Kept for",
            description="Days after which it is asked whether somebody is to be erased; 0: never",
            ge=0,
            le=36500,
        ),
    ] = 0
    retention_since: Annotated[
        Literal["last seen", "enrollment"],
        Meta(
            title="Counted from",
            description="last seen is the newest check-in or picture; without any, the enrollment",
        ),
    ] = "last seen"
    retention_erases: Annotated[
        bool,
        Meta(
            title="Erase by itself",
            description="Erase whoever is over that age once it was asked for as long as below",
        ),
    ] = False
    retention_grace_days: Annotated[
        int,
        Meta(
            title="Grace",
            description="Days between the first question and the erasure",
            ge=1,
            le=3650,
        ),
    ] = 30
    show_statistics: Annotated[
        bool, Meta(title="Statistics", description="Show the line of rates and times")
    ] = True
    show_life: Annotated[
        bool,
        Meta(
            title="Life signs",
            description="Show beside each name whether the face looks alive, or flat as a picture",
        ),
    ] = True
    backup_folder: Annotated[
        str,
        Meta(
            title="Backup folder",
            description="Sealed backups of everything go there, best on another disk; empty for"
            " none",
        ),
    ] = ""
    backup_every: Annotated[
        Literal["hour", "day", "week"],
        Meta(title="Backup every", description="How often one is made while Facedesk runs"),
    ] = "day"
    backup_keep: Annotated[
        int,
        Meta(
            title="Backups kept",
            description="The oldest beyond this number are deleted, and with them whoever was"
            " erased since",
            ge=1,
            le=1000,
        ),
    ] = 7
    station: StationSettings = StationSettings()


SECTIONS = {
    "Window": ("language", "theme", "show_statistics", "show_life"),
    "Picture": ("source", "width", "height", "fps"),
    "Recognition": (
        "detector",
        "smallest_face",
        "embedder",
        "embedder_weights",
        "device",
        "fpir",
        "classifier",
    ),
    "Enrollment": ("enrollment_frames", "ask_consent", "consent_text"),
    "Backups": ("backup_folder", "backup_every", "backup_keep"),
    "Retention": (
        "retention_days",
        "retention_since",
        "retention_erases",
        "retention_grace_days",
    ),
    "Station": ("station",),
}
"""The settings in the order in which they are shown; a table has a section of its own."""

IMMEDIATE = frozenset({"language", "theme", "show_statistics"})
"""The settings that take effect at once; the others do at the next start."""


def load_settings(path: Path) -> Settings:
    """Read the settings from a file; where there is no file, return the defaults.

    Raises SettingsError for a file that cannot be read, that is empty or was cut off, and for a
    setting that is unknown or out of bounds; the file stays as it is.
    """
    try:
        return msgspec.convert(_renewed(tomllib.loads(_text(path))), Settings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _not_valid(path, error) from error


def _renewed(table: dict[str, Any]) -> dict[str, Any]:
    """Put what earlier releases have written into the words of this one."""
    station = table.get("station")
    if isinstance(station, dict) and isinstance(said := station.get("liveness"), str):
        table["station"] = {**station, "liveness": FORMER_LIVENESS.get(said, said)}
    return table


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings that differ from the defaults; the others follow the program's defaults.

    Settings that did not change stay in the file as they are written there, with comments and
    order.
    The file is replaced whole or not at all. Only its owner may read it: a stream's address may
    hold a password. Raises SettingsError, also for a file that is not TOML, which stays as it is.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(_text(path))
    except TOMLKitError as error:
        raise _not_valid(path, error) from error
    _update(document, msgspec.to_builtins(settings), msgspec.to_builtins(Settings()))
    make_folder(path.parent, SettingsError, private=True)
    with output_file(path, SettingsError, overwrite=True) as fresh:
        fresh.write_text(_whole(document.as_string()), "utf-8")


def _whole(text: str) -> str:
    """Add a first and a last line to the text; a file that lacks one of them was cut off."""
    inner = "\n".join(line for line in text.split("\n") if line.rstrip("\r") not in (_FIRST, _LAST))
    return f"{_FIRST}\n{inner.rstrip()}\n{_LAST}\n" if inner.strip() else f"{_FIRST}\n{_LAST}\n"


def _text(path: Path) -> str:
    """Read the file; return an empty text where there is none.

    From then on only its owner may read it, as far as the system allows that: a stream's address
    may hold a password.
    """
    try:
        text = path.read_text("utf-8-sig")  # Windows's editors may write a mark
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            Sentence("settings in {}", path),
            Sentence("the file cannot be read ({})", error),
            "Mend or delete it",
        ) from error
    with suppress(OSError):  # it may be an administrator's, for us to read
        if path.stat().st_mode & 0o077:
            path.chmod(PRIVATE)
    if not text.strip():
        raise SettingsError(Sentence("settings in {}", path), "the file is empty", _REMEDY)
    # So that a file that was cut within its first line is noticed, too.
    if (_FIRST in text or _FIRST.startswith(text.strip())) and _LAST not in text:
        raise SettingsError(
            Sentence("settings in {} to end as they were written", path),
            Sentence("their last line, {}, is missing", repr(_LAST)),
            _REMEDY,
        )
    return text


def _not_valid(path: Path, error: Exception) -> SettingsError:
    told = str(error)
    choices = _choices_at(told)
    return SettingsError(
        Sentence("valid settings in {}", path),
        Sentence("this was found: {}", told.replace("$.", "")),
        Sentence("Set one of these: {}; or delete the line", ", ".join(choices))
        if choices
        else "Correct or delete the line",
    )


def _choices_at(told: str) -> list[str]:
    """Return what the setting may be that msgspec's message names, where it is one of a few."""
    named = _NAMED.search(told)
    kind: inspect.Type = inspect.type_info(Settings)
    for name in named[1].split(".") if named else ():
        if not isinstance(kind, inspect.StructType):
            return []
        kind = next((f.type for f in kind.fields if f.name == name), kind)
        kind = kind.type if isinstance(kind, inspect.Metadata) else kind
    return [repr(value) for value in kind.values] if isinstance(kind, inspect.LiteralType) else []


def _update(
    table: MutableMapping[str, Any], values: dict[str, Any], defaults: dict[str, Any]
) -> None:
    """Change a table of the file so that it has these values; it need not contain defaults."""
    for name, value in values.items():
        default = defaults[name]
        if isinstance(value, dict):
            inner = table.get(name, {})
            _update(inner, value, default)
            if inner and name not in table:
                table[name] = inner
            elif not inner:
                table.pop(name, None)
        elif value != table.get(name, default):
            if value == default:
                del table[name]
            else:
                table[name] = value
