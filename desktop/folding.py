"""How names are compared with what is typed into a search."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Without case and accents: "pham duc" finds Phạm Đức."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).replace("đ", "d")
    return "".join(c for c in decomposed if not unicodedata.combining(c))
