"""Prepares names to be shown beside other text, and to be searched without case and accents."""

from __future__ import annotations

import unicodedata

from gallery.names import DIRECTION_CONTROLS

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"

_NO_CONTROLS = dict.fromkeys(map(ord, DIRECTION_CONTROLS))


def isolated(name: str) -> str:
    """Return the name so that it cannot change the order of the text around it (UAX #9, isolates).

    Names with direction controls are refused today, but a file's name or an older gallery may
    have them.
    """
    return f"{FIRST_STRONG_ISOLATE}{name.translate(_NO_CONTROLS)}{POP_ISOLATE}"


def short(name: str, most: int = 24) -> str:
    """Return at most `most` characters of a name, isolated: names may be longer than a button."""
    return isolated(name if len(name) <= most else name[: most - 1] + "…")


def folded(text: str) -> str:
    """Return the text as a search compares it, without case and accents.

    "pham duc" so finds Phạm Đức.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold()).replace("đ", "d")
    return "".join(c for c in decomposed if not unicodedata.combining(c))
