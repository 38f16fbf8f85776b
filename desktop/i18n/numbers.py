"""Writes numbers as the language of the window does: 0.75 in English, 0,75 in Vietnamese."""

from __future__ import annotations

from PyQt5.QtCore import QLocale

from common import number_signs


def decimal(value: float, digits: int = 2) -> str:
    """Return the number with so many digits after the decimal sign."""
    return QLocale().toString(value, "f", digits)


def as_number(text: str) -> str:
    """Return a number that Python has written as the language writes it; other text as it is."""
    locale = QLocale()
    return number_signs.as_number(text, locale.decimalPoint(), locale.groupSeparator())
