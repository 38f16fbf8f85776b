"""Why a function failed that SQL had called: sqlite3's own error does not say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from common.sealing.records import Value

_T = TypeVar("_T")

_failed = threading.local()


def note_failure(error: BaseException) -> None:
    """Remember why a function of this thread's connection raises."""
    _failed.error = error


def failure() -> BaseException | None:
    """Return why a function of this thread's connection raised last, once."""
    error: BaseException | None = getattr(_failed, "error", None)
    _failed.error = None
    return error


def noting(function: Callable[..., _T]) -> Callable[..., _T]:
    """Return the function such that it remembers why it raises."""

    def noted(*values: Value) -> _T:
        try:
            return function(*values)
        except BaseException as error:
            note_failure(error)
            raise

    return noted


def as_bytes(value: str) -> str:
    """SQL of a value as a function gets it: sqlite3 hands no text to one that is not UTF-8, which
    whoever tampers may write."""
    return f"iif(typeof({value}) = 'text', CAST('t' || {value} AS BLOB), {value})"
