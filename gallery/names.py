"""What may stand as a person's name or note: any script, but text that can be seen and stored."""

from __future__ import annotations

import unicodedata

from facedesk_errors import GalleryError

LONGEST_NAME = 200
"""Characters (code points, after normalization)."""

_FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}  # controls, lone surrogates, line and paragraph separators


def normalized_name(name: str) -> str:
    """`name` in Unicode's NFC form without surrounding space, as the gallery keeps it.

    Joiners and other format characters stay: Persian and the Indic scripts need them.
    Raises GalleryError where nothing visible is left, or it is too long or holds a control
    character.
    """
    text = unicodedata.normalize("NFC", name).strip()
    if not any(unicodedata.category(c)[0] in "LNPS" for c in text):
        raise GalleryError("a name", "it is empty", "Type the person's name")
    if len(text) > LONGEST_NAME:
        raise GalleryError(
            f"a name of at most {LONGEST_NAME} characters",
            f"this one has {len(text)}",
            "Shorten the name; the rest may go into the note",
        )
    if any(unicodedata.category(c) in _FORBIDDEN for c in text):
        raise GalleryError(
            "a name on one line",
            "it holds a control character such as a line break or a tab",
            "Type the name again without it",
        )
    return text


def normalized_note(note: str) -> str:
    """`note` in NFC without surrounding space; may be empty and have several lines.

    Raises GalleryError where it cannot be written as UTF-8.
    """
    text = unicodedata.normalize("NFC", note).strip()
    if any(unicodedata.category(c) == "Cs" for c in text):
        raise GalleryError(
            "a note in Unicode text", "it holds half a character", "Type the note again"
        )
    return text
