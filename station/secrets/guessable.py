"""Says which PINs and codes anybody would guess: one rule for the administrator's PIN and people's
codes."""

from __future__ import annotations

from itertools import pairwise

from common.sentence import Sentence

COMMON = frozenset(
    {
        *("1004", "1122", "2580", "0852", "1379", "112233", "159753", "147258"),
        *("qwerty", "qwertz", "azerty", "asdf", "asdfgh", "1q2w3e4r", "abc123"),
        *("password", "passwort", "admin", "root", "code", "letmein", "secret"),
    }
)
"""Secrets that many people choose and that no other rule refuses: figures on the keypad, doubled
digits, and 1004, which sounds like "angel" in Korean; with letters, rows of keys and words for what
is asked for."""

FIRST_TRIED = (
    *(digit * length for length in (4, 6) for digit in "0123456789"),
    *("1234", "0123", "2345", "4321", "3210", "9876", "12345", "54321"),
    *("123456", "012345", "654321", "543210", "1122", "1212", "2580", "112233", "123123"),
)
"""The secrets that somebody who guesses at the keypad types first."""


def guessable(secret: str) -> Sentence | None:
    """Returns why a PIN or code is one of the first that are tried, as the end of a sentence "but
    ..."; None where it is not. secret: in the form in which it is compared."""
    length = len(secret)
    if any(secret == (secret[:n] * length)[:length] for n in range(1, length // 2 + 1)):
        return Sentence("this repeats itself")
    is_number = secret.isascii() and secret.isdigit()
    steps = {ord(b) - ord(a) for a, b in pairwise(secret)}
    if is_number:
        steps = {step % 10 for step in steps}
    if len(steps) == 1 and (is_number or steps <= {1, -1}):
        return Sentence("this counts up or down")
    if is_number and length == 4 and secret[:2] in ("19", "20"):
        return Sentence("this may be a year")
    return Sentence("this is one of the first that are tried") if secret in COMMON else None
