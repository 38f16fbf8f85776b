"""The findings that doctor reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from common.errors import FacedeskError


@dataclass(frozen=True)
class Finding:
    """One thing that doctor checked.

    well: False where something that Facedesk cannot do without is wrong. remedy: what to do where
    something could be better. value: what was found, for a program; None where words alone say it.
    """

    what: str
    well: bool
    found: str
    remedy: str = ""
    value: bool | int | None = None


def checked(what: str, look: Callable[[], str | Finding]) -> Finding:
    """Return what `look` finds, as a Finding.

    A text that `look` returns means that all is well. A FacedeskError becomes a finding, too.
    """
    try:
        found = look()
    except FacedeskError as error:
        return not_well(what, error)
    return Finding(what, True, found) if isinstance(found, str) else found


def not_well(what: str, error: FacedeskError) -> Finding:
    return Finding(what, False, f"expected {error.expected}, but {error.found}", error.remedy)
