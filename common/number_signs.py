"""Writes numbers with the signs of a language: 0.75 in English, 0,75 in Vietnamese."""

from __future__ import annotations

import re

_NUMBER = re.compile("[-+\N{MINUS SIGN}]?" r"(\d+\.\d+|\d{1,3}(,\d{3})+(\.\d+)?)( ?%| ms| s)?")
"""What Python writes with a decimal point, or with commas between thousands; a unit may follow."""

_SIGNS = {"vi": (",", ".")}
"""The decimal sign and the sign between thousands, as in CLDR, where they are not English's."""


def signs_of(code: str) -> tuple[str, str]:
    """Return the decimal sign of a language and its sign between thousands. code: ISO 639."""
    return _SIGNS.get(re.split("[-_]", code)[0], (".", ","))


def as_number(text: str, decimal: str, thousands: str) -> str:
    """Return a number that Python has written with other signs; text that is none as it is."""
    if not _NUMBER.fullmatch(text):
        return text
    signs = {ord("."): decimal, ord(","): thousands}
    return text.translate(signs)
