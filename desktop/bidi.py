"""Names beside other text, whatever direction their script runs in."""

from __future__ import annotations

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def isolated(name: str) -> str:
    """The name so that it cannot change the order of the text around it (UAX #9, isolates)."""
    return f"{FIRST_STRONG_ISOLATE}{name}{POP_ISOLATE}"


def short(name: str) -> str:
    """The beginning of a name, which may be far longer than a button; isolated."""
    return isolated(name if len(name) <= 24 else name[:23] + "…")
