"""Writes numbers as the language does: 0.75 in English, 0,75 in Vietnamese."""

from __future__ import annotations

import re

from PyQt5.QtCore import QLocale

_NUMBER = re.compile(r"-?\d+\.\d+|-?\d{1,3}(,\d{3})+(\.\d+)?")
"""What Python writes with a decimal point, or with commas between thousands."""


def decimal(value: float, digits: int = 2) -> str:
    """Return the number with so many digits after the decimal sign."""
    return QLocale().toString(value, "f", digits)


def as_number(text: str) -> str:
    """Return a number that Python has written as the language writes it; other text as it is."""
    if not _NUMBER.fullmatch(text):
        return text
    locale = QLocale()
    signs = {".": locale.decimalPoint(), ",": locale.groupSeparator()}
    return "".join(signs.get(sign, sign) for sign in text)
