"""The program's languages without Qt, for what commands write: reads the files that lrelease makes.

A .qm file is a magic number and sections; one has the place of each message in another one, where a
message is a list of tagged strings. The format: qtbase, src/corelib/kernel/qtranslator.cpp.
"""

from __future__ import annotations

import locale
import os
import struct
import sys
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from common.number_signs import as_number, signs_of
from common.sentence import ENGLISH, Language

CONTEXT = "Sentences"
"""Under which Sentences stand in the files."""

_SYSTEM = "system"
_FOLDER = Path(__file__).parent

_MAGIC_BYTES = 16
_PLACES, _MESSAGES = 0x42, 0x69
_END, _TRANSLATION, _OBSOLETE, _SOURCE, _CONTEXT, _COMMENT = 1, 3, 5, 6, 7, 8


def spoken(choice: str) -> Language:
    """Return the language that the setting `language` stands for; English where it is not known."""
    wanted = _of_the_system() if choice == _SYSTEM else choice
    for code in (wanted, wanted.partition("_")[0]):
        file = _FOLDER / f"facedesk_{code}.qm"
        if code and file.is_file():
            decimal, thousands = signs_of(code)
            return Language(
                code.replace("_", "-"),
                partial(_look_up, read_sentences(file)),
                partial(as_number, decimal=decimal, thousands=thousands),
            )
    return ENGLISH


@cache
def read_sentences(file: Path) -> Mapping[str, str]:
    """Return the translations of the Sentences by their templates."""
    sections = _sections(file.read_bytes())
    messages = sections[_MESSAGES]
    places = (place for _, place in struct.iter_unpack(">II", sections[_PLACES]))
    found = {}
    for place in places:
        parts = _message(messages, place)
        if parts.get(_CONTEXT) == CONTEXT.encode():
            found[parts[_SOURCE].decode()] = parts[_TRANSLATION].decode("utf-16-be")
    return found


def _look_up(known: Mapping[str, str], text: str) -> str:
    return known.get(text, text)


def _sections(data: bytes) -> dict[int, bytes]:
    found, place = {}, _MAGIC_BYTES
    while place < len(data):
        tag, length = struct.unpack_from(">BI", data, place)
        found[tag] = data[place + 5 : place + 5 + length]
        place += 5 + length
    return found


def _message(messages: bytes, place: int) -> dict[int, bytes]:
    parts: dict[int, bytes] = {}
    while (tag := messages[place]) != _END:
        if tag == _OBSOLETE:
            place += 5
            continue
        (length,) = struct.unpack_from(">I", messages, place + 1)
        parts[tag] = messages[place + 5 : place + 5 + length]
        place += 5 + length
    return parts


def _of_the_system() -> str:
    """Return the code of the computer's own language, such as vi_VN; empty where it names none."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name].partition(".")[0]
    if sys.platform == "win32":
        import ctypes

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    return ""
