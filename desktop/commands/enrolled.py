"""What enrolling commands print of photos that were skipped, and of who got templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from desktop.commands.session import counted, note

if TYPE_CHECKING:
    from gallery.identity import Identity
    from recognition.enrollment.photos import Skipped


def tell_skipped(skipped: Iterable[Skipped]) -> None:
    """Print a line for each skipped photo.

    Photos that were enrolled already have one line for each person.
    """
    skipped = list(skipped)
    again = Counter(photo.enrolled_as for photo in skipped if photo.enrolled_as is not None)
    for identity, count in again.items():
        note(f"{identity.name}: {counted(count, 'picture')} enrolled already.")
    for photo in skipped:
        if photo.enrolled_as is None:
            note(f"Skipped {photo.path}: {photo.reason}")


def summary(
    identities: Sequence[Identity], templates: int, skipped: Sequence[Skipped]
) -> dict[str, Any]:
    return {
        "identities": [{"identity": i.id, "name": i.name} for i in identities],
        "templates": templates,
        "skipped": [{"path": str(s.path), "reason": s.reason} for s in skipped],
    }
