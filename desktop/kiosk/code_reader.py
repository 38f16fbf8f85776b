"""Reads codes from a keyboard: typed by hand, or by a reader that types like one."""

from __future__ import annotations

READER_GAP_S = 0.1
"""A reader types each key sooner after the last; a person seldom does, never READER_KEYS times."""

READER_KEYS = 4
"""The fewest keys of a code that counts as typed by a reader."""

LONGEST = 64


class CodeReader:
    """Tells a reader's code from what a hand types.

    All times are seconds of the same clock, whichever it is.
    """

    def __init__(self) -> None:
        self._keys = ""
        self._typed_at = 0.0

    def key(self, text: str, at: float) -> None:
        """Take one key: a letter, a digit or another sign."""
        if at - self._typed_at > READER_GAP_S:
            self._keys = ""
        self._keys = (self._keys + text)[-LONGEST:]
        self._typed_at = at

    def enter(self, at: float) -> str | None:
        """Return the reader's code that this Enter ends; None where it ends none."""
        keys, self._keys = self._keys, ""
        is_readers = len(keys) >= READER_KEYS and at - self._typed_at <= READER_GAP_S
        return keys if is_readers else None
