"""Checks names and notes: they may be in any script, but must be visible and storable text."""

from __future__ import annotations

import unicodedata

from common.errors import GalleryError
from common.sentence import Sentence

LONGEST_NAME = 200
"""The most characters of a name (code points, after normalization)."""

_FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}  # controls, lone surrogates, line and paragraph separators

_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffc\U0001d159\U00013441\U00013442")
"""Characters that Unicode counts as letters or symbols but that are drawn as nothing: the Hangul
fillers, the blank of Braille, the object replacement, the null notehead, the Egyptian blanks."""

DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates (UAX #9), which make text read as something else than it is,
also the text after it."""

_DIRECTION_MARKS = frozenset("\u200e\u200f\u061c")


def normalized_name(name: str) -> str:
    """Return `name` in Unicode's NFC form without surrounding space, as the gallery keeps it.

    Joiners and other format characters stay: Persian and the Indic scripts need them. Direction
    marks stay in a name that runs in both directions; elsewhere they only mislead.
    Raises GalleryError where nothing visible is left, or it is too long or holds a control
    character, or what turns the direction of text.
    """
    text = unicodedata.normalize("NFC", name).strip()
    if not any(unicodedata.category(c)[0] in "LNPS" for c in text):
        raise GalleryError("a name", "it is empty", "Type the person's name")
    if not any(unicodedata.category(c)[0] in "LNPS" for c in text if c not in _BLANK):
        raise GalleryError("a name", "nothing of it can be seen", "Type the person's name")
    if len(text) > LONGEST_NAME:
        raise GalleryError(
            Sentence("a name of at most {} characters", LONGEST_NAME),
            Sentence("this one has {}", len(text)),
            "Shorten the name; the rest may go into the note",
        )
    if any(unicodedata.category(c) in _FORBIDDEN for c in text):
        raise GalleryError(
            "a name on one line",
            "it holds a control character such as a line break or a tab",
            "Type the name again without it",
        )
    if _turns(text) or (_DIRECTION_MARKS & set(text) and not _runs_both_ways(text)):
        raise GalleryError(
            "a name that reads as it is written",
            "it holds an invisible character that changes the direction of text",
            "Type the name again by hand: what is copied may have it",
        )
    return text


def normalized_note(note: str) -> str:
    """Return `note` in NFC without surrounding space; it may be empty or have several lines.

    Raises GalleryError where it cannot be written as UTF-8, or turns the direction of text.
    """
    text = unicodedata.normalize("NFC", note).strip()
    if any(unicodedata.category(c) == "Cs" for c in text):
        raise GalleryError(
            "a note in Unicode text", "it holds half a character", "Type the note again"
        )
    if _turns(text):
        raise GalleryError(
            "a note that reads as it is written",
            "it holds an invisible character that changes the direction of text",
            "Type the note again by hand: what is copied may have it",
        )
    return text


def _turns(text: str) -> bool:
    return not DIRECTION_CONTROLS.isdisjoint(text)


def _runs_both_ways(text: str) -> bool:
    directions = {unicodedata.bidirectional(c) for c in text if c not in _DIRECTION_MARKS}
    return not directions.isdisjoint({"R", "AL"}) and not directions.isdisjoint({"L", "EN", "AN"})
