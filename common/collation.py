"""The order of names in lists, tables and exports: one for all, whatever the system's locale.

Letters come first, their accents only where names are else the same, as Unicode collates
(UTS #10); case counts for nothing. Letters that are no accented ones stand behind their like: đ
between d and e. Accents stand in the Vietnamese order: grave, hook, tilde, acute, dot; a letter
with breve, circumflex or horn after the plain one with any tone. Scripts follow each other by code
points.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

SortKey = tuple[str, str]
"""Letters and accents: what is compared, in this order."""

_LATIN = {chr(ord("a") + i): chr(0xA0 + 8 * i) for i in range(26)}

_OWN_LETTERS = {
    "đ": ("d", 1),
    "ð": ("d", 2),
    "ǝ": ("e", 1),
    "ə": ("e", 2),
    "ħ": ("h", 1),
    "ı": ("i", 1),
    "ł": ("l", 1),
    "ŋ": ("n", 1),
    "ø": ("o", 1),
    "ŧ": ("t", 1),
    "þ": ("t", 2),
}

_LETTERS = str.maketrans(
    {
        **_LATIN,
        **{letter: chr(ord(_LATIN[near]) + step) for letter, (near, step) in _OWN_LETTERS.items()},
        "æ": _LATIN["a"] + _LATIN["e"],
        "œ": _LATIN["o"] + _LATIN["e"],
        **dict.fromkeys("\u2018\u2019\u02bc\u2032", "'"),
        **dict.fromkeys("\u2010\u2011\u2013\u2014", "-"),
        "\u00a0": " ",
        **{chr(code): chr(code - 0x60) for code in range(0x30A1, 0x30F7)},  # katakana: hiragana
    }
)
"""Latin letters have gaps between them, below all other scripts."""

_TONES = {0x0300: 2, 0x0309: 3, 0x0303: 4, 0x0301: 5, 0x0323: 6}
_MADE_LETTERS = {0x0306: 0x2000, 0x0302: 0x2001, 0x031B: 0x2002}
_NONE, _OTHERS = "\1", 0x100


@lru_cache(maxsize=1 << 17)
def sort_key(name: str) -> SortKey:
    """Return what a name is sorted by; names that differ in case alone have the same."""
    if name.isascii():
        return name.lower().translate(_LETTERS), ""
    parts = [_weights(one) for one in unicodedata.normalize("NFC", name).casefold()]
    letters, accents = ("".join(part[i] for part in parts) for i in (0, 1))
    return letters, accents.rstrip(_NONE)


@lru_cache(maxsize=1 << 14)
def _weights(character: str) -> SortKey:
    """Return what one character counts among letters, and among accents."""
    letters, accents = "", ""
    marks: list[int] = []
    for one in unicodedata.normalize("NFKD", character):
        code = ord(one)
        if unicodedata.combining(one):
            marks.append(_TONES.get(code) or _MADE_LETTERS.get(code) or _OTHERS + code % 0xF00)
        else:
            letters += one
            accents += _NONE
    return letters.translate(_LETTERS), accents + "".join(map(chr, sorted(marks, reverse=True)))
